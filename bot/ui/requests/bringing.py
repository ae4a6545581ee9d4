"""Pictures to go on from, wherever they lie: fetched and kept as inputs at the moment they are needed."""

import asyncio

import discord

from bot.client import ComfyBot
from bot.discord_errors import DISCORD_ERRORS
from bot.errors import UserError
from bot.jobs.model.request import InputRef
from bot.ui.files.pictures import Shown, pictures_in
from bot.ui.interactions.replies import log
from bot.ui.interactions.rights import permit_on_card
from bot.ui.requests import sources
from bot.ui.requests.attached import attachment_of, noted
from bot.ui.requests.reposted import going_on
from bot.users.form_drafts import Attached, JobPicture, MessagePicture, PictureSource

Interaction = discord.Interaction[ComfyBot]
PATIENCE = 10.0
"""Seconds for looking at a message again."""


def key_of(shown: Shown, number: int) -> str:
    """Return what tells a picture of a message from its others: the id of what is attached, else its number there."""
    return str(shown.attachment.id) if shown.attachment is not None else f"n{number}"


def source_of(shown: Shown) -> Attached:
    """Return where a picture of a message that is before us lies; a size of 0 says that it is not attached there."""
    if shown.attachment is not None:
        return noted(shown.attachment)
    return Attached(address=shown.address, name=shown.name, size=0)


async def bring(interaction: Interaction, source: PictureSource) -> InputRef:
    """Fetch a picture and keep it as an input.

    Raises `UserError` where it is gone, or where this person may not go on from it by now.
    """
    match source:
        case JobPicture():
            job = await interaction.client.services.jobs.get(source.job)
            await permit_on_card(interaction, "use", job)
            made = sources.pictures_of(job).get(source.ordinal)
            if made is None:
                raise UserError("This job has made no picture to go on from.")
            return await sources.result(interaction, job, made, source.ordinal)
        case MessagePicture():
            shown = await _shown_at(interaction, source)
        case Attached():
            attachment = attachment_of(interaction, source) if source.size else None
            shown = Shown(source.name, source.address, attachment)
    client = interaction.client
    return await client.services.receiver.shown(
        shown, person=interaction.user.id, proxy=client.http.proxy, check=going_on(interaction)
    )


async def _shown_at(interaction: Interaction, source: MessagePicture) -> Shown:
    """Return a picture of a message as it is now; raises `UserError` where that is gone, or hidden from us."""
    channel = interaction.client.get_partial_messageable(interaction.channel_id or 0)
    try:
        async with asyncio.timeout(PATIENCE):
            message = await channel.fetch_message(source.message)
    except DISCORD_ERRORS as error:
        log.info("message %s cannot be read again: %s", source.message, error)
        raise UserError(
            "I cannot read that message any more. Please attach the picture with `/generate` instead."
        ) from error
    pictures = enumerate(pictures_in(message), start=1)
    found = next((each for number, each in pictures if key_of(each, number) == source.key), None)
    if found is None:
        raise UserError("This picture is not in that message any more.")
    return found
