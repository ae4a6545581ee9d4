"""How long things will take."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.jobs.model.estimate import (
    Usual,
    duration_for,
    duration_of,
    line_length,
    seconds_before,
    time_left,
    wait_after,
    work_of,
)
from bot.jobs.model.job import JobState
from bot.jobs.progress.snapshots import SnapshotPublisher
from bot.runtime import SystemClock
from tests.jobs.samples import a_job, a_request, a_run

TIMINGS = {"a": 10.0, "b": 20.0}


def test_estimates():
    assert (duration_of("a", TIMINGS), duration_of("c", TIMINGS), duration_of("a", {})) == (10.0, 15.0, None)
    assert line_length({"a": 2, "c": 1}, TIMINGS, servers=5) == 7.0
    assert line_length({"a": 2, "c": 1}, TIMINGS) == line_length({"a": 2, "c": 1}, TIMINGS, servers=0) == 35.0
    assert line_length({"a": 0}, {}) == line_length({"a": 3}, {"a": 0.0}) == 0.0
    assert line_length({"a": 1}, {}) is None
    half_done = a_job(a_request(workflow="a"), state=JobState.RUNNING, planned=2).with_run(
        a_run(state=JobState.RUNNING, started_at=96.0)
    )
    (nothing, all_of_it) = seconds_before([half_done], 100.0, TIMINGS)
    assert wait_after(nothing, 0, TIMINGS) == 0.0
    assert wait_after(all_of_it, 1, TIMINGS) == wait_after(all_of_it, 1, TIMINGS, servers=0) == 31.0
    assert wait_after(all_of_it, 0, TIMINGS, servers=2) == 8.0
    assert wait_after(seconds_before([half_done], 100.0, {})[-1], 0, {}) is None
    assert wait_after(0.0, 1, {}) is None
    assert wait_after(0.0, 0, {}) == 0.0


@pytest.mark.parametrize(
    ("started_at", "left"), [(None, 10.0), (100.0, 10.0), (96.0, 6.0), (80.0, 0.0), (103.0, 10.0)]
)
def test_what_a_run_has_taken_already_is_taken_off_but_no_more_than_it_takes(
    started_at: float | None, left: float
):
    job = a_job(a_request(workflow="a")).with_run(a_run(state=JobState.RUNNING, started_at=started_at))
    assert time_left(job, 100.0, TIMINGS) == left


def test_a_job_whose_runs_are_done_takes_no_more_time():
    done = a_job(a_request(workflow="a")).with_run(a_run(state=JobState.SUCCEEDED))
    assert seconds_before([done, a_job(a_request(workflow="b"))], 100.0, TIMINGS) == (0.0, 0.0, 20.0)
    assert seconds_before([done, a_job()], 100.0, {}) == (0.0, None, None)


@pytest.mark.parametrize(
    ("values", "work"),
    [
        ({}, 1.0),
        ({"steps": 20, "width": 8, "height": 4, "length": 0.5, "batch": 2}, 640.0),
        ({"steps": 0, "width": -2, "height": 3}, 3.0),
        ({"steps": "many", "width": 3, "cfg": 7.0, "seed": 5}, 3.0),
    ],
)
def test_work_is_the_product_of_what_makes_a_run_longer(values: dict[str, object], work: float):
    assert work_of(values) == work


def test_a_job_of_more_work_takes_longer():
    small, large = (
        replace(a_job(), values={"steps": steps, "width": 512, "height": 512}) for steps in (3, 60)
    )
    workflow = small.request.workflow
    timings, works = {workflow: 2.0}, {workflow: 3.0 * 512 * 512}
    assert duration_for(small, timings, works) == 2.0
    assert duration_for(large, timings, works) == 40.0
    assert duration_for(large, timings, {}) == 2.0
    huge = replace(small, values={"steps": 60, "width": 4096, "height": 4096})
    assert duration_for(huge, timings, works) == 40.0, (
        "what is far from the usual is not reckoned without end"
    )
    tiny = replace(small, values={"steps": 1, "width": 8, "height": 8})
    assert duration_for(tiny, timings, works) == 0.1
    assert seconds_before([small, large], 0.0, timings, works) == (0.0, 2.0, 42.0)


def test_what_a_line_takes_is_known_after_a_restart_by_how_much_work_it_is():
    large = a_job(number=1, created_at=1.0, values={"steps": 4, "width": 256, "height": 256})
    small = a_job(number=2, created_at=2.0, values={"steps": 4, "width": 64, "height": 64})
    repository = SimpleNamespace(unfinished=(large, small), on_change=lambda _told: None)
    snapshots = SnapshotPublisher(cast("Any", repository), SystemClock())
    assert snapshots.snapshot(small).wait is None
    snapshots.remember({"txt2img": Usual(seconds=2.0, work=4 * 64 * 64)})
    assert snapshots.snapshot(small).wait == 32.0
