"""How many pixels wide and high a picture is, by its header alone: nothing is decoded, little is read."""

import struct
from pathlib import Path
from typing import BinaryIO

Size = tuple[int, int]
MOST_SEGMENTS = 500
"""So many segments of a JPEG are passed over before its size is given up."""
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset(range(0xD0, 0xDA)) | {0x01, 0xFF}
_WEBP_MASK = 0x3FFF


def dimensions(path: Path) -> Size | None:
    """Return width and height of a PNG, JPEG or WebP; None for anything else, and where it cannot be read; blocks."""
    try:
        with path.open("rb") as file:
            head = file.read(32)
            if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
                return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
            if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
                return _webp(head)
            return _jpeg(file) if head.startswith(b"\xff\xd8") else None
    except (OSError, struct.error):  # it cannot be read, or ends before it says so
        return None


def _webp(head: bytes) -> Size | None:
    match head[12:16]:
        case b"VP8X":
            return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & _WEBP_MASK) + 1, (bits >> 14 & _WEBP_MASK) + 1
        case b"VP8 ":
            width, height = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
            return width & _WEBP_MASK, height & _WEBP_MASK
        case _:
            return None


def _jpeg(file: BinaryIO) -> Size | None:
    file.seek(2)
    for _ in range(MOST_SEGMENTS):
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
