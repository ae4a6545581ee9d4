"""Keeps the bot's own copies of files from filling the disk, without taking any that is still needed."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.jobs.job import Job
from bot.jobs.ports import JobStore, StoreUnavailable
from bot.jobs.sweeping import Swept, sweep_old, sweep_work
from bot.runtime import Clock

log = logging.getLogger(__name__)

GIB = 1024**3
EVERY = 3600.0
"""Seconds between two looks."""
YOUNG = 3600.0
"""Files used in so many last seconds stay whatever they weigh: a job that is running now may want them."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """A folder, and how many bytes may lie in it."""

    folder: Path
    most: int


def bounded(data: Path) -> tuple[Bounded, ...]:
    """Return the folders under DATA_DIR that would grow for ever.

    Outputs are fetched again from the server that made them while it has them, smaller and published versions are made
    again, and who wants to repeat a job whose attached file is gone is asked to attach it again.
    """
    return (
        Bounded(data / "outputs", 10 * GIB),
        Bounded(data / "inputs", 5 * GIB),
        Bounded(data / "smaller", 2 * GIB),
        Bounded(data / "published", 2 * GIB),
    )


class Retention:
    """Removes what was used longest ago once there is too much; never what an undelivered job needs."""

    def __init__(self, store: JobStore, folders: tuple[Bounded, ...], clock: Clock) -> None:
        self._store = store
        self._folders = folders
        self._clock = clock

    async def tidy(self) -> None:
        """Remove what an earlier process left half done; to be called before anything is written."""
        for each in self._folders:
            if count := await asyncio.to_thread(sweep_work, each.folder, at_start=True):
                log.info("%d half-written files removed from %s", count, each.folder.name)

    async def run(self) -> None:
        """Look at start and then every hour, until cancelled."""
        while True:
            try:
                await self.look()
            except (StoreUnavailable, OSError) as error:
                log.warning("old files are not looked after now: %s", error)
            await asyncio.sleep(EVERY)

    async def look(self) -> Swept:
        """Remove what is too much now; raises `StoreUnavailable` or OSError, and then has removed nothing more."""
        needed = _needed([*await self._store.unfinished(), *await self._store.undelivered()])
        files, size = 0, 0
        for each in self._folders:
            await asyncio.to_thread(sweep_work, each.folder)
            swept = await asyncio.to_thread(
                sweep_old, each.folder, most=each.most, young=YOUNG, now=self._clock.now(), keep=needed
            )
            if swept.files:
                log.info("%d old files removed from %s: %d bytes", swept.files, each.folder.name, swept.size)
            files, size = files + swept.files, size + swept.size
        return Swept(files, size)


def _needed(jobs: Iterable[Job]) -> frozenset[str]:
    names: set[str] = set()
    for job in jobs:
        names |= {ref.name for ref in job.request.inputs.values()}
        names |= {made.kept.name for made in job.outputs if made.kept is not None}
    return frozenset(names)
