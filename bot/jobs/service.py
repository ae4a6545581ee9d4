"""The jobs of everybody: accepting, cancelling, watching, and the loop that sends them."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from random import Random

from bot.comfy import Fleet
from bot.jobs.content import ContentStore
from bot.jobs.job import Job, JobOutput, MessageRef
from bot.jobs.latest import Latest
from bot.jobs.ports import HistoryQuery, JobStore, Page
from bot.jobs.progress import Snapshot
from bot.jobs.request import JobId, Request
from bot.runtime import Clock, Spawn
from bot.settings import LimitSettings
from bot.workflows.library import Library


class CancelOutcome(StrEnum):
    """What a cancellation did."""

    CANCELLED = "cancelled"
    """It was still waiting with us and has ended."""
    STOPPING = "stopping"
    """The server was asked; it ends as soon as the server lets go of it."""
    FINISHED = "finished"
    """It had already ended."""


class JobService:
    """The only writer of job state."""

    def __init__(
        self,
        *,
        store: JobStore,
        fleet: Fleet,
        library: Library,
        limits: LimitSettings,
        content: ContentStore,
        clock: Clock,
        spawn: Spawn,
        depth: int = 2,
        previews: bool = True,
        poll: float = 3.0,
        random: Random | None = None,
    ) -> None: ...

    async def submit(self, request: Request, *, message: MessageRef | None = None) -> Job:
        """Accept a request: bound once against what is known, within the limits, committed as QUEUED.

        Raises `UserError` with one sentence that says what is possible.
        """
        ...

    async def attach_message(self, job_id: JobId, message: MessageRef) -> Job:
        """Store where the job is shown."""
        ...

    async def delivered(self, job_id: JobId) -> Job:
        """Store that the person has got the final card."""
        ...

    async def cancel(self, job_id: JobId, *, by: int, moderator: bool = False) -> CancelOutcome:
        """End exactly this job; raises `UserError` for somebody else's job unless a moderator asks."""
        ...

    async def get(self, job_id: JobId) -> Job:
        """Return the job as it stands; raises `UserError` when nobody knows it any more."""
        ...

    async def snapshot(self, job_id: JobId) -> Snapshot:
        """Return the job and its progress now; raises `UserError` when nobody knows it any more."""
        ...

    @asynccontextmanager
    async def watch(self, job_id: JobId) -> AsyncGenerator[Latest[Snapshot]]:
        """Give a cell that holds the newest snapshot, the present one at once; closed after the final one."""
        yield Latest()

    def active(self) -> tuple[Job, ...]:
        """Return all unfinished jobs, in the order in which they will run; no I/O."""
        ...

    async def find(self, key: str) -> Job | None:
        """Return a job by its id or its short number (`17` or `#17`)."""
        ...

    async def history(self, query: HistoryQuery) -> Page: ...

    async def forget(self, job_id: JobId, *, by: int, moderator: bool = False) -> None:
        """Remove a finished job from the history; raises `UserError` where it may not."""
        ...

    def on_accepted(self, callback: Callable[[Job], None]) -> None:
        """Call back for every job accepted from now on, and for every recovered one still to be delivered."""

    async def recover(self) -> None:
        """Take up every unfinished and undelivered job of an earlier process; once, before `run`."""

    async def run(self) -> None:
        """Send waiting jobs whenever a server has room; until cancelled."""

    async def drain(self) -> None:
        """Accept and send nothing more; what is on its way stays committed for the next start."""

    async def fetch(self, job_output: JobOutput, *, job_id: JobId) -> Path:
        """Return our copy of an output, fetched from its server when we have none; raises `UserError` if gone."""
        ...
