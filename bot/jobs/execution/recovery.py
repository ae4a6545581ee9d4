"""After a restart: finding every job an earlier process left, and what is to be done about each."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.jobs.model.job import Job, JobState
from bot.jobs.model.ports import JobStore


@dataclass(frozen=True, slots=True)
class Remains:
    """What an earlier process left behind, each oldest first."""

    waiting: tuple[Job, ...] = ()
    """Never sent: their turn comes again."""
    sent: tuple[Job, ...] = ()
    """On a server, or perhaps: to be looked for and followed to their end."""
    untold: tuple[Job, ...] = ()
    """Ended, but the person has not been shown."""

    @property
    def to_show(self) -> tuple[Job, ...]:
        """All of them: each has a card that somebody waits for."""
        return (*self.untold, *self.sent, *self.waiting)


Mine = Callable[[Job], bool]
"""Whether this process is the one to see a job through."""


def guilds_of(count: int | None, ids: Collection[int]) -> Callable[[int | None], bool]:
    """Return whether a guild belongs to a process that serves these shards (none: all of them).

    A guild's shard follows from its id; direct messages (None) come to the first shard.
    """
    if not count or not ids:
        return lambda _guild: True
    return lambda guild: ((guild or 0) >> 22) % count in ids


def of_shards(count: int | None, ids: Collection[int]) -> Mine:
    """Return what a process that serves these shards sees through: what was asked for there."""
    ours = guilds_of(count, ids)
    return lambda job: ours(job.request.requester.guild_id)


async def remains(store: JobStore, mine: Mine) -> Remains:
    """Return what is left to do here; the rest is another process's."""
    unfinished = [job for job in await store.unfinished() if mine(job)]
    return Remains(
        tuple(job for job in unfinished if job.state is JobState.QUEUED),
        tuple(job for job in unfinished if job.state is not JobState.QUEUED),
        tuple(job for job in await store.undelivered() if mine(job)),
    )
