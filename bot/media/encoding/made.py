"""What every way of making a file smaller hands back, and the ways it can end without one."""

import time
from dataclasses import dataclass
from pathlib import Path


class Unreadable(Exception):  # noqa: N818 - names what is the case
    """The file cannot be decoded, or claims more than is decoded."""


class Missing(Exception):  # noqa: N818 - names what is the case
    """A library that this kind of file needs is not installed."""


@dataclass(frozen=True, slots=True)
class Made:
    """A smaller file, and how it came to be, for the log."""

    path: Path
    how: str


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be made smaller: at most `limit` bytes, written beside `stem`, before `deadline`."""

    source: Path
    stem: Path
    limit: int
    deadline: float
    """On the monotonic clock of this process."""

    def target(self, extension: str) -> Path:
        """Return where a result of this kind is written."""
        return self.stem.with_name(f"{self.stem.name}.{extension}")

    def overflows(self, target: Path) -> bool:
        """Whether what is written so far is too large already; a file may be there only once it is written to."""
        return target.exists() and target.stat().st_size > self.limit

    @property
    def seconds_left(self) -> float:
        """Seconds that may still be used."""
        return self.deadline - time.monotonic()
