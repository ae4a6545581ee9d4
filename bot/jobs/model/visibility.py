"""Who sees which jobs: the one rule. The store asks the same rule as a part of its queries, so that no count tells more."""

from dataclasses import dataclass

from bot.jobs.model.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who looks at the jobs of a guild, with what they can read there now."""

    user_id: int
    guild_id: int | None
    channels: frozenset[int] = frozenset()
    """Channels and threads whose messages they can read, of those that were asked about."""
    everything: bool = False
    """An operator, who sees all jobs of the guild."""


def sees(viewer: Viewer, job: Job) -> bool:
    """Whether somebody may see a job.

    Their own always; others' of the same guild where it is not private and they can read the messages of the channel
    it was asked for in; operators all of the guild.
    """
    requester = job.request.requester
    if requester.user_id == viewer.user_id:
        return True
    if viewer.guild_id is None or requester.guild_id != viewer.guild_id:
        return False
    return viewer.everything or (not job.request.private and requester.channel_id in viewer.channels)
