"""Time that runs faster than the clock on the wall: every wait shortens, and all the bot's own limits stay as they are."""

import asyncio
import selectors
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import simcord.backend.state
from simcord._clock import Clock

HASTE = 5.0
"""How many seconds go by in one."""


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> Any:
        return super().select(None if timeout is None else timeout / HASTE)


class HastyLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are short; not bound to `time.monotonic`, which simulations like to stop."""

    def __init__(self) -> None:
        super().__init__(_Selector())

    def time(self) -> float:
        """Return the hasty time."""
        return time.perf_counter() * HASTE


class HastyClock:
    """A `bot.runtime.Clock` in step with the loop; two with the same `epoch` tell the same time."""

    def __init__(self, epoch: float | None = None) -> None:
        self.epoch = time.time() - time.perf_counter() * HASTE if epoch is None else epoch

    def now(self) -> float:
        """Return seconds since the epoch; they ran as fast ever since the clock was made."""
        return self.epoch + time.perf_counter() * HASTE

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""
        return time.perf_counter() * HASTE


class DiscordClock(Clock):
    """The same time, as the simulated Discord tells it."""

    def __init__(self, clock: HastyClock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=self._clock.now())


class Nothing(list[Any]):
    """A list that keeps nothing, for records nobody reads."""

    def append(self, _item: Any, /) -> None:
        """Forget it."""


def backend(clock: HastyClock) -> simcord.backend.state.Backend:
    """Return a simulated Discord in hasty time that does not remember every frame."""
    made = simcord.backend.state.Backend(clock=DiscordClock(clock))
    made.transcript = Nothing()
    made.http_requests = Nothing()
    return made
