"""Whose turn it is, by table."""

import pytest

from bot.jobs.scheduler import in_order
from tests.jobs.samples import a_job, a_request


def jobs(spec: str):
    """Make jobs of a text such as `1a 2b! 1c`: user, name, `!` for priority; in the order they came."""
    return [
        a_job(a_request(int(word[0]), priority=word.endswith("!")), number=index, created_at=float(index))
        for index, word in enumerate(spec.split())
    ]


@pytest.mark.parametrize(
    ("waiting", "in_flight", "served", "order"),
    [
        ("", "", {}, []),
        ("1a 1b 1c", "", {}, [0, 1, 2]),
        ("1a 1b 2c", "", {}, [0, 2, 1]),
        ("1a 1b 1c 2d 3e", "", {}, [0, 3, 4, 1, 2]),
        ("1a 2b", "1x", {}, [1, 0]),
        ("1a 2b", "1x 1y 2z", {}, [1, 0]),
        ("1a 2b", "1x 2y", {}, [0, 1]),
        ("1a 2b!", "2x 2y", {}, [1, 0]),
        ("1a 2b! 2c! 3d!", "", {}, [1, 3, 2, 0]),
        ("1a 2b", "", {1: 5.0}, [1, 0]),
        ("1a 2b", "", {1: 5.0, 2: 6.0}, [0, 1]),
    ],
)
def test_order(waiting: str, in_flight: str, served: dict[int, float], order: list[int]):
    assert [job.number for job in in_order(jobs(waiting), jobs(in_flight), served)] == order


def test_nobody_starves_however_much_somebody_else_asks_for():
    waiting = jobs(" ".join(["1a"] * 50) + " 2b")
    assert in_order(waiting, [])[1].request.requester.user_id == 2
