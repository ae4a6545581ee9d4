"""Asking until the answer is as wanted."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T]], wanted: Callable[[T], object], seconds: float = 10.0) -> T:
    """Return the first answer that is as wanted; fail when none comes in time."""
    async with asyncio.timeout(seconds):
        while not wanted(answer := await ask()):  # noqa: ASYNC110 - the other side is a server
            await asyncio.sleep(0.005)
        return answer


async def until_true(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition of this process."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition will do
            await asyncio.sleep(0.005)


def names(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return [path.name for path in folder.iterdir()]
