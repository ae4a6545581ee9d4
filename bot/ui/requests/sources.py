"""Results as inputs: our copy, else from the image server, else from the message that shows them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import PurePath

import discord

from bot.client import ComfyBot
from bot.comfy import OutputKind
from bot.discord_errors import DISCORD_ERRORS
from bot.errors import UserError
from bot.jobs.files.outputs import NotNow
from bot.jobs.model.job import Job, JobOutput
from bot.jobs.model.request import InputRef
from bot.ui.interactions.components import fetched
from bot.ui.interactions.replies import log
from bot.ui.messages.media import file_name

WITHIN = 60.0
"""Seconds a picture may take from the image server; the person sees that we are at it."""
FROM_DISCORD = 30.0


def pictures_of(job: Job) -> dict[int, JobOutput]:
    """Return the job's pictures by the number that also stands in their file names."""
    return {
        number: made
        for number, made in enumerate(job.outputs, start=1)
        if made.output.kind is OutputKind.IMAGE
    }


async def result(
    interaction: discord.Interaction[ComfyBot], job: Job, made: JobOutput, ordinal: int
) -> InputRef:
    """Keep a job's picture as an input; raises `UserError` that says what to do when it is nowhere any more."""
    bot = interaction.client
    name = file_name(job, made, ordinal, "png")
    receiver, person = bot.services.receiver, interaction.user.id
    try:
        path = await fetched(bot, bot.services.jobs.fetch(made, job_id=job.id), within=WITHIN)
    except NotNow as error:
        failure: UserError = error
    except (UserError, OSError):
        failure = UserError(
            "This picture is gone: neither the image server nor the message has it any more. "
            "Press “Again” to make a new one, or attach it with /generate."
        )
    else:
        return await receiver.file(path, name, person=person)
    async for attachment in _shown(interaction, job):
        if PurePath(attachment.filename.removeprefix("SPOILER_")).stem == PurePath(name).stem:
            return await receiver.attached(attachment, person=person)
    raise failure


async def _shown(interaction: discord.Interaction[ComfyBot], job: Job) -> AsyncIterator[discord.Attachment]:
    """Yield what the job's messages show, the one that was pressed first."""
    here = interaction.message
    for attachment in here.attachments if here is not None else ():
        yield attachment
    for ref in (job.message, *job.parts.values()):
        if ref is None or ref.message_id is None or ref.ephemeral or (here and here.id == ref.message_id):
            continue
        channel = interaction.client.get_partial_messageable(ref.channel_id)
        try:
            async with asyncio.timeout(FROM_DISCORD):
                message = await channel.fetch_message(ref.message_id)
        except DISCORD_ERRORS as error:
            log.info("message %s of job %s cannot be read: %s", ref.message_id, job.id, error)
            continue
        for attachment in message.attachments:
            yield attachment
