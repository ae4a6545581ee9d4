"""What a file is, and how many pixels wide and high, by its header alone: nothing is decoded, little is read."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.media.dimensions import dimensions
from bot.media.encoding.kinds import HEAD_BYTES, Content, recognised

Sides = tuple[int, int]

MOST_BOXES = 500
"""So many boxes of an MP4 are passed over before its size is given up."""


def looked_at(path: Path) -> tuple[Content | None, Sides | None]:
    """Return what a file is by its first bytes, and its sides where its header says them; raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        content = recognised(head)
        try:
            sides = (dimensions(path) or _sides(head, file)) if content is not None else None
        except struct.error:  # it ends before it says so
            sides = None
    return content, sides if sides is not None and all(sides) else None


def _sides(head: bytes, file: BinaryIO) -> Sides | None:
    if head.startswith(b"GIF8"):
        return struct.unpack("<HH", head[6:10])
    if head.startswith(b"BM"):
        width, height = struct.unpack("<ii", head[18:26])
        return abs(width), abs(height)
    return _mp4(file) if head[4:8] == b"ftyp" and head[8:12] not in {b"avif", b"avis"} else None


def _mp4(file: BinaryIO) -> Sides | None:
    end = file.seek(0, 2)
    for moov in _boxes(file, 0, end, b"moov"):
        for track in _boxes(file, *moov, b"trak"):
            for begin, stop in _boxes(file, *track, b"tkhd"):
                file.seek(max(begin, stop - 8))
                width, height = struct.unpack(">II", file.read(8))
                if width >= 1 << 16 and height >= 1 << 16:  # a sound has none
                    return width >> 16, height >> 16
    return None


def _boxes(file: BinaryIO, begin: int, end: int, kind: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the content of each box of a kind begins and ends."""
    for _ in range(MOST_BOXES):
        if begin + 8 > end:
            return
        file.seek(begin)
        length, found = struct.unpack(">I4s", file.read(8))
        header = 8
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
            header = 16
        stop = end if length == 0 else begin + length
        if stop < begin + header or stop > end:
            return
        if found == kind:
            yield begin + header, stop
        begin = stop
