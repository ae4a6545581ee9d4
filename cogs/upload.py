"""/upload: put a picture or a mask where workflows on the image server can load it."""

import asyncio
from dataclasses import dataclass
from pathlib import PurePath

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyClient, FileRef
from bot.comfy.files import plain_name
from bot.errors import UserError
from bot.ui.attachments import check_declared, receive
from bot.ui.extras import upload_folder
from bot.ui.people import actor_of
from bot.ui.pressing import Answer, fetched, permit_moderator, present
from bot.ui.replies import language
from bot.ui.transparency import transparency
from bot.workflows.masks import mask_picture

NAME = 60
WITHIN = 60.0
"""Seconds one file may take on its way to the server; the person sees that we are at it."""


@dataclass(frozen=True, slots=True)
class Load:
    """What to store: clean PNG bytes, under which name, in which folder."""

    image: bytes | None
    mask: bytes | None
    name: str
    folder: str
    overwrite: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, before anything is downloaded."""

    image: discord.Attachment | None
    mask: discord.Attachment | None
    name: str
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
        wanted = Wanted(image, mask, stored_name(name or given.filename), overwrite)
        await present(interaction, _answer(interaction, wanted))


async def _answer(interaction: discord.Interaction[ComfyBot], wanted: Wanted) -> Answer:
    bot, lang = interaction.client, language(interaction)
    load = Load(
        image=await _bytes(bot, wanted.image),
        mask=await _mask(bot, wanted.mask),
        name=wanted.name,
        folder=upload_folder(interaction.guild_id),
        overwrite=wanted.overwrite,
    )
    stored = await fetched(bot, _store(bot.services.fleet.pick().client, load), within=WITHIN)
    names = "\n".join(f"`{ref.load_value}`" for ref in stored)
    await bot.services.policy.note(
        await actor_of(interaction), "upload", detail=", ".join(ref.load_value for ref in stored)
    )
    return Answer(text=f"{lang.t('Stored. In workflows it is called:')}\n{names}")


def stored_name(name: str) -> str:
    """Return a plain file name for a PNG: no folders, nothing a server or shell could stumble over."""
    return f"{PurePath(plain_name(name)).stem[:NAME]}.png"


async def _bytes(bot: ComfyBot, attachment: discord.Attachment | None) -> bytes | None:
    if attachment is None:
        return None
    content = bot.services.content
    return await content.get(await receive(attachment, content))


async def _mask(bot: ComfyBot, attachment: discord.Attachment | None) -> bytes | None:
    data = await _bytes(bot, attachment)
    return await asyncio.to_thread(mask_picture, data) if data is not None else None


async def _store(client: ComfyClient, load: Load) -> tuple[FileRef, ...]:
    if load.image is None:
        assert load.mask is not None
        return (await _image(client, load, load.mask),)
    original = await _image(client, load, load.image)
    if load.mask is None:
        return (original,)
    cut = await asyncio.to_thread(transparency, load.mask, load.image)
    masked = await client.upload_mask(
        cut,
        f"{PurePath(original.filename).stem}-masked.png",
        original=original,
        subfolder=load.folder,
        overwrite=load.overwrite,
    )
    return original, masked


async def _image(client: ComfyClient, load: Load, data: bytes) -> FileRef:
    return await client.upload_image(data, load.name, subfolder=load.folder, overwrite=load.overwrite)


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Upload())
