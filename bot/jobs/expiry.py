"""Removes what is stored for a time only once that is over: counters, old jobs, and servers that were left."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.jobs.archive import Archive
from bot.jobs.departures import Departures
from bot.jobs.model.ports import JobStore, StoreUnavailable
from bot.jobs.queue.limits import day_of
from bot.runtime import Clock

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two looks."""
DAY = 86_400.0


class Expiry:
    """Looks after what is stored for a time only.

    `cooldown` is how many seconds lie between two jobs of a person; `days` how long finished jobs are kept, None for
    ever. `scrub` overwrites what was removed.
    """

    def __init__(
        self,
        store: JobStore,
        jobs: Archive,
        departures: Departures,
        clock: Clock,
        *,
        scrub: Callable[[], Awaitable[None]],
        cooldown: float = 0.0,
        days: int | None = None,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._departures = departures
        self._clock = clock
        self._scrub = scrub
        self._cooldown = cooldown
        self._days = days

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
        if self._days is not None and (count := await self._jobs.forget_old(now - self._days * DAY)):
            log.info("%d jobs removed that ended more than %d days ago", count, self._days)
        for guild_id in await self._departures.due():
            count = await self._jobs.forget_guild(guild_id)
            await self._departures.forget(guild_id)
            log.info("server %s, left long ago, is forgotten with %d jobs", guild_id, count)
        await self._store.forget_counters(day=day_of(now), last=now - self._cooldown)
        await self._scrub()
