"""The files as people are given them: as they were made, or a copy that says no more than it may."""

import asyncio
import logging
import os
import shutil
import uuid
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from weakref import WeakValueDictionary

from bot.jobs.files.content import derived_name
from bot.jobs.files.space import Space
from bot.jobs.files.sweeping import work_name
from bot.media.stripping.edits import find_edits
from bot.media.stripping.keep import Keep
from bot.media.stripping.source import Edit, write_copy

log = logging.getLogger(__name__)

REMEMBERED = 500
"""How many files are remembered that may go out as they are."""


class Publisher:
    """Makes one copy of each file that says too much, and finds it again; its folder may be emptied at any time."""

    def __init__(self, folder: Path, space: Space) -> None:
        self.folder = folder.resolve()
        self._space = space
        self._harmless: OrderedDict[str, None] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def published(self, path: Path, keep: Keep) -> Path:
        """Return a file that says no more than `keep` allows; raises OSError where no copy can be written."""
        if keep is Keep.ALL:
            return path
        key = await asyncio.to_thread(derived_name, path, keep)
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            if key in self._harmless:
                return path
            copy = await self._copied(path, key, keep)
        if copy is None:
            self._harmless[key] = None
            if len(self._harmless) > REMEMBERED:
                self._harmless.popitem(last=False)
        return copy or path

    async def _copied(self, path: Path, key: str, keep: Keep) -> Path | None:
        """Return the copy, made now or earlier; None where the file itself may go out."""
        copy = self.folder / f"{key}{path.suffix}"
        if await asyncio.to_thread(_used, copy):
            return copy
        edits = await asyncio.to_thread(find_edits, path, keep)
        if not edits:
            return None
        size = (await asyncio.to_thread(path.stat)).st_size
        async with self._space.room(size) as room:
            await asyncio.to_thread(self._write, path, copy, edits)
            room.kept = size
        log.info("%s goes out with %s of its metadata: %d places changed", path.name, keep, len(edits))
        return copy

    def _write(self, path: Path, copy: Path, edits: list[Edit]) -> None:
        work = self.folder / work_name(uuid.uuid4().hex)
        work.mkdir(parents=True)
        try:
            write_copy(path, work / copy.name, edits)
            (work / copy.name).replace(copy)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _used(copy: Path) -> bool:
    """Whether a copy is there; it counts as used now."""
    with suppress(FileNotFoundError):
        os.utime(copy)
        return True
    return False
