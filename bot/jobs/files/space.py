"""A cap on everything in DATA_DIR but the database, that holds at every moment: room is taken before a byte is written."""

import asyncio
import errno
import logging
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.jobs.files.sweeping import WORK, remove_file
from bot.jobs.model.ports import StoreUnavailable

log = logging.getLogger(__name__)

FULL = 0.95
"""To which part of the cap old files are removed once it is reached, so that not every file asks for it anew."""
LOOKS = 3
DATABASE = (".db", ".db-wal", ".db-shm", ".db-journal")
REPLACEABLE = ("smaller", "published", "outputs", "inputs")
"""Folders whose files may go, those that cost least to have again first."""


class NoRoomError(OSError):
    """The cap is reached, and nothing more may be removed."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, "DATA_MAX_BYTES is reached")


class Room:
    """Bytes taken for what is being written; `kept` says how many of them stay when it is closed."""

    def __init__(self, take: Callable[[int], Awaitable[None]]) -> None:
        self.size = 0
        self.kept = 0
        self._take = take

    async def grow(self, size: int) -> None:
        """Take so many bytes more; raises `NoRoomError`."""
        await self._take(size)
        self.size += size


class Space:
    """Counts what lies in a folder and what is being written there, and removes what can be had again.

    `needed` gives the names of files that must stay. What is removed by others is noticed when room is short. Counts
    rather too much than too little.
    """

    def __init__(self, root: Path, most: int, needed: Callable[[], Awaitable[frozenset[str]]]) -> None:
        self.most = most
        self._root = root
        self._needed = needed
        self._used: int | None = None
        self._taken = 0
        self._kept_since = 0
        """Bytes that came to stay since the last look began: it may not have seen them."""
        self._looking = asyncio.Lock()

    @asynccontextmanager
    async def room(self, size: int = 0) -> AsyncGenerator[Room]:
        """Give room for so many bytes while this lasts; raises `NoRoomError`."""
        room = Room(self._take)
        try:
            await room.grow(size)
            yield room
        finally:
            self._taken -= room.size
            self._kept_since += room.kept
            if self._used is not None:
                self._used += room.kept

    async def _take(self, size: int) -> None:
        async with self._looking:
            if not self._fits(size):
                await self._look(size)
            self._taken += size

    async def _look(self, size: int) -> None:
        """Count anew, and remove what may go if there is too much; raises `NoRoomError` if that is not enough."""
        if self.most - self._taken - size < 0:
            raise NoRoomError
        try:
            needed = await self._needed()
        except StoreUnavailable as error:
            raise NoRoomError from error
        for _ in range(LOOKS):
            self._kept_since = 0
            free = self.most - self._taken - size
            target = min(free, int(self.most * FULL))
            found = await asyncio.to_thread(_reduced, self._root, free, target, needed)
            self._used = found + self._kept_since
            if self._fits(size):
                return
            if not self._kept_since:
                break
            # What came to stay meanwhile was seen as well, or not: only another look tells.
        log.warning("DATA_MAX_BYTES is reached: %d bytes are needed or not ours to remove", self._used)
        raise NoRoomError

    def _fits(self, size: int) -> bool:
        return self._used is not None and self._used + self._taken + size <= self.most


def _reduced(root: Path, most: int, target: int, needed: frozenset[str]) -> int:
    """Return the bytes in a folder, after the oldest replaceable files were removed if there are more than `most`."""
    files = list(_files(root))
    total = sum(size for _, _, size, _ in files)
    if total <= most:
        return total
    for rank, _, size, path in sorted(files):
        if total <= target or rank == len(REPLACEABLE):
            break
        if path.name not in needed and remove_file(path):
            total -= size
    return total


def _files(root: Path) -> Iterator[tuple[int, float, int, Path]]:
    """Yield what may go first, when it was used last, its size, and the file, of everything but the database.

    What is being written is not among it: room for that was taken.
    """
    for folder, folders, names in os.walk(root):
        folders[:] = [each for each in folders if not each.startswith(WORK)]
        top = Path(folder).relative_to(root).parts[:1]
        rank = REPLACEABLE.index(top[0]) if top and top[0] in REPLACEABLE else len(REPLACEABLE)
        for name in names:
            path = Path(folder, name)
            if name.startswith(WORK) or (not top and name.endswith(DATABASE)):
                continue
            try:
                status = path.lstat()
            except OSError:
                continue  # gone meanwhile
            yield rank, status.st_mtime, status.st_size, path
