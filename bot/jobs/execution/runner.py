"""One job's life on a server, from its turn to its end."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from bot.comfy import ComfyError, Mailbox, Problem, Server, Unreachable
from bot.jobs.execution.crew import Crew
from bot.jobs.execution.failure_counter import FailureCounter
from bot.jobs.execution.outcome import Circumstances, settled
from bot.jobs.execution.pursuit import Pursuit, log_ending, run_of
from bot.jobs.execution.run_monitor import Following
from bot.jobs.execution.run_tracker import Over, Overdue, Patience, RunTracker, Verdict
from bot.jobs.execution.sending import Absent, Prepared, Refused, Taken, referenced
from bot.jobs.execution.websocket_images import WebSocketImages
from bot.jobs.messages.complaints import for_the_log, of_problems
from bot.jobs.messages.sentences import fell_silent, keeps_failing, not_taken, our_mistake, unknown_by_now
from bot.jobs.model import transitions
from bot.jobs.model.failure import Failure
from bot.jobs.model.job import Job, JobState, Run
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.model.request import JobId
from bot.jobs.progress.progress import Tracker
from bot.observe.reference import new_reference
from bot.workflows.graph.graph import AnyGraph

log = logging.getLogger(__name__)


class Runner:
    """Sees jobs through. One `live` per job at a time."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._repository = crew.repository
        self._followings: dict[JobId, Following] = {}
        self._failures = FailureCounter(crew.repository, crew.clock)
        self._gates: dict[str, asyncio.Lock] = {}

    def nudge(self, job_id: JobId) -> None:
        """Make a job's follower look up: somebody wants it to end."""
        if following := self._followings.get(job_id):
            following.nudge()

    async def live(self, job_id: JobId, server: Server) -> None:
        """Return when the job has ended or waits for its turn again; never raises but for being cancelled."""
        while True:
            try:
                while await self._step(job_id, server):
                    pass
            except StoreUnavailable as error:
                # Not the job's fault, nor the server's: however long it lasts, nothing is given up for that.
                log.warning("job %s goes on when the database works again: %s", job_id, error)
            except Exception:
                log.exception("job %s: something unexpected", job_id)
                if await self._failures.end_after_too_many(job_id, our_mistake):
                    return
            else:
                self._failures.over(job_id)
                return
            await asyncio.sleep(self._crew.pace.second_look)

    async def _step(self, job_id: JobId, server: Server) -> bool:
        """Do the next thing for a job; returns whether there is more to do now."""
        job = self._repository.peek(job_id)
        if job is None or job.state.is_final:
            return False
        if (run := job.current_run) is not None:
            return await self._resume(job, run, server)
        if job.cancel_requested_by is not None:
            await self._change(job, lambda job: transitions.ended(job, JobState.CANCELLED, self._now()))
            return False
        if self._crew.draining():
            return False
        return await self._send(job, server)

    async def _send(self, job: Job, server: Server) -> bool:
        with ExitStack() as watching:
            # One at a time, so that jobs arrive in the order in which it was their turn.
            async with self._gates.setdefault(server.label, asyncio.Lock()):
                prepared = await self._prepare(job, server)
                if prepared is None:
                    return False
                run = self._crew.sender.new_run(job, server, prepared)
                job = await self._change(job, lambda job: self._begun(job, run))
                if job.current_run != run:
                    return True  # cancelled, begun before, or the bot is stopping: nothing was sent
                inbox = watching.enter_context(server.listener.watch(run.prompt_id))
                answer = await self._crew.sender.post(job, run, prepared, server)
            if answer is None:
                answer = await self._crew.sender.find_out(run, server, self._given_up(job.id))
            return await self._answered(job, run, answer, server, inbox, prepared.graph)

    async def _prepare(self, job: Job, server: Server) -> Prepared | None:
        """Get a job ready to be sent; None when it was refused or has to wait, which is settled then."""
        if self._crew.health.is_down(server):
            # It fell silent while this one waited at the gate: another server may be there for it.
            await self._change(job, transitions.waiting_again)
            return None
        try:
            await self._take_out_strays(job, server)
            prepared = await self._crew.sender.prepare(job, server)
        except ComfyError as error:
            log.warning("job %s waits: %s: %s", job.number, server.label, error)
            self._crew.health.failed(server)
            if isinstance(error, Unreachable) or not await self._failures.one_more(job.id, keeps_failing):
                await self._change(job, transitions.waiting_again)
            return None
        if isinstance(prepared, Refused):
            await self._refuse(job, None, prepared)
            return None
        return prepared

    async def _resume(self, job: Job, run: Run, server: Server) -> bool:
        """Go on with a run that may be on a server already, sent before a restart or before a mishap."""
        with server.listener.watch(run.prompt_id) as inbox:
            if run.state is JobState.SUBMITTING:
                found = await self._crew.sender.find_out(run, server, self._given_up(job.id))
                return await self._answered(job, run, found, server, inbox, self._crew.plan.graph_again(job))
            return await self._follow(job, run, server, inbox, self._crew.plan.graph_again(job))

    async def _answered(
        self, job: Job, run: Run, answer: Taken | Refused | Absent, server: Server, inbox: Mailbox, graph: AnyGraph
    ) -> bool:  # fmt: skip
        match answer:
            case Refused():
                await self._refuse(job, run, answer)
                return False
            case Absent(silent=silent):
                await self._absent(job, run, server, silent=silent)
                return False
            case Taken(problems=problems):
                notice = self._left_out(job, problems, server) if problems else job.notice
                job = await self._change(
                    job, lambda job: replace(transitions.submitted(job, run, self._now()), notice=notice)
                )
                return await self._follow(job, run_of(job, run), server, inbox, graph)

    async def _follow(self, job: Job, run: Run, server: Server, inbox: Mailbox, graph: AnyGraph) -> bool:
        crew = self._crew
        patience = Patience(stall=crew.stall, timeout=crew.plan.timeout(job), grace=crew.grace)
        listener = server.listener
        heard = listener.connected and listener.client_id == run.client_id
        tracker = RunTracker(
            crew.clock.monotonic(), patience, heard=heard, started=run.state is JobState.RUNNING
        )
        delivered = crew.plan.delivered(job)
        caught = WebSocketImages(run.prompt_id, graph, crew.keep)
        pursuit = Pursuit(self, job.id, run, tracker, Tracker(graph, delivered=delivered), caught)
        following = Following(
            run.prompt_id, tracker, inbox, server.client,
            clock=crew.clock, pace=crew.pace, told=pursuit.told, unwanted=pursuit.unwanted,
        )  # fmt: skip
        self._followings[job.id] = following
        try:
            with crew.snapshots.following(job, pursuit.live):
                verdict = await pursuit.ended(following)
                if heard and isinstance(verdict, Over):
                    await caught.rest(inbox)
                if isinstance(verdict, Overdue):
                    self._leave(server, run, tracker)
                around = Circumstances(
                    graph=graph, delivered=delivered, patience=patience, reference=new_reference(),
                    watchdog=pursuit.watchdog, answering=tracker.answering, caught=caught.kept,
                )  # fmt: skip
                after = await self._change(
                    job, lambda job: settled(job, run_of(job, run), verdict, around, self._now())
                )
        finally:
            self._followings.pop(job.id, None)
        self._note_ending(after, run, verdict)
        return not after.state.is_final and after.state is not JobState.QUEUED

    async def mark_running(self, job_id: JobId, run: Run) -> None:
        """Commit that the server works on a run."""

        def started(job: Job) -> Job:
            current = run_of(job, run)
            return (
                transitions.running(job, current, self._now()) if current.state is JobState.SUBMITTED else job
            )

        await self._repository.change(job_id, started)

    def show(self, job_id: JobId) -> None:
        """Show the job's progress to whoever watches."""
        self._crew.snapshots.heard(job_id)

    def monotonic(self) -> float:
        """Return the time durations are measured by."""
        return self._crew.clock.monotonic()

    def cancel_wanted(self, job_id: JobId) -> bool:
        """Whether somebody wants the job to end."""
        job = self._repository.peek(job_id)
        return job is not None and job.cancel_requested_by is not None

    def _given_up(self, job_id: JobId) -> Callable[[], bool]:
        """Return what says whether a silent server is to be asked no more."""
        until = self.monotonic() + self._crew.pace.silence
        return lambda: self.cancel_wanted(job_id) or self.monotonic() >= until

    def _begun(self, job: Job, run: Run) -> Job:
        if job.state.is_final or job.cancel_requested_by is not None or self._crew.draining():
            return job
        # An earlier beginning may be there although we never heard that it was committed: it is gone on with.
        return job if job.current_run is not None else transitions.begun(job, run)

    async def _refuse(self, job: Job, run: Run | None, refused: Refused) -> None:
        failure = referenced(refused)
        log.info("job %s refused (reference %s): %s", job.number, failure.reference, failure.sentence)
        await self._change(job, lambda job: transitions.refused(job, run, self._now(), failure))

    async def _absent(self, job: Job, run: Run, server: Server, *, silent: bool) -> None:
        self._crew.health.failed(server)
        # Asked in the place of one that is no longer ours, a server cannot say what that one has.
        why = fell_silent if silent else not_taken if run.server == server.label else unknown_by_now
        failure = why(new_reference())
        await self._change(job, lambda job: transitions.never_taken(job, run, self._now(), failure))
        self._crew.health.left_behind(server)

    async def _take_out_strays(self, job: Job, server: Server) -> None:
        """Make sure that no earlier attempt, given up as absent, turns up after all and runs beside the new one."""
        for run in job.runs:
            if run.state is JobState.LOST and run.server == server.label:
                await server.client.cancel(run.prompt_id)

    def _leave(self, server: Server, run: Run, tracker: RunTracker) -> None:
        if tracker.answering and tracker.started:
            self._crew.health.stuck(server, run.prompt_id)
        else:
            self._crew.health.left_behind(server)

    def _left_out(self, job: Job, problems: tuple[Problem, ...], server: Server) -> Failure:
        failure = of_problems(problems, new_reference(), self._crew.plan.places(job, server))
        log.warning("job %s: part of the graph was left out (reference %s): %s",
                    job.number, failure.reference, for_the_log(problems))  # fmt: skip
        return failure

    def _note_ending(self, job: Job, run: Run, verdict: Verdict) -> None:
        ended = run_of(job, run)
        took = ended.state is JobState.SUCCEEDED and ended.started_at is not None and ended.finished_at
        if took and ended.started_at is not None:
            self._crew.snapshots.learned(job, took - ended.started_at)
        log_ending(job, ended, verdict)

    async def _change(self, job: Job, change: Callable[[Job], Job]) -> Job:
        return await self._repository.change(job.id, change)

    def _now(self) -> float:
        return self._crew.clock.now()
