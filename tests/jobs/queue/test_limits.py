"""What is refused, and that the refusal says what is possible."""

import pytest

from bot.errors import UserError
from bot.jobs.model.ports import Standing
from bot.jobs.queue.limits import admit
from bot.settings import LimitSettings
from tests.jobs.samples import a_job, a_request


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
