"""Addresses for people to follow: of messages, and of files that are too large for Discord."""

import re
from collections.abc import Callable

from bot.comfy import FileRef, Fleet
from bot.jobs.model.job import Job, JobOutput
from bot.workflows.binding.linked_outputs import is_hidden

_PLAIN_NAME = re.compile(r"(?!\.)(?!.*\.\.)[\w.\- ]{1,200}")


def message_address(guild_id: int | None, channel_id: int, message_id: int) -> str:
    """Return the link that opens a message in Discord."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def card_address(job: Job) -> str | None:
    """Return the link to the job's card; nobody can follow one to a message that only its owner saw."""
    message, guild_id = job.message, job.request.requester.guild_id
    if message is None or message.message_id is None or message.ephemeral or guild_id is None:
        return None
    # A result that had to be brought directly stands in no channel of the server.
    place = guild_id if message.channel_id == job.request.requester.channel_id else None
    return message_address(place, message.channel_id, message.message_id)


def output_links(fleet: Fleet, public_url: str | None) -> Callable[[Job, JobOutput], str | None]:
    """Return what gives the address of an output, where the operator offers one.

    It leads to the first server: on any other one a file of the same name is somebody else's. There is none for a
    private job, nor for a file whose name anybody could guess from another's: whoever has one address counts on.
    """
    server = fleet.servers[0]

    def link(job: Job, made: JobOutput) -> str | None:
        file = made.output.file
        makers = {run.server for run in job.runs if made in run.outputs}
        if public_url is None or file is None or job.request.private or makers != {server.label}:
            return None
        return server.client.view_url(file, base=public_url) if _may_be_opened(file) else None

    return link


def _may_be_opened(file: FileRef) -> bool:
    # ComfyUI reads `name [input]` as a file of its input folder, and `blake3:…` as one it knows by its hash.
    plain = _PLAIN_NAME.fullmatch(file.filename) is not None
    return plain and file.type == "output" and is_hidden(file.subfolder)
