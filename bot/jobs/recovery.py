"""After a restart: finding every job an earlier process left, and what is to be done about each."""

from dataclasses import dataclass

from bot.jobs.job import Job, JobState
from bot.jobs.ports import JobStore


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


async def remains(store: JobStore) -> Remains:
    """Return what is left to do."""
    unfinished = await store.unfinished()
    return Remains(
        tuple(job for job in unfinished if job.state is JobState.QUEUED),
        tuple(job for job in unfinished if job.state is not JobState.QUEUED),
        await store.undelivered(),
    )
