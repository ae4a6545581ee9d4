"""A job's states and its life as a table; illegal moves cannot be made quietly."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from bot.comfy import Ending, ExecutionError, FileRef, HistoryEntry, Output, OutputKind
from bot.errors import UserError
from bot.jobs.execution.outcome import Circumstances, settled
from bot.jobs.execution.run_tracker import Over, Overdue, Patience, Vanished, Verdict
from bot.jobs.model import transitions
from bot.jobs.model.failure import Failure, Reason
from bot.jobs.model.job import ENDINGS, NEXT, InvalidTransition, Job, JobState
from bot.jobs.model.request import JobId
from tests.jobs.samples import a_job, a_request, a_run

IMAGE = Output("9", OutputKind.IMAGE, FileRef("a.png"))


def entry(ending: Ending, *outputs: Output, error: ExecutionError | None = None) -> HistoryEntry:
    return HistoryEntry("p", ending, outputs, error, 1.0, None, {}, 10.0, 14.0)


def running_job(**changes) -> tuple[Job, transitions.Run]:
    run = a_run()
    job = transitions.submitted(transitions.begun(a_job(**changes), run), run, 1.0)
    job = transitions.running(job, job.runs[0], 2.0)
    return job, job.runs[0]


@pytest.mark.parametrize(("before", "after"), list(itertools.product(JobState, JobState)))
def test_only_moves_in_the_table_can_be_made(before: JobState, after: JobState):
    job, run = a_job(state=before), a_run(state=before)
    if after in NEXT[before]:
        assert job.to(after).state is run.to(after).state is after
    else:
        for each in (job, run):
            with pytest.raises(InvalidTransition):
                each.to(after)


def test_endings_are_final_and_everything_can_end():
    assert {state for state in JobState if state.is_final} == ENDINGS
    for state in set(JobState) - ENDINGS:
        assert NEXT[state] & ENDINGS


def test_a_job_knows_its_runs_outputs_and_seed():
    job = a_job(a_request(count=3), values={"seed": 0}, planned=2)
    assert (job.seed, job.current_run, job.outputs) == (0, None, ())
    assert a_job().seed is None
    run = a_run()
    job = transitions.begun(job, run)
    assert job.current_run == run
    job = transitions.succeeded(
        transitions.submitted(job, run, 1.0),
        job.with_run(run.to(JobState.SUBMITTED)).runs[0],
        entry(Ending.SUCCESS),
        (IMAGE,),
        9.0,
    )
    assert (job.state, job.done_runs, job.started_at) == (JobState.RUNNING, 1, 5.0)
    assert [made.output for made in job.outputs] == [IMAGE]


@pytest.mark.parametrize(
    ("state", "by", "owner", "moderator"),
    [
        (JobState.CANCELLED, 1, True, False),
        (JobState.CANCELLED, 2, False, True),
        (JobState.CANCELLED, None, False, False),
        (JobState.SUCCEEDED, 1, False, False),
        (JobState.SUCCEEDED, 2, False, False),
    ],
)
def test_a_job_knows_who_ended_it(state: JobState, by: int | None, owner: bool, moderator: bool):
    job = a_job(a_request(1), state=state, cancel_requested_by=by)
    assert (job.stopped_by_owner, job.stopped_by_moderator) == (owner, moderator)


def test_a_new_job_is_one_run_and_one_picture_of_which_nothing_has_happened():
    job = Job(id=JobId("1"), number=0, request=a_request(), workflow_title="", created_at=1.0)
    assert (job.state, job.planned, job.cost) == (JobState.QUEUED, 1, 1)
    assert (job.card_deleted, job.unreached, job.spoiler) == (False, False, False)


def test_a_run_takes_the_place_of_its_earlier_self_only():
    first, second = a_run(prompt_id="p"), a_run(1, prompt_id="q")
    job = a_job().with_run(first).with_run(second).with_run(first.to(JobState.SUBMITTED))
    assert [(run.prompt_id, run.state) for run in job.runs] == [
        ("p", JobState.SUBMITTED), ("q", JobState.SUBMITTING)
    ]  # fmt: skip


AROUND = {
    "graph": {},
    "delivered": frozenset({"9"}),
    "patience": Patience(stall=600, timeout=1800),
    "reference": "R",
}


@pytest.mark.parametrize(
    ("verdict", "changes", "around", "state", "reason"),
    [
        (Over(entry(Ending.SUCCESS, IMAGE)), {}, {}, JobState.SUCCEEDED, None),
        (Over(entry(Ending.SUCCESS, IMAGE)), {"cancel_requested_by": 1}, {}, JobState.SUCCEEDED, None),
        (Over(entry(Ending.SUCCESS)), {}, {}, JobState.FAILED, Reason.NO_OUTPUT),
        (Over(entry(Ending.ERROR)), {}, {}, JobState.FAILED, Reason.WORKFLOW),
        (Over(entry(Ending.INTERRUPTED)), {}, {}, JobState.CANCELLED, Reason.INTERRUPTED),
        (Over(entry(Ending.INTERRUPTED)), {"cancel_requested_by": 1}, {}, JobState.CANCELLED, None),
        (Over(entry(Ending.INTERRUPTED)), {}, {"watchdog": Reason.TIMEOUT}, JobState.CANCELLED, Reason.TIMEOUT),
        (Vanished(False), {}, {}, JobState.LOST, Reason.LOST),
        (Vanished(True), {}, {}, JobState.QUEUED, None),
        (Vanished(True), {"cancel_requested_by": 1}, {}, JobState.CANCELLED, None),
        (Vanished(False), {}, {"watchdog": Reason.STALLED}, JobState.CANCELLED, Reason.STALLED),
        (Overdue(None), {"cancel_requested_by": 1}, {"answering": False}, JobState.CANCELLED, None),
        (Overdue(None), {}, {"watchdog": Reason.STALLED}, JobState.CANCELLED, Reason.STALLED),
        (Overdue(None), {}, {"watchdog": Reason.TIMEOUT, "answering": False}, JobState.LOST, Reason.LOST),
    ],
)  # fmt: skip
def test_what_a_verdict_means(verdict: Verdict, changes, around, state: JobState, reason: Reason | None):
    job, run = running_job(**changes)
    after = settled(job, run, verdict, Circumstances(**{**AROUND, **around}), 20.0)
    assert (after.state, after.failure and after.failure.reason) == (state, reason)
    assert (after.finished_at == 20.0) is state.is_final
    assert after.current_run is None


def test_after_three_attempts_it_is_lost():
    job, run = running_job()
    for attempt in (2, 3):
        job = job.with_run(a_run(attempt=attempt, state=JobState.LOST))
    after = settled(job, run, Vanished(True), Circumstances(**AROUND), 20.0)
    assert after.state is JobState.LOST
    assert after.failure is not None
    assert "again and again" in after.failure.message


@pytest.mark.parametrize(
    ("attempts", "state"), [(1, JobState.QUEUED), (2, JobState.QUEUED), (3, JobState.FAILED)]
)
def test_what_a_server_does_not_take_is_sent_three_times(attempts: int, state: JobState):
    failure = Failure.of(Reason.SERVER, UserError("Not taken."), reference="R")
    job = a_job()
    for attempt in range(1, attempts):
        job = job.with_run(a_run(attempt=attempt, state=JobState.LOST))
    run = a_run(attempt=attempts)
    after = transitions.never_taken(transitions.begun(job, run), run, 20.0, failure)
    assert (after.state, after.current_run, len(after.runs)) == (state, None, attempts)
    assert after.failure == (failure if state.is_final else None)


@pytest.mark.parametrize(
    ("by", "reason", "state"),
    [
        (5, Reason.SERVER, JobState.CANCELLED),
        (5, Reason.LOST, JobState.CANCELLED),
        (None, Reason.LOST, JobState.LOST),
        (None, Reason.SERVER, JobState.QUEUED),
    ],
)
def test_what_was_not_taken_is_sent_again_unless_it_is_unwanted_or_out_of_sight(
    by: int | None, reason: Reason, state: JobState
):
    failure, run = Failure.of(reason, UserError("Not taken."), reference="R"), a_run()
    job = transitions.begun(a_job(cancel_requested_by=by), run)
    after = transitions.never_taken(job, run, 20.0, failure)
    assert (after.state, after.current_run) == (state, None)
    assert after.failure == (failure if state is JobState.LOST else None)


def test_only_delivered_nodes_count_unless_there_are_none():
    other, expanded = (
        Output("3", OutputKind.IMAGE, FileRef("b.png")),
        Output("9.0.1", OutputKind.IMAGE, FileRef("c.png")),
    )
    job, run = running_job()
    after = settled(
        job, run, Over(entry(Ending.SUCCESS, other, IMAGE, expanded)), Circumstances(**AROUND), 20.0
    )
    assert [made.output for made in after.outputs] == [IMAGE, expanded]
    after = settled(job, run, Over(entry(Ending.SUCCESS, other)), Circumstances(**AROUND), 20.0)
    assert [made.output for made in after.outputs] == [other]


@pytest.mark.parametrize(
    ("before", "told", "started"),
    [
        ({"submitted_at": 1.0, "started_at": 2.0}, (10.0, 14.0), 16.0),
        ({"submitted_at": 1.0, "started_at": 2.0}, (14.0, 10.0), 20.0),
        ({"submitted_at": 1.0, "started_at": 2.0}, (10.0, None), 2.0),
        ({"submitted_at": 1.0}, (None, 14.0), 1.0),
        ({}, (None, None), 20.0),
    ],
)
def test_how_long_a_run_took_is_told_by_its_server_else_by_what_was_heard(
    before: dict[str, Any], told: tuple[float | None, float | None], started: float
):
    run = a_run(state=JobState.SUBMITTED, **before)
    ended = replace(entry(Ending.SUCCESS, IMAGE), started_at=told[0], finished_at=told[1])
    after = transitions.succeeded(a_job(state=JobState.SUBMITTED).with_run(run), run, ended, (IMAGE,), 20.0)
    assert (after.runs[0].started_at, after.started_at, after.finished_at) == (started, started, 20.0)


def test_what_a_failed_run_had_made_is_kept():
    job, run = running_job()
    after = settled(job, run, Over(entry(Ending.ERROR, IMAGE)), Circumstances(**AROUND), 20.0)
    assert [made.output for made in after.outputs] == [IMAGE]


def test_a_left_out_branch_explains_a_job_without_outputs():
    notice = Failure.of(Reason.REJECTED, UserError("Branch {x}.", x=object), reference="N")
    assert isinstance(notice.arguments["x"], str)
    job, run = running_job(notice=notice)
    after = settled(job, run, Over(entry(Ending.SUCCESS)), Circumstances(**AROUND), 20.0)
    assert after.failure == notice


def test_a_wish_to_cancel():
    waiting = transitions.cancel_wanted(a_job(), 5, 3.0)
    assert (waiting.state, waiting.cancel_requested_by, waiting.finished_at) == (JobState.CANCELLED, 5, 3.0)
    assert transitions.cancel_wanted(waiting, 6, 4.0) is waiting
    job, _ = running_job()
    wished = transitions.cancel_wanted(job, 5, 3.0)
    assert (wished.state, wished.cancel_requested_by) == (JobState.RUNNING, 5)
    assert transitions.cancel_wanted(wished, 6, 4.0) is wished


def test_waiting_again():
    job, run = running_job()
    assert transitions.waiting_again(a_job()).state is JobState.QUEUED
    assert transitions.requeued(job, run, 1.0).state is JobState.QUEUED
    assert transitions.requeued(transitions.requeued(job, run, 1.0), run, 1.0).runs[0].state is JobState.LOST
