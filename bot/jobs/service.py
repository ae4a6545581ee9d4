"""The jobs of everybody: accepting, cancelling, watching, and seeing each to its end."""

import asyncio
import contextlib
import logging
import random as randomness
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from random import Random

from bot.comfy import Fleet, Server
from bot.errors import UserError
from bot.jobs.archive import Archive
from bot.jobs.execution.admission import Admission
from bot.jobs.execution.crew import Crew
from bot.jobs.execution.dispatcher import Dispatcher
from bot.jobs.execution.health import Health
from bot.jobs.execution.recovery import Mine, of_shards, remains
from bot.jobs.execution.run_monitor import Pace
from bot.jobs.execution.runner import Runner
from bot.jobs.execution.sending import Sender
from bot.jobs.files.content import ContentStore
from bot.jobs.files.erasing import Erasing
from bot.jobs.files.outputs import Outputs, Publish, as_it_is
from bot.jobs.model import transitions
from bot.jobs.model.job import Job, JobState, MessageRef
from bot.jobs.model.ports import JobStore
from bot.jobs.model.request import JobId, Request
from bot.jobs.progress.latest_value import LatestValue
from bot.jobs.progress.progress import Snapshot
from bot.jobs.progress.snapshots import SnapshotPublisher
from bot.jobs.queue.plan import NO_SIZES, MaySay, Plan
from bot.jobs.queue.repository import JobRepository
from bot.media.dimensions import dimensions
from bot.runtime import Clock, Spawn
from bot.settings import LimitSettings
from bot.workflows.binding.growth import Size
from bot.workflows.library.library import Library

log = logging.getLogger(__name__)

DRAIN_SECONDS = 5.0
"""How long a stop waits for requests whose answer decides whether a server has a job."""


class CancelOutcome(StrEnum):
    """What a cancellation did."""

    CANCELLED = "cancelled"
    """It was still waiting with us and has ended."""
    STOPPING = "stopping"
    """The server was asked; it ends as soon as the server lets go of it."""
    FINISHED = "finished"
    """It had already ended."""


class JobService(Archive):
    """The only writer of job state.

    `content` keeps attached inputs, `kept` our copies of outputs; both may be the same store.
    """

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
        kept: ContentStore | None = None,
        depth: int = 2,
        previews: bool = True,
        pace: Pace | None = None,
        grace: float = 10.0,
        random: Random | None = None,
        mine: Mine | None = None,
        may_say: MaySay = lambda _texts, _negative: None,
        publish: Publish = as_it_is,
        linked: bool = False,
    ) -> None:
        """Make a service; `linked` says that people may open outputs by their address on the server."""
        pace = pace or Pace()
        repository = JobRepository(store)
        super().__init__(
            store=store,
            repository=repository,
            snapshots=SnapshotPublisher(repository, clock, servers=len(fleet.servers)),
            plan=Plan(
                library,
                limits,
                random or randomness.SystemRandom(),
                may_say,
                linked=linked,
                measure=lambda ref: dimensions(content.path(ref)),
            ),
            fleet=fleet,
            outputs=Outputs(repository, fleet, kept or content, publish=publish),
            erasing=Erasing(store, fleet, kept=kept or content, inputs=content),
            clock=clock,
            spawn=spawn,
            pause=pace.second_look,
        )
        self._mine = mine or of_shards(None, ())
        self._admission = Admission(
            self._repository, self._plan, self._snapshots, fleet, limits, clock, content
        )
        self._health = Health(clock, self._snapshots.load, store.by_prompt_ids, every=min(2.0, pace.poll))
        self._callbacks: list[Callable[[Job], None]] = []
        crew = Crew(
            repository=self._repository,
            snapshots=self._snapshots,
            sender=Sender(self._plan, content, pace=pace, previews=previews, reached=self._reached),
            plan=self._plan,
            health=self._health,
            keep=(kept or content).put,
            clock=clock,
            pace=pace,
            stall=limits.stall,
            grace=grace,
            draining=lambda: self._dispatcher.draining,
        )
        self._runner = Runner(crew)
        self._dispatcher = Dispatcher(
            self._repository,
            self._snapshots,
            self._runner,
            self._health,
            fleet,
            spawn,
            clock,
            depth=depth,
            tick=min(1.0, pace.poll),
        )

    async def submit(self, request: Request, *, message: MessageRef | None = None) -> Job:
        """Accept a request: bound once against what is known, within the limits, committed as QUEUED.

        Raises `UserError` with one sentence that says what is possible.
        """
        if self._dispatcher.draining:
            raise UserError("The bot is about to restart. Please try again in a minute.")
        job = await self._admission.accept(request, message)
        log.info("job %s (%s) accepted: %s for user %s", job.number, job.id, job.request.workflow,
                 job.request.requester.user_id)  # fmt: skip
        self._show(job)
        self._dispatcher.wake()
        return job

    async def check(self, request: Request, sizes: Mapping[str, Size] = NO_SIZES) -> None:
        """Raise `UserError` where this request would not be accepted now; nothing is kept of it.

        `sizes` are those of pictures that are not here yet, by parameter, as far as they are known.
        """
        await self._admission.check(request, sizes)

    async def cancel(self, job_id: JobId, *, by: int) -> CancelOutcome:
        """End exactly this job; whether this person may was asked before, of the policy."""
        job = await self.get(job_id)
        if job.state.is_final:
            return CancelOutcome.FINISHED
        if not self._mine(job):
            raise UserError("Please cancel this in the Discord server where it was asked for.")
        job = await self._change(job_id, lambda job: transitions.cancel_wanted(job, by, self._clock.now()))
        log.info("job %s: user %s wants it to end; it is %s", job.number, by, job.state)
        if job.state.is_final:
            self._dispatcher.wake()
            return CancelOutcome.CANCELLED if job.state is JobState.CANCELLED else CancelOutcome.FINISHED
        self._runner.nudge(job_id)
        return CancelOutcome.STOPPING

    @asynccontextmanager
    async def watch(self, job_id: JobId) -> AsyncGenerator[LatestValue[Snapshot]]:
        """Give a cell that holds the newest snapshot, the present one at once; closed after the final one.

        Raises `UserError` when nobody knows the job any more.
        """
        job = await self.get(job_id)
        with self._snapshots.watch(self._repository.peek(job_id) or await self._newest(job)) as cell:
            yield cell

    def active(self) -> tuple[Job, ...]:
        """Return all unfinished jobs, in the order in which they will run; no I/O."""
        return self._snapshots.line()

    def on_accepted(self, callback: Callable[[Job], None]) -> None:
        """Call back for every job accepted from now on, and for every recovered one still to be delivered."""
        self._callbacks.append(callback)

    async def recover(self) -> None:
        """Take up every unfinished and undelivered job of an earlier process; once, before `run`."""
        self._snapshots.remember(await self._store.timings())
        left = await remains(self._store, self._mine)
        for job in (*left.sent, *left.waiting):
            self._repository.adopt(job)
        log.info("found %d jobs waiting, %d sent, %d not delivered",
                 len(left.waiting), len(left.sent), len(left.untold))  # fmt: skip
        for job in left.to_show:
            self._show(job)
        for job in left.sent:
            self._dispatcher.resume(job)

    async def being_deleted(self) -> tuple[Job, ...]:
        """Return the jobs of this process that somebody has deleted and that are still there."""
        return tuple(job for job in await self._store.being_deleted() if self._mine(job))

    async def run(self) -> None:
        """Send waiting jobs whenever a server has room; until cancelled."""
        await self._dispatcher.run()

    async def drain(self) -> None:
        """Accept and send nothing more; what is on its way stays committed for the next start."""
        self._dispatcher.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._repository.until(
                    lambda jobs: all(job.state is not JobState.SUBMITTING for job in jobs)
                )

    def _reached(self, server: Server, answers: bool) -> None:
        (self._health.answered if answers else self._health.failed)(server)
        self._snapshots.refresh()

    async def _newest(self, job: Job) -> Job:
        # It may have ended between the two looks.
        return job if job.state.is_final else await self.get(job.id)

    def _show(self, job: Job) -> None:
        for callback in self._callbacks:
            callback(job)
