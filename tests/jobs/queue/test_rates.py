"""One person asks no faster than anybody looks."""

import pytest

from bot.errors import UserError
from bot.jobs.queue.rates import Rate

ALICE, BOB = 1, 2


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


def test_so_many_at_once_then_one_in_so_many_seconds() -> None:
    clock = Clock()
    rate = Rate(clock, burst=3, seconds=2.0)
    for _ in range(3):
        rate.take(ALICE)
    for _ in range(5):
        with pytest.raises(UserError, match="in 2 s"):
            rate.take(ALICE)
    rate.take(BOB)
    clock.at += 1.9
    with pytest.raises(UserError, match="in 1 s"):
        rate.take(ALICE)
    clock.at += 0.2
    rate.take(ALICE)
    clock.at += 1000
    for _ in range(3):
        rate.take(ALICE)
    with pytest.raises(UserError):
        rate.take(ALICE)
