"""The two things of the outside every room is given rather than takes: tasks and time."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Spawn(Protocol):
    """Starts a task that somebody owns: referenced until done, its failure logged, cancelled at the end."""

    def __call__(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Run the coroutine in a task of its own."""
        ...


class Clock(Protocol):
    """Tells the time. Passed in, never imported, so that simulated time can be kept away from real work."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go backwards, for durations."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go backwards, for durations."""
        return time.monotonic()


AGAIN = 0.5
"""Seconds after which a task that does not end is cancelled again."""


class Tasks:
    """Owns tasks: keeps each referenced, logs what it died of, and cancels what is left at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Run the coroutine in a task of its own; this is the production `Spawn`."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def close(self) -> None:
        """Cancel every task still running and wait until all have ended.

        A library may keep a cancellation to itself (discord.py does while a shard identifies anew, and then goes on):
        whatever goes on is cancelled again.
        """
        while remaining := [task for task in self._tasks if not task.done()]:
            for task in remaining:
                task.cancel()
            await asyncio.wait(remaining, timeout=AGAIN)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)
