"""Pictures without anything but their pixels, which stay bit for bit: only known pieces of a file are copied."""

import re
from collections.abc import Callable, Iterator, Mapping

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_PIECES = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
WEBP_PIECES = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"VP8X"})
WEBP_ALPHA = 0x10
"""The one flag of an extended WebP that still holds: transparency."""
ADOBE = 0xEE
"""The JPEG segment that says how colours are stored."""
JPEG_END = 0xD9
JPEG_SCAN = 0xDA
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


class DamagedError(ValueError):
    """The file is not built as its format says."""


def bare(data: bytes, extension: str) -> bytes:
    """Return a PNG, JPEG or WebP with its pixels and nothing else; raises `DamagedError`."""
    try:
        return b"".join(_READERS[extension](data))
    except IndexError as error:
        raise DamagedError(extension) from error


def _png(data: bytes) -> Iterator[bytes]:
    if not data.startswith(PNG_HEAD):
        raise DamagedError("no PNG")
    yield PNG_HEAD
    at = len(PNG_HEAD)
    while True:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise DamagedError("a PNG that is cut off")
        if kind in PNG_PIECES:
            yield data[at:end]
        if kind == b"IEND":
            return
        at = end


def _jpeg(data: bytes) -> Iterator[bytes]:
    if data[:2] != b"\xff\xd8":
        raise DamagedError("no JPEG")
    yield data[:2]
    at = 2
    while True:
        if data[at] != 0xFF:
            raise DamagedError("a JPEG without its next segment")
        while data[at + 1] == 0xFF:
            at += 1
        kind = data[at + 1]
        if kind == JPEG_END:
            yield data[at : at + 2]
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or end < at + 4:
            raise DamagedError("a JPEG that is cut off")
        if kind == JPEG_SCAN:
            found = _MARKER.search(data, end)
            if found is None:
                raise DamagedError("a JPEG without an end")
            end = found.start()
        if not _is_talk(kind):
            yield data[at:end]
        at = end


def _is_talk(kind: int) -> bool:
    """Whether a JPEG segment says something about the picture rather than being a part of it."""
    return kind == 0xFE or (0xE0 <= kind <= 0xEF and kind not in {0xE0, ADOBE})


def _webp(data: bytes) -> Iterator[bytes]:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise DamagedError("no WebP")
    pieces = list(_webp_pieces(data))
    yield b"RIFF" + (4 + sum(map(len, pieces))).to_bytes(4, "little") + b"WEBP"
    yield from pieces


def _webp_pieces(data: bytes) -> Iterator[bytes]:
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        behind = at + 8 + length + length % 2
        if at + 8 + length > end:
            raise DamagedError("a WebP that is cut off")
        if kind == b"VP8X":
            yield data[at : at + 8] + bytes([data[at + 8] & WEBP_ALPHA]) + data[at + 9 : behind]
        elif kind in WEBP_PIECES:
            yield data[at:behind] + b"\x00" * (behind - len(data[:behind]))
        at = behind


_READERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {"png": _png, "jpg": _jpeg, "webp": _webp}
