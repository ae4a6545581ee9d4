"""What the decoding process is told to do, and what it answers, as both processes write it."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What to make of the pictures."""

    CLEAN = "clean"
    """An input for a workflow: upright, one frame, without metadata, and no larger than the file was."""
    SMALL = "small"
    """A small likeness of each."""
    SHEET = "sheet"
    """All of them side by side with their numbers."""
    MASK = "mask"
    """A mask in the form graphs are given: white is what changes."""
    LAYER = "layer"
    """A mask (the first) as the transparency of a picture (the second), as ComfyUI's mask editor sends it."""


class Verdict(StrEnum):
    """How it ended."""

    MADE = "made"
    UNREADABLE = "unreadable"
    PIXELS = "pixels"
    """It has more pixels than are decoded."""
    HEAVY = "heavy"
    """It takes more memory than there is for one picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One piece of work; paths are ours, never a stranger's."""

    kind: Kind
    sources: tuple[str, ...]
    folder: str
    """Where results are written, as `<number of the source>.<extension>`; a sheet is number 0."""
    largest: int
    """Bytes that one written file may have."""
    side: int = 0
    """Pixels that a small likeness may be wide and high."""
    numbers: tuple[int, ...] = ()
    """What is written on each picture of a sheet."""

    def to_json(self) -> str:
        """Return the order as the argument of the process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """Read an order back."""
        told: dict[str, Any] = json.loads(text)
        return cls(
            kind=Kind(told["kind"]),
            sources=tuple(told["sources"]),
            folder=told["folder"],
            largest=told["largest"],
            side=told["side"],
            numbers=tuple(told["numbers"]),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an order: the extension of each result, empty for a source that gave none."""

    verdict: Verdict
    extensions: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the report as the process writes it on its standard output."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: bytes) -> "Report":
        """Read what a process wrote; raises ValueError, KeyError or TypeError for anything else."""
        told: dict[str, Any] = json.loads(text)
        return cls(Verdict(told["verdict"]), tuple(str(each) for each in told["extensions"]))
