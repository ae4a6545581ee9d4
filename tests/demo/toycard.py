"""What the toy bot shows: a card with its picture, buttons that live on, and a form."""

import io
import re
import time
from typing import Any, Self

import discord
from discord import ui
from PIL import Image, ImageDraw

STYLES = ["watercolour", "oil", "ink", "pixel", "pencil", "charcoal", "fresco"]


def picture(seed: int, step: int, size: int = 256) -> bytes:
    image = Image.new("RGB", (size, size), ((seed * 47) % 200, 40 + step * 15, 160))
    draw = ImageDraw.Draw(image)
    for ring in range(step + 1):
        inset = 8 + ring * 10
        draw.ellipse((inset, inset, size - inset, size - inset), outline=(255, 220 - ring * 18, 120), width=5)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class JobButton(ui.DynamicItem[ui.Button[Any]], template=r"job:(?P<action>\w+):(?P<job>\d+)"):
    def __init__(self, action: str, job: int, *, disabled: bool = False) -> None:
        label, style, emoji = {
            "cancel": ("Cancel", discord.ButtonStyle.danger, None),
            "again": ("Again", discord.ButtonStyle.primary, "🔁"),
            "edit": ("Edit", discord.ButtonStyle.secondary, "✏️"),
            "delete": ("Delete", discord.ButtonStyle.danger, None),
        }[action]
        super().__init__(
            ui.Button(
                label=label, style=style, emoji=emoji, custom_id=f"job:{action}:{job}", disabled=disabled
            )
        )
        self.action = action

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["action"], int(match["job"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        match self.action:
            case "edit":
                await interaction.response.send_modal(Form())
            case "delete":
                await interaction.response.defer()
                await interaction.delete_original_response()
            case _:
                await interaction.response.send_message(f"{self.action} was pressed", ephemeral=True)


class Form(ui.Modal, title="Edit and make again"):
    prompt: ui.Label[Any] = ui.Label(
        text="Prompt", component=ui.TextInput(style=discord.TextStyle.paragraph, default="a lighthouse")
    )
    style: ui.Label[Any] = ui.Label(
        text="Style",
        description="How it should look",
        component=ui.Select(options=[discord.SelectOption(label=style) for style in STYLES]),
    )
    image: ui.Label[Any] = ui.Label(text="Image", component=ui.FileUpload(required=False, max_values=2))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        prompt, style, upload = self.prompt.component, self.style.component, self.image.component
        assert isinstance(prompt, ui.TextInput)
        assert isinstance(style, ui.Select)
        assert isinstance(upload, ui.FileUpload)
        sizes = [len(await file.read()) for file in upload.values]
        await interaction.response.send_message(f"form: {prompt.value} | {style.values[0]} | {sizes}")


def card(job: int, prompt: str, style: str, step: int, steps: int, *files: discord.File) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    running = steps > 0
    box: ui.Container[Any] = ui.Container(accent_colour=0x5865F2 if running else 0x23A55A)
    box.add_item(ui.TextDisplay(f"### {prompt}"))
    if running:
        bar = "▰" * step + "▱" * (steps - step)
        text = ui.TextDisplay(f"Painting `{bar}` **{step}/{steps}**\n-# {style or 'any style'}")
        if files:
            box.add_item(ui.Section(text, accessory=ui.Thumbnail(files[0])))
        else:
            box.add_item(text)
        box.add_item(row(job, "cancel"))
    else:
        box.add_item(ui.MediaGallery(*(discord.MediaGalleryItem(file) for file in files)))
        box.add_item(ui.Separator())
        box.add_item(ui.TextDisplay(f"-# Finished <t:{int(time.time())}:R> · {style or 'any style'}"))
        box.add_item(row(job, "again", "edit", "delete"))
    return view.add_item(box)


def row(job: int, *actions: str) -> ui.ActionRow[Any]:
    buttons: list[Any] = [JobButton(action, job) for action in actions]
    return ui.ActionRow(*buttons)
