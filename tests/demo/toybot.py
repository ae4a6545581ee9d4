"""A small bot that uses everything the playground has to show, without any of our domain."""

import asyncio
import io
import time
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.runtime import Tasks
from tests.demo.toycard import STYLES, Form, JobButton, card, picture


class ToyBot(commands.AutoShardedBot):
    """The toy: `/generate`, `/form`, `/whisper`, `/broken`, `/tools add`."""

    def __init__(self, *, step_seconds: float = 0.25, steps: int = 10) -> None:
        super().__init__(
            "!", intents=discord.Intents.default(), shard_count=1, tree_cls=QuietTree, help_command=None
        )
        self.tasks = Tasks()
        self.step_seconds = step_seconds
        self.steps = steps
        self.held = False
        """Whether whatever is being painted is begun anew again and again."""
        self.uploads: list[bytes] = []
        self.locales: list[str] = []
        self.ages: list[float] = []
        self.last: discord.Interaction | None = None

    async def setup_hook(self) -> None:
        self.add_dynamic_items(JobButton)
        await self.add_cog(Toy(self))
        self.tree.add_command(weigh)
        await self.tree.set_translator(Chinese())
        await self.tree.sync()

    async def on_ready(self) -> None:
        await self.change_presence(activity=discord.CustomActivity("0 in the queue"))


class QuietTree(app_commands.CommandTree):
    async def on_error(self, interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        """Keep silent, as a bot that crashed would."""


class Chinese(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        if locale is not discord.Locale.chinese:
            return None
        words = {
            "Make a picture": "生成一张图片",
            "What to paint": "画什么",
            "prompt": "提示词",
            "generate": "生成",
            "Weigh it": "称一称",
        }
        return words.get(string.message)


@app_commands.context_menu(name="Weigh it")
async def weigh(interaction: discord.Interaction, message: discord.Message) -> None:
    sizes = ", ".join(f"{each.filename} {each.size}" for each in message.attachments)
    await interaction.response.send_message(sizes or "nothing", ephemeral=True)


class Toy(commands.Cog):
    """The commands."""

    def __init__(self, bot: ToyBot) -> None:
        self.bot = bot
        self.jobs = 0

    tools = app_commands.Group(name="tools", description="Tools")

    @tools.command(name="add", description="Add two numbers")
    async def add(
        self, interaction: discord.Interaction, first: int, second: float, loud: bool = False
    ) -> None:
        await interaction.response.send_message(f"{first + second:g}{'!' if loud else ''}")

    @app_commands.command(description="Make a picture")
    @app_commands.describe(prompt="What to paint")
    async def generate(
        self,
        interaction: discord.Interaction,
        prompt: str,
        style: str = "",
        image: discord.Attachment | None = None,
        seed: app_commands.Range[int, 0, 2**53 - 1] = 0,
        count: app_commands.Range[int, 1, 4] = 4,
        friend: discord.Member | None = None,
    ) -> None:
        self.jobs += 1
        job = self.jobs
        self.bot.locales.append(str(interaction.locale))
        self.bot.ages.append((discord.utils.utcnow() - interaction.created_at).total_seconds())
        if image is not None:
            self.bot.uploads.append(await image.read())
        await interaction.response.send_message(view=card(job, prompt, style, 0, self.bot.steps))
        message = await interaction.original_response()
        work = self.paint(message.channel.id, message.id, job, prompt, style, seed, count)
        self.bot.tasks.spawn(work, name=f"job {job}")

    @generate.autocomplete("style")
    async def styles(self, _: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=s.title(), value=s) for s in STYLES if current.lower() in s]

    async def paint(
        self, channel_id: int, message_id: int, job: int, prompt: str, style: str, seed: int, count: int
    ) -> None:
        channel = self.bot.get_partial_messageable(channel_id)
        message = channel.get_partial_message(message_id)
        begun = 0
        while begun < self.bot.steps or self.bot.held:
            step = begun % self.bot.steps + 1
            begun += 1
            await asyncio.sleep(self.bot.step_seconds)
            preview = discord.File(io.BytesIO(picture(seed + job, step)), f"preview{step}.png")
            view = card(job, prompt, style, step, self.bot.steps, preview)
            await message.edit(view=view, attachments=[preview])
        files = [
            discord.File(io.BytesIO(picture(seed + job + n, 9, 512)), f"picture{n}.png") for n in range(count)
        ]
        await message.edit(view=card(job, prompt, style, 0, 0, *files), attachments=files)

    @app_commands.command(description="Only for you")
    async def whisper(self, interaction: discord.Interaction) -> None:
        self.bot.last = interaction
        view = ui.View(timeout=None)
        select: ui.Select[Any] = ui.Select(
            placeholder="Choose a style",
            options=[discord.SelectOption(label=s.title(), value=s, description=f"{s} look") for s in STYLES],
        )

        async def chosen(interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(content=f"You chose **{select.values[0]}**", view=None)

        select.callback = chosen
        view.add_item(select)
        await interaction.response.send_message("psst, `only you` see this", view=view, ephemeral=True)

    @app_commands.command(description="Says it again")
    async def echo(self, interaction: discord.Interaction, words: str = "", style: str = "") -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send(f"{words} ({style})")
        if words == "again":
            answer = await interaction.original_response()
            await answer.reply("and again")

    @app_commands.command(description="Says it once")
    async def say(self, interaction: discord.Interaction, words: str) -> None:
        await interaction.response.send_message(f"said: {words}")

    @app_commands.command(description="For moderators")
    @app_commands.default_permissions(manage_messages=True)
    async def tidy(self, interaction: discord.Interaction) -> None:
        owner = await self.bot.is_owner(interaction.user)
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.response.send_message(f"owner: {owner}, nsfw: {interaction.channel.is_nsfw()}")

    @app_commands.command(description="Hands over files")
    async def files(self, interaction: discord.Interaction) -> None:
        sound = discord.File(io.BytesIO(b"RIFF0000WAVEfmt "), "sound.wav")
        page = discord.File(io.BytesIO(b"<script>alert(1)</script>"), "page.html")
        await interaction.response.send_message("two files", files=[sound, page])

    @app_commands.command(description="Shows a picture again")
    async def show(self, interaction: discord.Interaction, image: discord.Attachment) -> None:
        file = discord.File(io.BytesIO(await image.read()), image.filename)
        await interaction.response.send_message(file=file)

    @app_commands.command(description="Opens a form")
    async def form(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    @app_commands.command(description="Shows Markdown")
    async def words(self, interaction: discord.Interaction) -> None:
        now = int(time.time())
        text = (
            f"# Heading\n**bold** *italic* __under__ ~~gone~~ `code` ||secret|| <@{interaction.user.id}>\n"
            f"- one\n- two\n> quoted <t:{now - 65}:R> [link](https://example.com)\n```py\nprint('<b>')\n```\n-# small"
            "\n<img src=x onerror=alert(1)> <t:99999999999999999:F>"
        )
        embed = discord.Embed(title="An embed", description="with *text*", colour=0x5865F2)
        await interaction.response.send_message(text, embed=embed.add_field(name="Field", value="value"))

    @app_commands.command(description="Never answers")
    async def broken(self, interaction: discord.Interaction) -> None:
        raise RuntimeError("on purpose")
