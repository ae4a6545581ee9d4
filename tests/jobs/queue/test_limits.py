"""What is refused, and that the refusal says what is possible."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.errors import UserError
from bot.jobs.model.estimate import Usual, duration_for, duration_of, line_length, seconds_before, wait_after
from bot.jobs.model.job import JobState
from bot.jobs.model.ports import Standing
from bot.jobs.progress.snapshots import SnapshotPublisher
from bot.jobs.queue.limits import admit
from bot.runtime import SystemClock
from bot.settings import LimitSettings
from tests.jobs.samples import a_job, a_request, a_run


@pytest.mark.parametrize(
    ("limits", "count", "standing", "words"),
    [
        ({}, 1, Standing(), None),
        ({}, 3, Standing(), None),
        ({}, 4, Standing(), None),
        ({}, 4, Standing(active=2), None),
        ({}, 1, Standing(active=4), "waiting or running: 4 of 4"),
        ({}, 4, Standing(active=3), "waiting or running: 3 of 3"),
        ({"queue": 5}, 1, Standing(queued=5), "queue is full"),
        ({"queue": 5}, 4, Standing(queued=4), None),
        ({"wait": 60}, 1, Standing(waiting={"slow": 6}), None),
        ({"wait": 60}, 1, Standing(waiting={"slow": 7}), "about 120 s"),
        ({"wait": 60}, 1, Standing(waiting={"unknown": 7}), "about 120 s"),
        ({"cooldown": 30}, 1, Standing(last_at=999_990.0), "20 s"),
        ({"cooldown": 30}, 1, Standing(last_at=999_960.0), None),
        ({"cooldown": 30}, 1, Standing(last_at=999_970.0), None),
        ({"cooldown": 30}, 1, Standing(last_at=999_970.4), "wait 1 s"),
        ({"cooldown": 0.5}, 1, Standing(last_at=999_999.75), "wait 1 s"),
        ({"daily": 5}, 1, Standing(today=4), None),
        ({"daily": 5}, 2, Standing(today=4), r"Pictures left today: 1 of 5\. This job counts as 2"),
        ({"daily": 5}, 1, Standing(today=5), "in 36840 s"),
    ],
)
def test_caps(limits, count, standing, words):
    job = a_job(a_request(count=count), created_at=1_000_000.0)  # 13:46:40 UTC

    def ask() -> None:
        admit(job, standing, LimitSettings(**limits), timings={"slow": 10.0})

    if words is None:
        ask()
    else:
        with pytest.raises(UserError, match=words):
            ask()


def test_nothing_is_refused_for_a_wait_nobody_can_know():
    admit(a_job(), Standing(waiting={"a": 99}), LimitSettings(wait=1), timings={})


def test_estimates():
    timings = {"a": 10.0, "b": 20.0}
    assert (duration_of("a", timings), duration_of("c", timings), duration_of("a", {})) == (10.0, 15.0, None)
    assert line_length({"a": 2, "c": 1}, timings, servers=5) == 7.0
    assert line_length({"a": 0}, {}) == 0.0
    half_done = a_job(a_request(workflow="a"), state=JobState.RUNNING, planned=2).with_run(
        a_run(state=JobState.RUNNING, started_at=96.0)
    )
    (nothing, all_of_it) = seconds_before([half_done], 100.0, timings)
    assert wait_after(nothing, 0, timings) == 0.0
    assert wait_after(all_of_it, 1, timings) == 31.0
    assert wait_after(seconds_before([half_done], 100.0, {})[-1], 0, {}) is None
    assert wait_after(0.0, 1, {}) is None
    assert wait_after(0.0, 0, {}) == 0.0


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
    assert seconds_before([small, large], 0.0, timings, works) == (0.0, 2.0, 42.0)


def test_what_a_line_takes_is_known_after_a_restart_by_how_much_work_it_is():
    large = a_job(number=1, created_at=1.0, values={"steps": 4, "width": 256, "height": 256})
    small = a_job(number=2, created_at=2.0, values={"steps": 4, "width": 64, "height": 64})
    repository = SimpleNamespace(unfinished=(large, small), on_change=lambda _told: None)
    snapshots = SnapshotPublisher(cast("Any", repository), SystemClock())
    assert snapshots.snapshot(small).wait is None
    snapshots.remember({"txt2img": Usual(seconds=2.0, work=4 * 64 * 64)})
    assert snapshots.snapshot(small).wait == 32.0
