"""Removes stored facts whose time is over."""

import asyncio
import logging

from bot.jobs.limits import day_of
from bot.jobs.ports import JobStore, StoreUnavailable
from bot.runtime import Clock

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two looks."""


class Expiry:
    """Looks after what is stored for a time only; `cooldown` is how many seconds lie between two jobs of a person."""

    def __init__(self, store: JobStore, clock: Clock, *, cooldown: float) -> None:
        self._store = store
        self._clock = clock
        self._cooldown = cooldown

    async def run(self) -> None:
        """Look at start and then every hour, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreUnavailable as error:
                log.warning("what is over is not removed now: %s", error)
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Remove what is over now; raises `StoreUnavailable`."""
        now = self._clock.now()
        await self._store.forget_counters(day=day_of(now), last=now - self._cooldown)
