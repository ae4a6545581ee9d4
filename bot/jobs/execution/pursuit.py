"""One run being followed on behalf of its job: progress to show, the start to commit, the wish to end it."""

import logging
from typing import Protocol

from bot.comfy import Event
from bot.jobs.execution.run_monitor import Following
from bot.jobs.execution.run_tracker import Over, Overdue, RunTracker, Verdict
from bot.jobs.execution.websocket_images import WebSocketImages
from bot.jobs.messages.wording import plain
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import Job, Run
from bot.jobs.model.request import JobId
from bot.jobs.progress.progress import Tracker
from bot.jobs.progress.snapshots import Live

log = logging.getLogger(__name__)


class Owner(Protocol):
    """What a pursuit needs of the runner it belongs to."""

    async def mark_running(self, job_id: JobId, run: Run) -> None: ...

    def cancel_wanted(self, job_id: JobId) -> bool: ...

    def show(self, job_id: JobId) -> None: ...

    def monotonic(self) -> float: ...


class Pursuit:
    """Takes in what a following tells, and decides when patience is over."""

    def __init__(
        self,
        runner: Owner,
        job_id: JobId,
        run: Run,
        run_tracker: RunTracker,
        tracker: Tracker,
        caught: WebSocketImages,
    ) -> None:
        self._runner = runner
        self._job_id = job_id
        self._run = run
        self._run_tracker = run_tracker
        self._committed_start = run_tracker.started
        self.live = Live(run.index, tracker)
        self.caught = caught
        self.watchdog: Reason | None = None

    def unwanted(self) -> bool:
        """Whether the run is to end, for whatever reason."""
        return self.watchdog is not None or self._runner.cancel_wanted(self._job_id)

    async def told(self, event: Event | None) -> None:
        """Take in an event, or that the server was asked (None)."""
        await self.caught.hear(event)
        if self._run_tracker.started and not self._committed_start:
            self._committed_start = True
            await self._runner.mark_running(self._job_id, self._run)
        self.live.position = self._run_tracker.position
        self.live.answering = self._run_tracker.answering
        if event is None or self.live.tracker.hear(event, self._runner.monotonic()):
            self._runner.show(self._job_id)

    async def ended(self, following: Following) -> Verdict:
        """Return how the run ended; an overdue one is told to end, and given up when that does not help either."""
        while True:
            verdict = await following.ended()
            if not isinstance(verdict, Overdue) or verdict.reason is None:
                return verdict
            log.warning("prompt %s is overdue (%s)", self._run.prompt_id, verdict.reason)
            self.watchdog = verdict.reason
            self._run_tracker.give_up(self._runner.monotonic())
            following.nudge()


def run_of(job: Job, run: Run) -> Run:
    """Return a run as the job has it now."""
    return next(known for known in job.runs if known.prompt_id == run.prompt_id)


def log_ending(job: Job, run: Run, verdict: Verdict) -> None:
    """Write into the log how a run ended, and all that the person is not told of why."""
    if (why := job.failure) is None:
        log.info("job %s: run %s %s, job %s", job.number, run.index, run.state, job.state)
        return
    log.warning("job %s: %s (reference %s): %s", job.number, job.state, why.reference, why.sentence)
    if isinstance(verdict, Over) and (error := verdict.entry.error) is not None:
        log.warning("(reference %s) node %s (%s) raised %s: %s", why.reference,
                    error.node_id, error.node_type, error.type, plain(error.message))  # fmt: skip
