"""How many pixels wide and high a picture or film is, by its header alone: nothing is decoded, little is read."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.ui.encoding.kinds import HEAD_BYTES, Content, recognised

Sides = tuple[int, int]

MOST_PARTS = 500
"""So many segments of a JPEG, or boxes of an MP4, are passed over before its size is given up."""
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset(range(0xD0, 0xDA)) | {0x01, 0xFF}


def looked_at(path: Path) -> tuple[Content | None, Sides | None]:
    """Return what a file is by its first bytes, and its sides where its header says them; raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        content = recognised(head)
        try:
            sides = _sides(head, file) if content is not None else None
        except (struct.error, IndexError):  # it ends before it says so
            sides = None
    return content, sides if sides is not None and all(sides) else None


def _sides(head: bytes, file: BinaryIO) -> Sides | None:
    if head.startswith(b"\x89PNG"):
        return struct.unpack(">II", head[16:24])
    if head.startswith(b"GIF8"):
        return struct.unpack("<HH", head[6:10])
    if head.startswith(b"BM"):
        width, height = struct.unpack("<ii", head[18:26])
        return abs(width), abs(height)
    if head[8:12] == b"WEBP":
        return _webp(head)
    if head.startswith(b"\xff\xd8"):
        return _jpeg(file)
    return _mp4(file) if head[4:8] == b"ftyp" and head[8:12] not in {b"avif", b"avis"} else None


def _webp(head: bytes) -> Sides | None:
    match head[12:16]:
        case b"VP8X":
            return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        case b"VP8L":
            (bits,) = struct.unpack("<I", head[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack("<HH", head[26:30])
            return width & 0x3FFF, height & 0x3FFF
        case _:
            return None


def _jpeg(file: BinaryIO) -> Sides | None:
    file.seek(2)
    for _ in range(MOST_PARTS):
        start, marker = struct.unpack("BB", file.read(2))
        if start != 0xFF:
            return None
        if marker in _BARE_MARKERS:
            file.seek(-1 if marker == 0xFF else 0, 1)
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        file.seek(max(0, length - 2), 1)
    return None


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
    for _ in range(MOST_PARTS):
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
