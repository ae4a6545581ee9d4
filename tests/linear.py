"""Measuring how the time of a call grows with what it reads, by the processor time of this thread alone."""

import sys
import time
from collections.abc import Callable

SLOWER = 1 if sys.gettrace() is None else 5
"""How much longer the same code takes at most while coverage is measured."""


def seconds(call: Callable[[], object], *, tries: int = 3) -> float:
    """Return the processor seconds of a call, the least of several tries."""
    return min(_once(call) for _ in range(tries)) / SLOWER


def _once(call: Callable[[], object]) -> float:
    started = time.thread_time()
    call()
    return time.thread_time() - started
