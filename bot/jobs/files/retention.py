"""Keeps the bot's own copies of files from filling the disk, without taking any that is still needed."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.jobs.files.content import ContentStore
from bot.jobs.files.sweeping import Swept, sweep_old, sweep_work
from bot.jobs.model.job import Job
from bot.jobs.model.ports import JobStore, StoreUnavailable
from bot.runtime import Clock

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two looks."""
FORGOTTEN = 86_400.0
"""Seconds after which a file that no job and no form has is removed; a form is kept as long."""
YOUNG = 3600.0
"""Files used in so many last seconds stay whatever they weigh: a job that is running now may want them."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """A folder, and how many bytes may lie in it."""

    folder: Path
    most: int


def bounded(data: Path, most: int) -> tuple[Bounded, ...]:
    """Return the folders under DATA_DIR that would grow for ever, each with its part of DATA_MAX_BYTES.

    Outputs are fetched again from the server that made them while it has them, smaller and published versions are made
    again, and who wants to repeat a job whose attached file is gone is asked to attach it again.
    """
    return (
        Bounded(data / "outputs", most // 2),
        Bounded(data / "inputs", most // 4),
        Bounded(data / "smaller", most // 10),
        Bounded(data / "published", most // 10),
        Bounded(data / "work", most // 20),
    )


class Retention:
    """Removes what was used longest ago once there is too much; never what an undelivered job needs.

    Of `contents`, what no job and no form has is removed a day after it was used: its form was never sent, or its job
    was removed by a process that died before it came to the files.
    """

    def __init__(
        self,
        store: JobStore,
        folders: tuple[Bounded, ...],
        clock: Clock,
        *,
        contents: tuple[ContentStore, ...] = (),
    ) -> None:
        self._store = store
        self._folders = folders
        self._clock = clock
        self._contents = contents

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
        needed = await needed_names(self._store)
        files, size = 0, 0
        for content in self._contents:
            lost = await self._lost(content)
            files, size = files + lost.files, size + lost.size
        for each in self._folders:
            await asyncio.to_thread(sweep_work, each.folder)
            swept = await asyncio.to_thread(
                sweep_old, each.folder, most=each.most, young=YOUNG, now=self._clock.now(), keep=needed
            )
            if swept.files:
                log.info("%d old files removed from %s: %d bytes", swept.files, each.folder.name, swept.size)
            files, size = files + swept.files, size + swept.size
        return Swept(files, size)

    async def _lost(self, content: ContentStore) -> Swept:
        """Remove what nothing has any more, with what was made from it."""
        old = await asyncio.to_thread(content.unused_since, self._clock.now() - FORGOTTEN)
        used = await self._store.in_use({ref.sha256 for ref in old}) if old else frozenset[str]()
        files, size = 0, 0
        for ref in old:
            if ref.sha256 not in used:
                try:
                    await asyncio.to_thread(content.remove, ref)
                except OSError as error:
                    log.warning("%s cannot be removed: %s", ref.name, error.strerror)
                    continue
                files, size = files + 1, size + ref.size
        if files:
            log.info("%d files removed from %s that nothing has: %d bytes", files, content.root.name, size)
        return Swept(files, size)


async def needed_names(store: JobStore) -> frozenset[str]:
    """Return the names of files that jobs still need, or may if a deletion is taken back; raises `StoreUnavailable`."""
    return _needed([*await store.unfinished(), *await store.undelivered(), *await store.being_deleted()])


def _needed(jobs: Iterable[Job]) -> frozenset[str]:
    names: set[str] = set()
    for job in jobs:
        names |= {ref.name for ref in job.request.inputs.values()}
        names |= {made.kept.name for made in job.outputs if made.kept is not None}
    return frozenset(names)
