"""The wildcards of a folder: text files whose lines `__name__` in a prompt stands for."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fnmatch import translate
from itertools import accumulate
from pathlib import Path
from typing import overload

from bot.errors import UserError
from bot.workflows.graph.files import near_misses

MAXIMUM_FILES = 2_000
MAXIMUM_BYTES = 2_000_000
MAXIMUM_TOTAL = 64_000_000
"""Bytes of all files together; their lines take several times as much memory."""
_SHOWN = 15


class _Joined(Sequence[str]):
    """The lines of several wildcards one after another, none of them copied."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        self._parts = parts
        self._ends = list(accumulate(map(len, parts)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        part = bisect_right(self._ends, index)
        return self._parts[part][index - self._ends[part]]


class Wildcards:
    """Wildcards as read: lines by name, a name being the file's without ending, its folders before it."""

    def __init__(self, lines: Mapping[str, Sequence[str]]) -> None:
        self.lines = lines
        self._below: dict[str, list[str]] = {}
        for name in lines:
            self._below.setdefault(name.rsplit("/", 1)[-1], []).append(name)

    def find(self, name: str) -> Sequence[str]:
        """Return the lines of a wildcard, or of all that a name with `*` is like; raises `UserError` with those there are.

        Capitals do not count, and the folders before a name may be left out where nothing else is called so.
        """
        wanted = name.strip("/").casefold()
        if "*" in wanted:
            like = re.compile(translate(wanted)).match
            if alike := [lines for each, lines in self.lines.items() if like(each)]:
                return _Joined(alike)
        if (exact := self.lines.get(wanted)) is not None:
            return exact
        below = self._below.get(wanted, ())
        if len(below) == 1:
            return self.lines[below[0]]
        raise self._unknown(name)

    def known(self, name: str) -> Sequence[str] | None:
        """Return the lines of a wildcard, `None` where there is none of that name."""
        try:
            return self.find(name)
        except UserError:
            return None

    def _unknown(self, name: str) -> UserError:
        if not self.lines:
            return UserError(
                "There is no wildcard called {name}, and no other either. Write `{literal}` if you mean just that.",
                name=name, literal=f"\\__{name}__",
            )  # fmt: skip
        near = near_misses(name, tuple(self.lines)) if len(self.lines) > _SHOWN else ()
        return UserError(
            "There is no wildcard called {name}. There are: {there}.",
            name=name,
            there=", ".join(near or sorted(self.lines)[:_SHOWN]),
        )


class WildcardFolder:
    """A folder of wildcard files, read when needed and anew when they changed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: dict[Path, tuple[tuple[int, int], tuple[str, ...]]] = {}
        self.current = Wildcards({})

    def refresh(self) -> Wildcards:
        """Look into the folder and read what changed; blocks. What cannot be read, or is too much, is left out."""
        room = MAXIMUM_TOTAL
        found: dict[str, Sequence[str]] = {}
        kept: dict[Path, tuple[tuple[int, int], tuple[str, ...]]] = {}
        for path in _files(self._directory):
            read = self._file(path, min(MAXIMUM_BYTES, room))
            if read is not None:
                room -= read[0][1]
                kept[path] = read
                found[path.relative_to(self._directory).with_suffix("").as_posix().casefold()] = read[1]
        self._read = kept
        self.current = Wildcards(found)
        return self.current

    def _file(self, path: Path, most: int) -> tuple[tuple[int, int], tuple[str, ...]] | None:
        try:
            about = path.stat()
            stamp = about.st_mtime_ns, about.st_size
            if about.st_size > most:
                return None
            known = self._read.get(path)
            if known is not None and known[0] == stamp:
                return known
            text = path.read_bytes()[:most].decode("utf-8-sig", errors="replace")
        except OSError:
            return None
        lines = (line.strip() for line in text.splitlines())
        return stamp, tuple(line for line in lines if line and not line.startswith("#"))


def _files(directory: Path) -> list[Path]:
    """Return the text files below a folder; links that lead out of it are no part of it."""
    try:
        home = directory.resolve(strict=True)
        inside = [
            path
            for path in sorted(directory.rglob("*.txt"))
            if path.is_file() and path.resolve().is_relative_to(home)
        ]
    except OSError:
        return []
    return inside[:MAXIMUM_FILES]
