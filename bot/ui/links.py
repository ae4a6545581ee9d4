"""Addresses of messages, for people to follow."""

from bot.jobs.job import Job


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
