"""A file to be read here and there, what is to be changed in it, and the copy with the changes: never all in memory."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.media.stripping.paths import without_paths

WINDOW = 1 << 20
MOST = 16 << 20
"""The largest piece that is looked at in one."""


class DamagedError(ValueError):
    """The file is not what its beginning says."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands between two places gives way to `data`; None means as many zeros."""

    start: int
    end: int
    data: bytes | None = None


class Source:
    """An open file and its size."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    def at(self, start: int, length: int) -> bytes:
        """Return exactly so many bytes; raises `DamagedError` where the file ends before, or for more than `MOST`."""
        if length > MOST or start < 0 or start + length > self.size:
            raise DamagedError(f"{length} bytes at {start} of {self.size}")
        self._file.seek(start)
        return self._file.read(length)

    def upto(self, start: int, length: int) -> bytes:
        """Return at most so many bytes."""
        return self.at(start, max(0, min(length, self.size - start)))


def masked(source: Source, start: int, end: int) -> Iterator[Edit]:
    """Take the paths out of a piece of any size that nothing sums up."""
    if end > source.size:
        raise DamagedError(f"{end} of {source.size}")
    while start < end:
        data = source.at(start, min(WINDOW, end - start))
        if start + len(data) < end:
            # Cut where no path is: behind the last comma.
            data = data[: data.rfind(b",") + 1] or data
        clean = without_paths(data)
        if clean != data:
            yield Edit(start, start + len(data), clean)
        start += len(data)


def write_copy(source: Path, target: Path, edits: Iterable[Edit]) -> None:
    """Copy a file with its edits; raises OSError."""
    with source.open("rb") as file, target.open("wb") as out:
        at = 0
        for edit in sorted(edits, key=lambda each: each.start):
            _copy(file, out, at, edit.start)
            if edit.data is None:
                _zeros(out, edit.end - edit.start)
            else:
                out.write(edit.data)
            at = edit.end
        _copy(file, out, at, os.fstat(file.fileno()).st_size)


def _copy(file: BinaryIO, out: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end and (data := file.read(min(WINDOW, end - start))):
        out.write(data)
        start += len(data)


def _zeros(out: BinaryIO, length: int) -> None:
    out.writelines(bytes(min(WINDOW, length - start)) for start in range(0, length, WINDOW))
