"""What everybody who watches a job is shown: the newest snapshot of each, and the line they stand in."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate

from bot.jobs.model import estimate
from bot.jobs.model.job import Job, JobOutput, JobState
from bot.jobs.model.request import JobId
from bot.jobs.progress.latest_value import LatestValue
from bot.jobs.progress.progress import Snapshot, Tracker
from bot.jobs.queue.repository import JobRepository
from bot.jobs.queue.scheduler import guild_of, in_order
from bot.runtime import Clock

_SENT = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.RUNNING})

REMEMBERED = 1000
"""Of so many people and guilds it is remembered whose turn was last."""


@dataclass(slots=True)
class Live:
    """What is heard of the run that is on a server now; never stored."""

    run: int
    tracker: Tracker
    position: int | None = None
    answering: bool = True
    """Whether its server answered when last asked about it."""


@dataclass(slots=True)
class Load:
    """What the servers do besides; `remaining` is how many prompts they hold in all, ours included."""

    remaining: dict[str, int] = field(default_factory=dict[str, int])
    up: dict[str, bool] = field(default_factory=dict[str, bool])
    served: dict[int, float] = field(default_factory=dict[int, float])
    """When each person's last job was sent, on the monotonic clock."""
    served_guilds: dict[int, float] = field(default_factory=dict[int, float])
    """The same for each guild."""

    def note_served(self, job: Job, at: float) -> None:
        """Remember whose turn it was."""
        _note(self.served, job.request.requester.user_id, at)
        _note(self.served_guilds, guild_of(job), at)


def _note(served: dict[int, float], who: int, at: float) -> None:
    served.pop(who, None)  # to the end, so that the first is the longest ago
    served[who] = at
    if len(served) > REMEMBERED:
        del served[next(iter(served))]


@dataclass(frozen=True, slots=True)
class _Order:
    """Everybody in line; of each place, how many before it are on servers already and how long those before take."""

    jobs: tuple[Job, ...]
    places: Mapping[JobId, int]
    sent_before: tuple[int, ...]
    seconds_before: tuple[float | None, ...]


class SnapshotPublisher:
    """Makes snapshots and hands them to watchers; never waits for anybody."""

    def __init__(self, repository: JobRepository, clock: Clock, *, servers: int = 1) -> None:
        self._repository = repository
        self._clock = clock
        self._servers = servers
        self._live: dict[JobId, Live] = {}
        self._watchers: dict[JobId, list[LatestValue[Snapshot]]] = {}
        self.load = Load()
        self.timings: dict[str, float] = {}
        self._works: dict[str, float] = {}
        repository.on_change(self._changed)

    @contextmanager
    def following(self, job: Job, live: Live) -> Generator[None]:
        """Show what is heard of a run, as long as it is followed."""
        self._live[job.id] = live
        try:
            yield
        finally:
            self._live.pop(job.id, None)

    @contextmanager
    def watch(self, job: Job) -> Generator[LatestValue[Snapshot]]:
        """Give a cell with the newest snapshot, closed after the final one."""
        cell = LatestValue[Snapshot]()
        cells = self._watchers.setdefault(job.id, [])
        cells.append(cell)
        try:
            cell.put(self.snapshot(job))
            if job.state.is_final:
                cell.close()
            yield cell
        finally:
            cells.remove(cell)
            if not cells:
                self._watchers.pop(job.id, None)

    def line(self) -> tuple[Job, ...]:
        """Return all unfinished jobs in the order in which they run: those on servers, then those waiting here."""
        jobs = self._repository.unfinished
        sent = sorted((job for job in jobs if job.state in _SENT), key=self._sent_order)
        return (
            *sent,
            *in_order(
                (job for job in jobs if job.state is JobState.QUEUED),
                sent,
                self.load.served,
                self.load.served_guilds,
            ),
        )

    def snapshot(self, job: Job, order: "_Order | None" = None) -> Snapshot:
        """Return a job and all that is known of its progress; `order` saves putting everybody in line again."""
        if job.state.is_final:
            return Snapshot(
                job=job, fraction=1.0 if job.state is JobState.SUCCEEDED else None, outputs=job.outputs
            )
        return (
            self._running(job)
            if job.state is JobState.RUNNING
            else self._waiting(job, order or self._in_order())
        )

    def heard(self, job_id: JobId) -> None:
        """Show a job's progress to those who watch it."""
        job = self._repository.peek(job_id)
        if job is not None and job_id in self._watchers:
            self._put(job, self.snapshot(job))

    def refresh(self) -> None:
        """Show those who wait how the line has moved."""
        if not self._watchers:
            return
        order = self._in_order()
        for job in order.jobs:
            if job.id in self._watchers and job.state is not JobState.RUNNING:
                self._put(job, self.snapshot(job, order))

    def _changed(self, job: Job) -> None:
        if job.id in self._watchers and (job.state.is_final or job.state is JobState.RUNNING):
            self._put(job, self.snapshot(job))
        self.refresh()

    def _put(self, job: Job, snapshot: Snapshot) -> None:
        for cell in self._watchers.get(job.id, ()):
            cell.put(snapshot)
            if job.state.is_final:
                cell.close()

    def _running(self, job: Job) -> Snapshot:
        live = self._live.get(job.id)
        outputs = job.outputs
        done = job.done_runs
        elapsed = None if job.started_at is None else max(0.0, self._clock.now() - job.started_at)
        if live is None:
            return Snapshot(
                job=job, fraction=done / job.planned, run=done, elapsed=elapsed, outputs=outputs,
                server_up=self._up(),
            )  # fmt: skip
        tracker = live.tracker
        fraction = (
            None
            if tracker.fraction is None and not done
            else (done + (tracker.fraction or 0.0)) / job.planned
        )
        made = tuple(JobOutput(live.run, index, output) for index, output in enumerate(tracker.outputs))
        return Snapshot(
            job=job,
            fraction=fraction,
            node_title=tracker.node_title,
            step=tracker.step,
            steps=tracker.steps,
            run=live.run,
            elapsed=elapsed,
            remaining=self._remaining(job, tracker),
            preview=tracker.preview.image if tracker.preview else None,
            preview_format=tracker.preview.format if tracker.preview else "jpeg",
            outputs=(*outputs, *made),
            server_up=live.answering,
        )

    def remember(self, usual: Mapping[str, estimate.Usual]) -> None:
        """Take up what runs took before this process began."""
        self.timings.update({workflow: each.seconds for workflow, each in usual.items()})
        self._works.update({workflow: each.work for workflow, each in usual.items()})

    def learned(self, job: Job, seconds: float) -> None:
        """Take one more run's duration into the averages, newer ones counting more."""
        workflow, work = job.request.workflow, estimate.work_of(job.values)
        usual = self._works.get(workflow)
        if usual is None:
            self.timings[workflow], self._works[workflow] = seconds, work
            return
        self.timings[workflow] = self.timings[workflow] * 0.8 + seconds * 0.2
        self._works[workflow] = usual * 0.8 + work * 0.2

    def _remaining(self, job: Job, tracker: Tracker) -> float | None:
        typical = estimate.duration_for(job, self.timings, self._works)
        known = estimate.time_left(job, self._clock.now(), self.timings, self._works)
        if tracker.remaining is None:
            return known
        later = max(0, job.planned - job.done_runs - 1)
        if later and typical is None:
            return None
        return tracker.remaining + later * (typical or 0.0)

    def _in_order(self) -> "_Order":
        jobs = self.line()
        return _Order(
            jobs,
            {job.id: place for place, job in enumerate(jobs)},
            tuple(accumulate((int(job.state in _SENT) for job in jobs), initial=0)),
            estimate.seconds_before(jobs, self._clock.now(), self.timings, self._works),
        )

    def _waiting(self, job: Job, order: "_Order") -> Snapshot:
        before = order.places.get(job.id, len(order.jobs))
        live = self._live.get(job.id)
        place = live.position if live is not None else None
        if place is not None:
            # On the server already: the server's own order counts, one prompt runs and the others wait before it.
            position, ahead = place, place
        else:
            held = sum(self.load.remaining.values())
            sent = order.sent_before[before]
            ahead = max(held, sent) + before - sent
            position = max(1, ahead if held or sent else ahead + 1)
        strangers = max(0, ahead - before)
        wait = estimate.wait_after(order.seconds_before[before], strangers, self.timings, self._servers)
        return Snapshot(
            job=job, position=position, ahead=ahead, wait=wait, run=job.done_runs, outputs=job.outputs,
            fraction=job.done_runs / job.planned if job.done_runs else None,
            server_up=self._up() if live is None else live.answering,
        )  # fmt: skip

    def _up(self) -> bool:
        return any(self.load.up.values()) if self.load.up else True

    def _sent_order(self, job: Job) -> tuple[float, int]:
        run = job.current_run
        return (
            run.submitted_at if run is not None and run.submitted_at is not None else job.created_at,
            job.number,
        )
