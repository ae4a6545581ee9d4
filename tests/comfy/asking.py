"""Asking until the answer is as wanted."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], wanted: Callable[[T], object], seconds: float = 10.0) -> T:
    """Return the first answer that is as wanted; fail when none comes in time."""
    async with asyncio.timeout(seconds):
        while not wanted(answer := await ask()):
            await asyncio.sleep(0.005)
        return answer


async def until_true(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition of this process."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
