"""Texts in films: metadata of MP4 and its relatives, and tags of Matroska and WebM."""

import struct
from collections.abc import Iterator

_MAXIMUM_BOXES = 50_000
_MAXIMUM_DEPTH = 8
_INSIDE = frozenset({b"moov", b"udta"})

_SEGMENT, _TAGS, _TAG, _SIMPLE, _NAME, _STRING = 0x18538067, 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487
_CLUSTER = 0x1F43B675


# --- MP4, MOV, M4A


def mp4_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the metadata of an ISO media file: by key, in iTunes style, or in QuickTime's own."""
    yield from _metadata(data, 0, len(data), 0)


def _metadata(data: bytes, start: int, end: int, depth: int) -> Iterator[tuple[str, str]]:
    for kind, first, last in _boxes(data, start, end):
        if kind in _INSIDE and depth < _MAXIMUM_DEPTH:
            yield from _metadata(data, first, last, depth + 1)
        elif kind == b"meta":
            # In ISO files four bytes of version come first, in QuickTime's none do.
            yield from _items(data, first if data[first + 4 : first + 8] == b"hdlr" else first + 4, last)
        elif kind[:1] == b"\xa9" and last - first > 4:
            yield _itunes(kind), data[first + 4 : last].decode("utf-8", "replace")


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, first and last byte of what is in each box between two places."""
    at = start
    for _ in range(_MAXIMUM_BOXES):
        if at + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        last = end if size == 0 else min(at + size, end)
        if last < at + head:
            return
        yield kind, at + head, last
        at = last


def _items(data: bytes, start: int, end: int) -> Iterator[tuple[str, str]]:
    keys: list[str] = []
    for kind, first, last in _boxes(data, start, end):
        if kind == b"keys":
            inner = _boxes(data, first + 8, last)
            keys = [data[a:b].decode("utf-8", "replace") for _, a, b in inner]
        elif kind == b"ilst":
            for item, a, b in _boxes(data, first, last):
                number = int.from_bytes(item, "big")
                name = keys[number - 1] if 0 < number <= len(keys) else _itunes(item)
                yield from _values(data, name, a, b)


def _values(data: bytes, name: str, start: int, end: int) -> Iterator[tuple[str, str]]:
    for kind, first, last in _boxes(data, start, end):
        if kind == b"name":
            name = data[first + 4 : last].decode("utf-8", "replace")
        elif kind == b"data":
            yield name, data[first + 8 : last].decode("utf-8", "replace")


def _itunes(kind: bytes) -> str:
    return "comment" if kind == b"\xa9cmt" else kind.decode("latin-1")


# --- Matroska, WebM


def matroska_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the tags of a Matroska file."""
    for kind, first, last in _elements(data, 0, len(data)):
        if kind == _SEGMENT:
            for tags, a, b in _elements(data, first, last):
                if tags == _TAGS:
                    yield from _tags(data, a, b)


def _tags(data: bytes, start: int, end: int) -> Iterator[tuple[str, str]]:
    for tag, first, last in _elements(data, start, end):
        if tag != _TAG:
            continue
        for simple, a, b in _elements(data, first, last):
            if simple == _SIMPLE:
                parts = {kind: data[x:y].decode("utf-8", "replace") for kind, x, y in _elements(data, a, b)}
                yield parts.get(_NAME, ""), parts.get(_STRING, "")


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield id, first and last byte of what is in each element between two places."""
    at = start
    for _ in range(_MAXIMUM_BOXES):
        if at >= end:
            return
        kind, at = _number(data, at, marked=True)
        size, first = _number(data, at, marked=False)
        last = min(first + size, end)
        if size == (1 << (7 * (first - at))) - 1:  # of unknown length, as live recordings are
            after = data.find(_TAGS.to_bytes(4, "big"), first, end) if kind == _CLUSTER else -1
            last = after if after >= 0 else end
        yield kind, first, last
        at = last


def _number(data: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """Read a number of variable length, with its length's mark or without, and where it ends."""
    head = data[at]
    length = 9 - head.bit_length()
    if length > 8:
        raise ValueError("no such length")
    number = int.from_bytes(data[at : at + length], "big")
    return (number if marked else number & ((1 << (7 * length)) - 1)), at + length
