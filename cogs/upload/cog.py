"""/upload: put a picture or a mask where workflows on the image server can load it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path, PurePath

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyClient, FileRef
from bot.comfy.files import plain_name
from bot.errors import UserError
from bot.i18n import as_code
from bot.ui.files.attachments import check_declared
from bot.ui.forms.extras import upload_folder
from bot.ui.interactions.components import Answer, fetched, permit_moderator, present
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language

NAME = 60
WITHIN = 60.0
"""Seconds one file may take on its way to the server; the person sees that we are at it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, before anything is downloaded."""

    image: discord.Attachment | None
    mask: discord.Attachment | None
    stem: str
    """What to call it, without the extension that tells what it is."""
    folder: str
    overwrite: bool


class Upload(commands.Cog):
    """Stores pictures in the image server's input folder, in a folder of this Discord server's own."""

    @app_commands.command(name="upload", description="Put a picture on the image server: for moderators")
    @app_commands.describe(
        image="The picture",
        mask="White where something is to change; alone, or for the picture",
        name="What to call it; without this, as the file is called",
        overwrite="Replace what this server has stored under that name",
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.default_permissions(manage_messages=True)
    async def upload(
        self,
        interaction: discord.Interaction[ComfyBot],
        image: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        name: app_commands.Range[str, 1, NAME] | None = None,
        overwrite: bool = False,
    ) -> None:
        """Store what is attached, and answer with the name workflows load it by."""
        await permit_moderator(interaction)
        given = image or mask
        if given is None:
            raise UserError("Please attach an `image`, a `mask`, or both.")
        for attachment in (image, mask):
            if attachment is not None:
                check_declared(attachment)
        stem, folder = stored_stem(name or given.filename), upload_folder(interaction.guild_id)
        wanted = Wanted(image, mask, stem, folder, overwrite)
        await present(interaction, _answer(interaction, wanted))


async def _answer(interaction: discord.Interaction[ComfyBot], wanted: Wanted) -> Answer:
    bot, lang = interaction.client, language(interaction)
    async with AsyncExitStack() as stack:
        files = await _clean(bot, wanted, interaction.user.id, stack)
        stored = await fetched(bot, _store(bot.services.fleet.pick().client, wanted, files), within=WITHIN)
    names = "\n".join(f"`{as_code(ref.load_value)}`" for ref in stored)
    await bot.services.policy.note(
        await actor_of(interaction), "upload", detail=", ".join(ref.load_value for ref in stored)
    )
    return Answer(text=f"{lang.t('Stored. In workflows it is called:')}\n{names}")


def stored_stem(name: str) -> str:
    """Return a plain file name without extension: no folders, nothing a server or shell could stumble over."""
    return PurePath(plain_name(name)).stem[:NAME]


async def _clean(bot: ComfyBot, wanted: Wanted, person: int, stack: AsyncExitStack) -> tuple[Path, ...]:
    """Return what is to be stored, on disk until the stack ends: the picture or the mask, then the two as one."""
    services = bot.services

    async def clean(attachment: discord.Attachment) -> Path:
        raw = await stack.enter_async_context(services.receiver.downloaded(attachment, person=person))
        making = services.decoder.clean(raw, attachment.filename, person=person)
        return await stack.enter_async_context(making)

    image = await clean(wanted.image) if wanted.image is not None else None
    if wanted.mask is None:
        return (image,) if image is not None else ()
    name = wanted.mask.filename
    making = services.decoder.mask(await clean(wanted.mask), name, person=person)
    mask = await stack.enter_async_context(making)
    if image is None:
        return (mask,)
    return image, await stack.enter_async_context(services.decoder.layer(mask, image, name, person=person))


async def _store(client: ComfyClient, wanted: Wanted, files: tuple[Path, ...]) -> tuple[FileRef, ...]:
    first, *layers = files
    name = f"{wanted.stem}{first.suffix}"
    original = await client.upload_image(first, name, subfolder=wanted.folder, overwrite=wanted.overwrite)
    masked = [
        await client.upload_mask(
            layer,
            f"{PurePath(original.filename).stem}-masked.png",
            original=original,
            subfolder=wanted.folder,
            overwrite=wanted.overwrite,
        )
        for layer in layers
    ]
    return original, *masked


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Upload())
