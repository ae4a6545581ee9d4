"""Addresses for people to follow: of messages, and of files that are too large for Discord."""

from collections.abc import Callable

from bot.comfy import Fleet
from bot.jobs.job import Job, JobOutput


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

    It leads to the first server: on any other one a file of the same name is somebody else's.
    """
    server = fleet.servers[0]

    def link(job: Job, made: JobOutput) -> str | None:
        file = made.output.file
        makers = {run.server for run in job.runs if made in run.outputs}
        if public_url is None or file is None or not file.on_server or makers != {server.label}:
            return None
        return server.client.view_url(file, base=public_url)

    return link
