"""What the jobs need of a store; implemented elsewhere, so that the domain knows no database."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Protocol

from bot.jobs.model.estimate import Usual
from bot.jobs.model.job import Job
from bot.jobs.model.request import InputRef, JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the limits are measured against, read in the transaction that accepts a job."""

    active: int = 0
    """The person's unfinished jobs."""
    queued: int = 0
    """Everybody's unfinished jobs."""
    today: int = 0
    """How many pictures the person asked for since midnight UTC; cancelled before it started does not count.

    What was removed from the history since counts all the same.
    """
    last_at: float | None = None
    """When the person's newest job was accepted, removed or not, seconds since the epoch."""
    waiting: Mapping[str, int] = field(default_factory=dict[str, int])
    """Runs still to do, by workflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """Which finished and unfinished jobs of a guild to list, newest first.

    Who looks, and what they may see, is as in `bot.jobs.model.visibility.Viewer`: without that, their own jobs alone.
    """

    viewer: int
    guild_id: int | None
    channels: frozenset[int] = frozenset()
    everything: bool = False
    user_id: int | None = None
    text: str = ""
    """Words to look for in prompts."""
    workflows: tuple[str, ...] = ()
    """Names; empty means all."""
    since: float | None = None
    """Asked for then or later, seconds since the epoch."""
    favourites: bool = False
    """Only what is among the viewer's own favourites."""
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Derived:
    """Somebody's job that was made from another person's."""

    job_id: JobId
    direct: bool
    """Whether its picture comes from that person; else only its words do."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the jobs a query found, and how many there are in all."""

    jobs: tuple[Job, ...]
    total: int


Admit = Callable[[Standing], None]
"""Raises `UserError` where a limit is reached."""


class StoreUnavailable(Exception):  # noqa: N818 - names what is the case, like the rest of the vocabulary
    """The store cannot do anything now: its disk is full, or it is locked, or it does not answer. It may later."""


class JobStore(Protocol):
    """Keeps jobs. Every method commits before it returns, and raises `StoreUnavailable` when it cannot."""

    async def accept(self, job: Job, admit: Admit) -> Job:
        """Check and insert in one transaction that no other acceptance can interleave; returns it with its number."""
        ...

    async def save(self, job: Job) -> None:
        """Store the whole of a job that was accepted before."""
        ...

    async def get(self, job_id: JobId) -> Job | None: ...

    async def by_number(self, number: int) -> Job | None: ...

    async def by_prompt_ids(self, prompt_ids: tuple[str, ...]) -> Mapping[str, Job]:
        """Return the jobs these prompt ids belong to, of any attempt."""
        ...

    async def unfinished(self) -> tuple[Job, ...]:
        """Return every job that has not ended, oldest first."""
        ...

    async def undelivered(self) -> tuple[Job, ...]:
        """Return every job that has ended without being delivered and was not deleted, oldest first."""
        ...

    async def being_deleted(self) -> tuple[Job, ...]:
        """Return every job that somebody has deleted and that is still there, oldest first."""
        ...

    async def active_of(self, user_id: int) -> tuple[Job, ...]: ...

    async def ended_of(self, user_id: int, limit: int) -> tuple[Job, ...]:
        """Return some of a person's jobs that have ended, of every guild."""
        ...

    async def jobs_of(self, user_id: int, *, after: int, limit: int) -> tuple[Job, ...]:
        """Return some of a person's jobs with numbers above `after`, of every guild, oldest first."""
        ...

    async def ended_before(self, time: float, limit: int) -> tuple[Job, ...]:
        """Return some of the jobs that ended, and were told of, before a time in seconds since the epoch."""
        ...

    async def ended_in(self, guild_id: int, limit: int) -> tuple[Job, ...]:
        """Return some of a guild's jobs that have ended."""
        ...

    async def derived_from(self, user_id: int) -> tuple[Derived, ...]:
        """Return others' jobs that were made from a person's, oldest first."""
        ...

    async def listed(self, query: HistoryQuery) -> Page:
        """Return one page of the jobs that `bot.jobs.model.visibility.sees` lets the viewer see, and how many there are."""
        ...

    async def channels_of(self, guild_id: int) -> frozenset[int]:
        """Return the channels and threads of a guild in which jobs were asked for that are not private."""
        ...

    async def forget(self, job_id: JobId) -> None:
        """Remove a job and everything about it but what it counts as against its person's limits."""
        ...

    async def spent(self, user_id: int, *, midnight: float) -> int:
        """Return how many pictures a person has asked for since the day began; see `Standing.today`."""
        ...

    async def forget_counters(self, *, day: float, last: float) -> None:
        """Remove what removed jobs counted as on days before `day`, asked for before `last`."""
        ...

    async def in_use(self, sha256s: Set[str]) -> frozenset[str]:
        """Return which of these files any job has as an input or as our copy of an output, or any form as an input.

        Everything is read for it, however few files are asked about: ask once about many.
        """
        ...

    async def inputs_of(self, user_id: int) -> tuple[InputRef, ...]:
        """Return the files that a person's jobs have as inputs, each once, the longest unused first."""
        ...

    async def standing(self, job: Job) -> Standing:
        """Return what the limits would be measured against if this job were to be accepted now."""
        ...

    async def attached(self, sha256: str) -> bool:
        """Whether any job, or any form that was begun, has this file as an input."""
        ...

    async def timings(self) -> Mapping[str, Usual]:
        """Return what one recent run took on average, by workflow."""
        ...
