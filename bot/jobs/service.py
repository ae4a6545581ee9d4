"""The jobs of everybody: accepting, cancelling, watching, and seeing each to its end."""

import asyncio
import contextlib
import logging
import random as randomness
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from bot.comfy import ComfyError, Fleet, Server
from bot.errors import UserError
from bot.jobs import life
from bot.jobs.board import Board
from bot.jobs.cancelling import CancelOutcome
from bot.jobs.content import ContentStore
from bot.jobs.crew import Crew
from bot.jobs.erasing import Erasing
from bot.jobs.feeder import Feeder
from bot.jobs.follow import Pace
from bot.jobs.health import Health
from bot.jobs.intake import Intake
from bot.jobs.job import Job, JobOutput, JobState, MessageRef
from bot.jobs.latest import Latest
from bot.jobs.ledger import Ledger
from bot.jobs.outputs import Outputs, Publish, as_it_is
from bot.jobs.plan import Plan
from bot.jobs.ports import HistoryQuery, JobStore, Page, StoreUnavailable
from bot.jobs.progress import Snapshot
from bot.jobs.recovery import Mine, of_shards, remains
from bot.jobs.request import JobId, Request
from bot.jobs.runner import Runner
from bot.jobs.sending import Sender
from bot.runtime import Clock, Spawn
from bot.settings import LimitSettings
from bot.workflows.library import Library

log = logging.getLogger(__name__)

DRAIN_SECONDS = 5.0
"""How long a stop waits for requests whose answer decides whether a server has a job."""


class JobService:
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
        may_say: Callable[[Iterable[str]], None] = lambda _texts: None,
        publish: Publish = as_it_is,
    ) -> None:
        pace = pace or Pace()
        self._store = store
        self._pause = pace.second_look
        self._mine = mine or of_shards(None, ())
        self._fleet = fleet
        self._clock = clock
        self._ledger = Ledger(store)
        self._plan = Plan(library, limits, random or randomness.SystemRandom(), may_say)
        self._board = Board(self._ledger, clock, servers=len(fleet.servers))
        self._intake = Intake(self._ledger, self._plan, self._board, fleet, limits, clock)
        self._health = Health(clock, self._board.load, store.by_prompt_ids, every=min(2.0, pace.poll))
        self._outputs = Outputs(self._ledger, fleet, kept or content, publish=publish)
        self._callbacks: list[Callable[[Job], None]] = []
        self._on_delivered: list[Callable[[Job], None]] = []
        self._spawn = spawn
        self._erasing = Erasing(store, fleet, kept=kept or content, inputs=content)
        crew = Crew(
            ledger=self._ledger,
            board=self._board,
            sender=Sender(self._plan, content, pace=pace, previews=previews, reached=self._reached),
            plan=self._plan,
            health=self._health,
            keep=(kept or content).put,
            clock=clock,
            pace=pace,
            stall=limits.stall,
            grace=grace,
            draining=lambda: self._feeder.draining,
        )
        self._runner = Runner(crew)
        self._feeder = Feeder(
            self._ledger,
            self._board,
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
        if self._feeder.draining:
            raise UserError("The bot is about to restart. Please try again in a minute.")
        job = await self._intake.accept(request, message)
        log.info("job %s (%s) accepted: %s for user %s", job.number, job.id, job.request.workflow,
                 job.request.requester.user_id)  # fmt: skip
        self._show(job)
        self._feeder.wake()
        return job

    async def attach_message(self, job_id: JobId, message: MessageRef) -> Job:
        """Store where the job is shown; raises `UserError` when nobody knows the job any more."""
        return await self._insist(job_id, lambda job: replace(job, message=message))

    async def attach_part(self, job_id: JobId, number: int, message: MessageRef | None) -> Job:
        """Store which message is the job's second, third …, or that there is none; raises `UserError` like above."""

        def attached(job: Job) -> Job:
            others = {known: ref for known, ref in job.parts.items() if known != number}
            return replace(job, parts=others if message is None else {**others, number: message})

        return await self._insist(job_id, attached)

    async def delivered(self, job_id: JobId, *, reached: bool = True) -> Job:
        """Store that the person has got the final card, or can only find it in the history; the first time counts."""
        now = self._clock.now()
        job = await self._insist(
            job_id,
            lambda job: (
                job if job.delivered_at is not None else replace(job, delivered_at=now, unreached=not reached)
            ),
        )
        for callback in self._on_delivered:
            callback(job)
        return job

    async def cancel(self, job_id: JobId, *, by: int, moderator: bool = False) -> CancelOutcome:
        """End exactly this job; raises `UserError` for somebody else's job unless a moderator asks."""
        job = await self.get(job_id)
        if job.request.requester.user_id != by and not moderator:
            raise UserError("Only the person who asked for this, or a moderator, can cancel it.")
        if job.state.is_final:
            return CancelOutcome.FINISHED
        if not self._mine(job):
            raise UserError("Please cancel this in the Discord server where it was asked for.")
        job = await self._change(job_id, lambda job: life.cancel_wanted(job, by, self._clock.now()))
        log.info("job %s: user %s wants it to end; it is %s", job.number, by, job.state)
        if job.state.is_final:
            self._feeder.wake()
            return CancelOutcome.CANCELLED if job.state is JobState.CANCELLED else CancelOutcome.FINISHED
        self._runner.nudge(job_id)
        return CancelOutcome.STOPPING

    async def get(self, job_id: JobId) -> Job:
        """Return the job as it stands; raises `UserError` when nobody knows it any more."""
        job = await self._ledger.get(job_id)
        if job is None:
            raise _unknown()
        return job

    async def snapshot(self, job_id: JobId) -> Snapshot:
        """Return the job and its progress now; raises `UserError` when nobody knows it any more."""
        return self._board.snapshot(await self.get(job_id))

    @asynccontextmanager
    async def watch(self, job_id: JobId) -> AsyncGenerator[Latest[Snapshot]]:
        """Give a cell that holds the newest snapshot, the present one at once; closed after the final one.

        Raises `UserError` when nobody knows the job any more.
        """
        job = await self.get(job_id)
        with self._board.watch(self._ledger.peek(job_id) or await self._newest(job)) as cell:
            yield cell

    def active(self) -> tuple[Job, ...]:
        """Return all unfinished jobs, in the order in which they will run; no I/O."""
        return self._board.line()

    async def find(self, key: str) -> Job | None:
        """Return a job by its id or its short number (`17` or `#17`)."""
        key = key.strip().lstrip("#")
        if len(key) == 32:
            return await self._ledger.get(JobId(key.lower()))
        job = await self._store.by_number(int(key)) if key.isascii() and key.isdigit() else None
        return job and (self._ledger.peek(job.id) or job)

    async def by_prompt_ids(self, *prompt_ids: str) -> dict[str, Job]:
        """Return whose jobs these prompts on a server are; strangers' prompts are left out."""
        return dict(await self._store.by_prompt_ids(prompt_ids))

    async def history(self, query: HistoryQuery) -> Page:
        """Return one page of the jobs a viewer may see, newest first."""
        return await self._store.listed(query)

    async def forget(self, job_id: JobId, *, by: int, moderator: bool = False) -> None:
        """Remove a finished job from the history; raises `UserError` where it may not."""
        job = await self.get(job_id)
        if job.request.requester.user_id != by and not moderator:
            raise UserError("Only the person who asked for this, or a moderator, can remove it.")
        if not job.state.is_final:
            raise UserError("This is not finished yet. Cancel it first.")
        await self._store.forget(job_id)
        self._spawn(self._erasing.erase(job), name=f"traces of job {job.number}")

    async def forget_all(self, user_id: int) -> int:
        """Remove all jobs of a person, of every server; returns how many. Raises `UserError` while any is under way."""
        if await self._store.active_of(user_id):
            raise UserError("Some of your jobs are still on their way. Stop them with `/cancel` first.")
        gone = await self._erasing.forget_all(user_id)
        self._spawn(self._erasing.erase_all(gone), name="traces of a person's jobs")
        return len(gone)

    async def veil(self, job_id: JobId, veiled: bool, *, by: int, moderator: bool = False) -> Job:
        """Store whether a job's files are a spoiler; raises `UserError` where it may not be said."""
        job = await self.get(job_id)
        if job.request.requester.user_id != by and not moderator:
            raise UserError("Only the person who asked for this, or a moderator, can do that.")
        return await self._change(
            job_id,
            lambda job: (
                job if job.spoiler == veiled else replace(job, request=replace(job.request, spoiler=veiled))
            ),
        )

    async def graph(self, job: Job) -> Mapping[str, Any]:
        """Return what was run last for a job, as its server tells it, else made again from the workflow there is now.

        Raises `UserError` when the workflow is gone or takes the values no more.
        """
        run = next(reversed(job.runs), None)
        server = self._fleet.find(run.server) if run is not None else None
        if run is not None and server is not None:
            try:
                entry = await server.client.history_entry(run.prompt_id)
            except ComfyError as error:
                log.info("job %s: its server does not tell what was run: %s", job.number, error)
            else:
                if entry is not None and entry.graph:
                    return entry.graph
        info = self._fleet.pick().client.cached_object_info
        return self._plan.again(job, self._plan.info_of(info)).graph

    def on_accepted(self, callback: Callable[[Job], None]) -> None:
        """Call back for every job accepted from now on, and for every recovered one still to be delivered."""
        self._callbacks.append(callback)

    def on_delivered(self, callback: Callable[[Job], None]) -> None:
        """Call back for every job whose final card the person has got, or can find in the history only."""
        self._on_delivered.append(callback)

    async def recover(self) -> None:
        """Take up every unfinished and undelivered job of an earlier process; once, before `run`."""
        self._board.remember(await self._store.timings())
        left = await remains(self._store, self._mine)
        for job in (*left.sent, *left.waiting):
            self._ledger.adopt(job)
        log.info("found %d jobs waiting, %d sent, %d not delivered",
                 len(left.waiting), len(left.sent), len(left.untold))  # fmt: skip
        for job in left.to_show:
            self._show(job)
        for job in left.sent:
            self._feeder.resume(job)

    async def run(self) -> None:
        """Send waiting jobs whenever a server has room; until cancelled."""
        await self._feeder.run()

    async def drain(self) -> None:
        """Accept and send nothing more; what is on its way stays committed for the next start."""
        self._feeder.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._ledger.until(
                    lambda jobs: all(job.state is not JobState.SUBMITTING for job in jobs)
                )

    async def fetch(self, job_output: JobOutput, *, job_id: JobId) -> Path:
        """Return our copy of an output, fetched from its server when we have none; raises `UserError` if gone."""
        return await self._outputs.fetch(await self.get(job_id), job_output)

    def _reached(self, server: Server, answers: bool) -> None:
        (self._health.answered if answers else self._health.failed)(server)
        self._board.refresh()

    async def _newest(self, job: Job) -> Job:
        # It may have ended between the two looks.
        return job if job.state.is_final else await self.get(job.id)

    async def _insist(self, job_id: JobId, change: Callable[[Job], Job]) -> Job:
        """Commit what has already happened in Discord, however long the store cannot do it."""
        while True:
            try:
                return await self._change(job_id, change)
            except StoreUnavailable as error:
                log.warning(
                    "job %s: what Discord shows is noted when the database works again: %s", job_id, error
                )
            await asyncio.sleep(self._pause)

    async def _change(self, job_id: JobId, change: Callable[[Job], Job]) -> Job:
        try:
            return await self._ledger.change(job_id, change)
        except LookupError:  # also one that was removed while it was being changed
            raise _unknown() from None

    def _show(self, job: Job) -> None:
        for callback in self._callbacks:
            callback(job)


def _unknown() -> UserError:
    return UserError("This job is no longer known here.")
