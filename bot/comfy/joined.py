"""One attempt for many callers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.comfy.errors import ComfyError

T = TypeVar("T")


class Joined(Generic[T]):
    """Makes callers that come while an attempt is under way share its result, or its failure."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._turn = 0
        self._result: T | ComfyError | None = None

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Return the result of the attempt that is under way, or of a new one.

        When the caller who makes the attempt is cancelled, the next one in line makes it instead.
        """
        turn = self._turn
        async with self._lock:
            if self._turn != turn and self._result is not None:
                if isinstance(self._result, ComfyError):
                    raise self._result
                return self._result
            try:
                result = await attempt()
            except ComfyError as error:
                self._turn, self._result = turn + 1, error
                raise
            self._turn, self._result = self._turn + 1, result
            return result
