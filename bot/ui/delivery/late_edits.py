"""Edits that were given up while a job went on: Discord may carry one out after the final one."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from bot.runtime import Clock
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind


class LateEdits:
    """Knows for how long one of them may still come; `seconds` is how late an edit can be."""

    def __init__(self, clock: Clock, seconds: float, *, recovered: bool) -> None:
        """Begin with what an earlier process may have sent just before it ended (`recovered`)."""
        self._clock = clock
        self._seconds = seconds
        self._until = clock.monotonic() + seconds if recovered else clock.monotonic()

    @property
    def left(self) -> float:
        """For how many seconds one may still come; 0 where none can."""
        return max(0.0, self._until - self._clock.monotonic())

    @contextmanager
    def editing(self) -> Generator[None]:
        """Learn from an edit whether it was carried out, or may be at any time."""
        try:
            yield
        except DeliveryError as failure:
            if failure.fault is DeliveryErrorKind.LATER:
                self._note()
            raise
        except asyncio.CancelledError:
            self._note()
            raise

    def _note(self) -> None:
        self._until = self._clock.monotonic() + self._seconds
