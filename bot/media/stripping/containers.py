"""Metadata of MP4, Matroska, RIFF and binary glTF: changed in place, so that nothing in the file moves."""

import json
import struct
import zlib
from collections.abc import Iterator

from bot.media.stripping.keep import Keep
from bot.media.stripping.paths import without_paths
from bot.media.stripping.source import DamagedError, Edit, Source, masked

_MOST_PARTS = 50_000
_INSIDE = frozenset({b"moov", b"trak"})
_SAID = frozenset({b"udta", b"meta", b"uuid"})
_SEGMENT, _TAGS, _INFO, _TITLE = 0x18538067, 0x1254C367, 0x1549A966, 0x7BA9
_CRC = b"\xbf\x84"
_RIFF_SAID = frozenset({b"EXIF", b"XMP ", b"id3 ", b"ID3 ", b"bext", b"iXML", b"_PMX", b"cart"})
_WEBP_FLAGS = 0x08 | 0x04
"""Whether there is EXIF, and XMP."""


def mp4(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit what users and programs wrote into an ISO media file or one of QuickTime's."""
    yield from _boxes(source, keep, 0, source.size)


def _boxes(source: Source, keep: Keep, at: int, end: int) -> Iterator[Edit]:
    for _ in range(_MOST_PARTS):
        if at + 8 > end:
            return
        size, kind = struct.unpack(">I4s", source.at(at, 8))
        first = at + 8
        if size == 1:
            (size,), first = struct.unpack(">Q", source.at(at + 8, 8)), at + 16
        last = end if size == 0 else min(at + size, end)
        if last < first:
            raise DamagedError("a box ends before it begins")
        if kind in _INSIDE:
            yield from _boxes(source, keep, first, last)
        elif kind in _SAID and keep is Keep.NOTHING:
            yield Edit(at + 4, at + 8, b"free")
            yield Edit(first, last)
        elif kind in _SAID:
            yield from masked(source, first, last)
        at = last


def matroska(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit the tags and the title, and the sums over them."""
    for kind, first, last in _elements(source, 0, source.size):
        if kind == _SEGMENT:
            for inner, start, end in _elements(source, first, last):
                if inner in {_TAGS, _INFO}:
                    yield from _element(source, keep, inner, start, end)


def _element(source: Source, keep: Keep, kind: int, start: int, end: int) -> Iterator[Edit]:
    body = source.at(start, end - start)
    if keep is not Keep.NOTHING:
        clean = without_paths(body)
    elif kind == _TAGS:
        yield Edit(start, end, _void(len(body)))
        return
    else:
        clean = bytearray(body)
        for inner, first, last in _elements(source, start, end):
            if inner == _TITLE:
                clean[first - start : last - start] = b" " * (last - first)
        clean = bytes(clean)
    if clean != body:
        if clean.startswith(_CRC):
            clean = _CRC + struct.pack("<I", zlib.crc32(clean[6:])) + clean[6:]
        yield Edit(start, end, clean)


def _void(length: int) -> bytes:
    """Return an element without meaning that takes so many bytes."""
    if length < 9:
        return b"\xec" + bytes([0x80 | length - 2]) + bytes(length - 2) if length >= 2 else bytes(length)
    return b"\xec\x01" + (length - 9).to_bytes(7, "big") + bytes(length - 9)


def _elements(source: Source, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield id, first and last byte of the content of each element; raises where one is of unknown length inside."""
    for _ in range(_MOST_PARTS):
        if at >= end:
            return
        kind, at = _number(source, at, marked=True)
        size, first = _number(source, at, marked=False)
        last = first + size
        if size == (1 << (7 * (first - at))) - 1:
            if kind != _SEGMENT:
                raise DamagedError("of unknown length, as live recordings are")
            last = end
        yield kind, first, min(last, end)
        at = last


def _number(source: Source, at: int, *, marked: bool) -> tuple[int, int]:
    length = 9 - source.at(at, 1)[0].bit_length()
    if length > 8:
        raise DamagedError("no such length")
    number = int.from_bytes(source.at(at, length), "big")
    return (number if marked else number & ((1 << (7 * length)) - 1)), at + length


def riff(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit what is said in WebP, WAV and AVI."""
    form, at, gone = source.at(8, 4), 12, 0
    for _ in range(_MOST_PARTS):
        if at + 8 > source.size:
            break
        kind, size = struct.unpack("<4sI", source.at(at, 8))
        end = at + 8 + size + size % 2
        if kind == b"VP8X" and keep is Keep.NOTHING:
            (flags,) = source.at(at + 8, 1)
            yield Edit(at + 8, at + 9, bytes([flags & ~_WEBP_FLAGS]))
        if kind in _RIFF_SAID or (kind == b"LIST" and source.upto(at + 8, 4) == b"INFO"):
            source.at(at + 8 + size - 1, 1)
            end = min(end, source.size)
            if keep is not Keep.NOTHING:
                yield from masked(source, at + 8, at + 8 + size)
            elif form == b"WEBP":
                gone += end - at
                yield Edit(at, end, b"")
            else:
                yield Edit(at, at + 4, b"JUNK")
                yield Edit(at + 8, at + 8 + size)
        at = end
    if gone:
        (total,) = struct.unpack("<I", source.at(4, 4))
        yield Edit(4, 8, struct.pack("<I", max(0, total - gone)))


def glb(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit the JSON of a binary glTF, where ComfyUI puts its graphs beside the version."""
    size, kind = struct.unpack("<I4s", source.at(12, 8))
    if kind != b"JSON":
        raise DamagedError("no JSON")
    if keep is not Keep.NOTHING:
        yield from masked(source, 20, 20 + size)
        return
    document = json.loads(source.at(20, size))
    if not document.get("asset", {}).pop("extras", None):
        return
    body = json.dumps(document, separators=(",", ":")).encode()
    body += b" " * (-len(body) % 4)
    (total,) = struct.unpack("<I", source.at(8, 4))
    yield Edit(8, 16, struct.pack("<II", total - size + len(body), len(body)))
    yield Edit(20, 20 + size, body)
