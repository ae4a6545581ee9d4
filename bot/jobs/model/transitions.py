"""The steps of a job's life as pure functions: a job goes in, the job after the step comes out."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.comfy import HistoryEntry, Output
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import Job, JobOutput, JobState, Run
from bot.jobs.model.request import InputRef

NOTHING: Mapping[Output, InputRef] = MappingProxyType({})

MOST_ATTEMPTS = 3
"""How often one run is sent at most."""


def attempts(job: Job, index: int) -> int:
    """Return how often a run has been sent."""
    return sum(run.index == index for run in job.runs)


def begun(job: Job, run: Run) -> Job:
    """Note that a run is about to be sent under its prompt id."""
    if job.state is JobState.QUEUED:
        job = job.to(JobState.SUBMITTING)
    return job.with_run(run)


def submitted(job: Job, run: Run, now: float) -> Job:
    """Note that the server has the run."""
    if job.state is JobState.SUBMITTING:
        job = job.to(JobState.SUBMITTED)
    return job.with_run(run.to(JobState.SUBMITTED, submitted_at=now))


def running(job: Job, run: Run, now: float) -> Job:
    """Note that the server works on the run."""
    if job.state is JobState.SUBMITTED:
        job = job.to(JobState.RUNNING, started_at=job.started_at or now)
    return job.with_run(run.to(JobState.RUNNING, started_at=now))


def succeeded(
    job: Job,
    run: Run,
    entry: HistoryEntry,
    outputs: tuple[Output, ...],
    now: float,
    *,
    kept: Mapping[Output, InputRef] = NOTHING,
) -> Job:
    """End the run well, and the job with it when it was the last; `kept` are outputs we have our own copies of."""
    made = _made(run, outputs, kept)
    started = _started(run, entry, now)
    job = job.with_run(run.to(JobState.SUCCEEDED, outputs=made, started_at=started, finished_at=now))
    if job.state is JobState.SUBMITTED:
        job = job.to(JobState.RUNNING, started_at=job.started_at or started)
    if job.done_runs >= job.planned:
        return job.to(JobState.SUCCEEDED, finished_at=now)
    return job


def ended(
    job: Job,
    state: JobState,
    now: float,
    *,
    run: Run | None = None,
    failure: Failure | None = None,
    outputs: tuple[Output, ...] = (),
    kept: Mapping[Output, InputRef] = NOTHING,
) -> Job:
    """End the job otherwise, and the run that was under way with it; what it had made is kept."""
    if run is not None:
        job = job.with_run(run.to(state, outputs=_made(run, outputs, kept), finished_at=now))
    return job.to(state, finished_at=now, failure=failure)


def requeued(job: Job, run: Run, now: float) -> Job:
    """Let a job whose run certainly never started wait for its turn again; the attempt is kept."""
    if job.state is JobState.QUEUED:
        return job
    return job.with_run(run.to(JobState.LOST, finished_at=now)).to(JobState.QUEUED)


def refused(job: Job, run: Run | None, now: float, failure: Failure) -> Job:
    """End a job that its server does not take as it is."""
    return job if job.state.is_final else ended(job, JobState.FAILED, now, run=run, failure=failure)


def never_taken(job: Job, run: Run, now: float, failure: Failure) -> Job:
    """Return the job after its server certainly has not got the run: to be sent again, unless that was tried enough.

    A run that was lost sight of may have been taken all the same, and is not sent again.
    """
    if job.cancel_requested_by is not None:
        return ended(job, JobState.CANCELLED, now, run=run)
    if failure.reason is Reason.LOST:
        return ended(job, JobState.LOST, now, run=run, failure=failure)
    if attempts(job, run.index) >= MOST_ATTEMPTS:
        return ended(job, JobState.FAILED, now, run=run, failure=failure)
    return requeued(job, run, now)


def waiting_again(job: Job) -> Job:
    """Let a job wait for its turn again whose server went away before the next run was sent."""
    return job if job.state.is_final or job.state is JobState.QUEUED else job.to(JobState.QUEUED)


def cancel_wanted(job: Job, by: int, now: float) -> Job:
    """Note who wants the job to end: at once while it is ours alone, else when the server lets go of it."""
    if job.state.is_final:
        return job
    if job.state is JobState.QUEUED:
        return job.to(JobState.CANCELLED, finished_at=now, cancel_requested_by=by)
    return job if job.cancel_requested_by is not None else replace(job, cancel_requested_by=by)


def _made(run: Run, outputs: tuple[Output, ...], kept: Mapping[Output, InputRef]) -> tuple[JobOutput, ...]:
    return tuple(
        JobOutput(run.index, index, output, kept.get(output)) for index, output in enumerate(outputs)
    )


def _started(run: Run, entry: HistoryEntry, now: float) -> float:
    """Return when the run began, by our clock; the server's tells how long it took, however late we looked."""
    if entry.started_at is not None and entry.finished_at is not None:
        return now - max(0.0, entry.finished_at - entry.started_at)
    return run.started_at or run.submitted_at or now
