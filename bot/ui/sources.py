"""Results as inputs: our copy, else from the image server, else from the message that shows them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import PurePath

import discord

from bot.client import ComfyBot
from bot.comfy import OutputKind
from bot.errors import UserError
from bot.jobs.job import Job, JobOutput
from bot.jobs.outputs import NotNow
from bot.jobs.request import InputRef
from bot.trouble import TROUBLE
from bot.ui.attachments import cleaned
from bot.ui.media import file_name
from bot.ui.pressing import fetched
from bot.ui.replies import log

WITHIN = 60.0
"""Seconds a picture may take from the image server; the person sees that we are at it."""
FROM_DISCORD = 30.0
MOST_BYTES = 200 * 1024 * 1024
"""Our own results may be larger than what people may attach; their pixels are counted all the same."""


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
    data = await _bytes(interaction, job, made, name)
    clean = await asyncio.to_thread(cleaned, data, name, most=MOST_BYTES)
    return await bot.services.content.put(clean, "png")


async def _bytes(interaction: discord.Interaction[ComfyBot], job: Job, made: JobOutput, name: str) -> bytes:
    bot = interaction.client
    try:
        path = await fetched(bot, bot.services.jobs.fetch(made, job_id=job.id), within=WITHIN)
        return await asyncio.to_thread(path.read_bytes)
    except NotNow as error:
        failure: UserError = error
    except (UserError, OSError):
        failure = UserError(
            "This picture is gone: neither the image server nor the message has it any more. "
            "Press “Again” to make a new one, or attach it with /generate."
        )
    async for attachment in _shown(interaction, job):
        if PurePath(attachment.filename.removeprefix("SPOILER_")).stem == PurePath(name).stem:
            with suppress(TimeoutError, discord.DiscordException, OSError):
                async with asyncio.timeout(FROM_DISCORD):
                    return await attachment.read()
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
        except TROUBLE as error:
            log.info("message %s of job %s cannot be read: %s", ref.message_id, job.id, error)
            continue
        for attachment in message.attachments:
            yield attachment
