"""What a verdict about a run means for its job: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from bot.comfy import Ending, HistoryEntry, Output
from bot.errors import UserError
from bot.jobs.execution.run_tracker import Over, Overdue, Patience, Vanished, Verdict
from bot.jobs.execution.websocket_images import sends_live
from bot.jobs.messages.sentences import PICTURE, fell_silent, of_execution, unknown_by_now
from bot.jobs.model import transitions
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import Job, JobState, Run
from bot.jobs.model.request import PICTURES, InputRef
from bot.jobs.progress.progress import deliverable
from bot.workflows.graph.graph import AnyGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What has to be known besides the verdict."""

    graph: AnyGraph
    delivered: frozenset[str]
    patience: Patience
    reference: str
    watchdog: Reason | None = None
    """Why we told the server to end it, if it was not a person who wanted that."""
    answering: bool = True
    caught: Mapping[Output, InputRef] = field(default_factory=dict[Output, InputRef])
    """Outputs that only came over the live connection, and our copies of them."""


def settled(job: Job, run: Run, verdict: Verdict, around: Circumstances, now: float) -> Job:
    """Return the job after the run's end. A run that was to be cancelled and succeeded all the same succeeded."""
    match verdict:
        case Over(entry=entry):
            return _by_history(job, run, entry, around, now)
        case Vanished(never_started=never_started):
            if job.cancel_requested_by is not None or around.watchdog is not None:
                return _stopped(job, run, around, now)
            if never_started and transitions.attempts(job, run.index) < transitions.MOST_ATTEMPTS:
                return transitions.requeued(job, run, now)
            return _lost(job, run, never_started, around, now)
        case Overdue():
            if around.answering or job.cancel_requested_by is not None:
                return _stopped(job, run, around, now)
            failure = fell_silent(around.reference)
            return transitions.ended(job, JobState.LOST, now, run=run, failure=failure)
        case _:
            assert_never(verdict)


def _branch_left_out(job: Job) -> Failure | None:
    """Return what explains that nothing was made, if the server left a branch out; what was said of words does not."""
    notice = job.notice
    return notice if notice is not None and notice.reason is not Reason.LANGUAGE else None


def _by_history(job: Job, run: Run, entry: HistoryEntry, around: Circumstances, now: float) -> Job:
    outputs, kept = deliverable((*entry.outputs, *around.caught), around.delivered), around.caught
    match entry.ending:
        case Ending.SUCCESS if outputs:
            return transitions.succeeded(job, run, entry, outputs, now, kept=kept)
        case Ending.SUCCESS:
            failure = _branch_left_out(job) or _nothing_made(around)
            return transitions.ended(job, JobState.FAILED, now, run=run, failure=failure)
        case Ending.ERROR:
            failure = of_execution(entry.error, around.graph, around.reference, asked=_lowerable(job))
            return transitions.ended(
                job, JobState.FAILED, now, run=run, failure=failure, outputs=outputs, kept=kept
            )
        case Ending.INTERRUPTED:
            stopped_by_us = job.cancel_requested_by is not None or around.watchdog is not None
            if stopped_by_us:
                return transitions.ended(
                    job,
                    JobState.CANCELLED,
                    now,
                    run=run,
                    failure=_why(job, around),
                    outputs=outputs,
                    kept=kept,
                )
            sentence = UserError("Somebody stopped this on the image server itself. You can run it again.")
            failure = Failure.of(Reason.INTERRUPTED, sentence, reference=around.reference)
            return transitions.ended(
                job, JobState.CANCELLED, now, run=run, failure=failure, outputs=outputs, kept=kept
            )
        case _:
            assert_never(entry.ending)


def _nothing_made(around: Circumstances) -> Failure:
    if sends_live(around.graph):
        sentence = UserError(
            "This workflow sends its pictures over the live connection only, and they did not arrive. Please try "
            "again; with a “Save Image” node in the workflow this cannot happen."
        )
    else:
        sentence = UserError(
            "The workflow finished without making anything. Please tell whoever runs the bot."
        )
    return Failure.of(Reason.NO_OUTPUT, sentence, reference=around.reference)


def _lowerable(job: Job) -> frozenset[str]:
    options = {name for name, value in job.values.items() if not (name == "batch" and value == 1)}
    given = (
        {PICTURE} if any(each.extension in PICTURES for each in job.request.inputs.values()) else set[str]()
    )
    return frozenset(options | given)


def _stopped(job: Job, run: Run, around: Circumstances, now: float) -> Job:
    return transitions.ended(job, JobState.CANCELLED, now, run=run, failure=_why(job, around))


def _lost(job: Job, run: Run, never_started: bool, around: Circumstances, now: float) -> Job:
    if not never_started:
        failure = unknown_by_now(around.reference)
        return transitions.ended(job, JobState.LOST, now, run=run, failure=failure)
    sentence = UserError(
        "The image server was restarted again and again before this could start. Please try again later."
    )
    failure = Failure.of(Reason.LOST, sentence, reference=around.reference)
    return transitions.ended(job, JobState.LOST, now, run=run, failure=failure)


def _why(job: Job, around: Circumstances) -> Failure | None:
    if job.cancel_requested_by is not None or around.watchdog is None:
        return None
    if around.watchdog is Reason.STALLED:
        sentence = UserError(
            "This made no progress for {minutes} minutes and was stopped. Please try again.",
            minutes=_minutes(around.patience.stall),
        )
    else:
        sentence = UserError(
            "This took longer than {minutes} minutes and was stopped. Try fewer steps or a smaller size.",
            minutes=_minutes(around.patience.timeout),
        )
    return Failure.of(around.watchdog, sentence, reference=around.reference)


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / 60))
