"""Writes that have to be made however long the store cannot: what they note has happened already."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from bot.jobs.model.ports import StoreUnavailable

T = TypeVar("T")
log = logging.getLogger(__name__)


async def retry_write(write: Callable[[], Awaitable[T]], pauses: Iterator[float], what: str) -> T:
    """Return what the write returns once the store can do it; `pauses` are the seconds between attempts, without end."""
    while True:
        try:
            return await write()
        except StoreUnavailable as error:
            log.warning("%s is noted when the database works again: %s", what, error)
        await asyncio.sleep(next(pauses))
