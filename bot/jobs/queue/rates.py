"""How often one person may ask for the same kind of thing."""

import math
from collections import OrderedDict

from bot.errors import LaterError, Seconds
from bot.runtime import Clock

REMEMBERED = 10_000
"""People whose last requests are known; who is forgotten has been quiet longest."""


class Rate:
    """A bucket for each person that holds `burst` and gains one every `seconds`."""

    def __init__(self, clock: Clock, *, burst: int, seconds: float) -> None:
        self._clock = clock
        self._burst = burst
        self._seconds = seconds
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()
        """What each had left, and when."""

    def take(self, person: int) -> None:
        """Count one; raises `LaterError` that says how long to wait where nothing is left."""
        now = self._clock.now()
        left, at = self._left.pop(person, (float(self._burst), now))
        left = min(self._burst, left + max(0.0, now - at) / self._seconds)
        self._left[person] = (left if left < 1 else left - 1, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        if left < 1:
            raise LaterError(
                "You have sent me many pictures in a short time. Please try again in {wait}.",
                wait=Seconds(max(1, math.ceil((1 - left) * self._seconds))),
            )
