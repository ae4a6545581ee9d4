"""Files kept by what they contain: attached inputs and outputs already fetched."""

import asyncio
import hashlib
import os
import re
import sys
import threading
import uuid
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bot.jobs.files.space import Space
from bot.jobs.files.sweeping import work_name
from bot.jobs.model.request import InputRef

_DIGEST = re.compile(r"[0-9a-f]{64}")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")


def derived_name(path: Path, *about: object) -> str:
    """Return a name, without extension, for what is made from a file as it is now: for this, in this way; blocks.

    What is made from a file of a `ContentStore`, or from that in turn, is found by its SHA-256. Raises OSError.
    """
    status = path.stat()
    told = "|".join(map(str, (path.resolve(), status.st_size, status.st_mtime_ns, *about)))
    origin = _DIGEST.match(path.stem)
    name = hashlib.sha256(told.encode()).hexdigest()[:40]
    return f"{origin[0]}-{name}" if origin else name


async def _nothing() -> frozenset[str]:
    return frozenset()


class ContentStore:
    """A folder of files named by their SHA-256; a file is there whole or not at all.

    `derived` are folders of what is made from them, named by `derived_name`; it goes with them.
    """

    def __init__(self, root: Path, *, derived: tuple[Path, ...] = (), space: Space | None = None) -> None:
        self.root = root
        self.space = space or Space(root, sys.maxsize, _nothing)
        """Where room is to be taken before something is written beside `put`."""
        self._derived = derived
        self._arriving = threading.Lock()
        self._arrivals: Counter[str] = Counter()
        """How often each file came in, since it was last absent."""

    def path(self, ref: InputRef) -> Path:
        """Return where the file lies, or would."""
        return self.root / ref.sha256[:2] / ref.name

    async def put(self, data: bytes, extension: str) -> InputRef:
        """Keep these bytes; `extension` is ours, never taken from a file name unchecked. Raises OSError."""
        async with self.space.room(len(data)) as room:
            ref = await asyncio.to_thread(self._put, data, extension.lower())
            room.kept = ref.size
        return ref

    async def get(self, ref: InputRef) -> bytes:
        """Return the bytes; raises FileNotFoundError if they were removed."""
        return await asyncio.to_thread(self.path(ref).read_bytes)

    def remove(self, ref: InputRef) -> None:
        """Remove a file and whatever was made from it, if they are there; blocks; raises OSError."""
        made = [path for folder in self._derived for path in folder.glob(f"{ref.sha256}-*")]
        with self._arriving:
            self._arrivals.pop(ref.name, None)
            for path in (self.path(ref), *made):
                path.unlink(missing_ok=True)

    def remove_arrival(self, ref: InputRef) -> None:
        """Remove a file that was brought in for nothing, unless it was brought in for something else as well; blocks."""
        with self._arriving:
            self._arrivals[ref.name] -= 1
            alone = self._arrivals[ref.name] <= 0
        if alone:
            self.remove(ref)

    def use(self, ref: InputRef) -> bool:
        """Return whether the file is there, and count it as used now; blocks."""
        try:
            os.utime(self.path(ref))
        except OSError:
            return self.path(ref).is_file()  # a disk that cannot be written can still be read
        return True

    def unused_since(self, time: float) -> list[InputRef]:
        """Return the files that were last used before then, seconds since the epoch; blocks."""
        found: list[InputRef] = []
        for path in self.root.glob("??/*"):
            with suppress(OSError):  # gone meanwhile
                status = path.stat()
                if status.st_mtime < time and _DIGEST.fullmatch(path.stem):
                    found.append(InputRef(path.stem, path.suffix[1:], status.st_size))
        return found

    def partial(self, name: str) -> Path:
        """Return where to write a file before `adopt` is called; blocks."""
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root / work_name(name)

    def adopt(self, path: Path, extension: str) -> InputRef:
        """Move a file that is whole into the store, where it may be already; blocks."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        extension = extension.lower()
        ref = InputRef(digest, extension if _EXTENSION.fullmatch(extension) else "bin", path.stat().st_size)
        self.path(ref).parent.mkdir(parents=True, exist_ok=True)
        with self._arriving:
            path.replace(self.path(ref))
            self._arrivals[ref.name] += 1
        return ref

    def _put(self, data: bytes, extension: str) -> InputRef:
        if not _EXTENSION.fullmatch(extension):
            raise ValueError(f"not a file extension: {extension!r}")
        ref = InputRef(hashlib.sha256(data).hexdigest(), extension, len(data))
        path = self.path(ref)
        if path.is_file() and path.stat().st_size == len(data):
            os.utime(path)
            return ref
        partial = self.partial(uuid.uuid4().hex)
        try:
            partial.write_bytes(data)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return ref
