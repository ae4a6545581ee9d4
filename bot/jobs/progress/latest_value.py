"""A cell that forgets everything but the newest value."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestValue(Generic[T]):
    """Writers never wait; its one reader sees the newest value, each value at most once, and the last one always."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._value: T | None = None

    @property
    def closed(self) -> bool:
        """Whether no further value will come."""
        return self._ended.is_set()

    def put(self, value: T) -> None:
        """Replace what is there; does nothing once closed, so that the last value stays the last."""
        if not self.closed:
            self._value = value
            self._changed.set()

    def close(self) -> None:
        """Say that no further value will come; one not yet read is still given out."""
        self._ended.set()
        self._changed.set()

    async def next(self) -> T | None:
        """Return the newest value not yet read, waiting for one; None when closed and all is read."""
        while True:
            await self._changed.wait()
            value, self._value = self._value, None
            if not self.closed:
                self._changed.clear()
            if value is not None or self.closed:
                return value

    async def paced(self, seconds: float) -> AsyncIterator[T]:
        """Yield the newest value, at most once every so many seconds; closing cuts the pause short."""
        while (value := await self.next()) is not None:
            yield value
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._ended.wait()
