"""What people mark jobs with: favourites, and the wish to be told of the end; what it needs of a store."""

from dataclasses import dataclass
from typing import Protocol

from bot.jobs.model.request import JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Somebody wants to be told when a job has ended: where it is shown, or `direct`ly."""

    user_id: int
    locale: str
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Favour:
    """Whether a person has a job among their favourites, and how many people have it there."""

    own: bool
    count: int


class MarkStore(Protocol):
    """Keeps marks. They go when their job goes; marking a job that is gone raises `LookupError`."""

    async def favour(self, job_id: JobId, user_id: int, *, at: float) -> Favour:
        """Add the job to the person's favourites, or take it out of them; returns how it is then."""
        ...

    async def favoured(self, job_id: JobId, user_id: int) -> Favour:
        """Return how it is."""
        ...

    async def remind(self, job_id: JobId, reminder: Reminder) -> None:
        """Note that somebody wants to be told; a later wish of the same person takes the place of the earlier one."""
        ...

    async def reminders(self, job_id: JobId) -> tuple[Reminder, ...]:
        """Return who wants to be told of the end."""
        ...

    async def reminded(self, job_id: JobId, user_id: int) -> None:
        """Note that somebody was told, or does not want to be told any more."""
        ...

    async def overdue(self) -> tuple[JobId, ...]:
        """Return the delivered jobs of which somebody still waits to hear."""
        ...
