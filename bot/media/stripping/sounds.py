"""Metadata of FLAC, MP3 and Ogg: comments and tags, changed in place, with Ogg's sums set right."""

import struct
from collections.abc import Iterator
from functools import cache

from bot.media.stripping.keep import Keep
from bot.media.stripping.paths import without_paths
from bot.media.stripping.source import MOST, DamagedError, Edit, Source, masked

_COMMENT, _PADDING = 4, 1
_POLYNOMIAL = 0x04C11DB7
_MOST_PAGES = 5_000
_HEADS = (b"\x03vorbis", b"OpusTags")


def flac(source: Source, keep: Keep, at: int = 0) -> Iterator[Edit]:
    """Edit the comments; with nothing kept, they become padding."""
    at, last = at + 4, False
    while not last:
        (head,) = source.at(at, 1)
        size, last = int.from_bytes(source.at(at + 1, 3), "big"), bool(head & 0x80)
        first, end = at + 4, at + 4 + size
        if head & 0x7F == _COMMENT and keep is Keep.NOTHING:
            yield Edit(at, at + 1, bytes([head & 0x80 | _PADDING]))
            yield Edit(first, min(end, source.size))
        elif head & 0x7F == _COMMENT:
            yield from masked(source, first, end)
        at = end


def mp3(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit the tags at both ends; some programs put one before a FLAC, too."""
    if source.at(0, 3) == b"ID3":
        end = 10 + _syncsafe(source.at(6, 4))
        if keep is Keep.NOTHING:
            yield Edit(5, 6, b"\0")
            yield Edit(10, min(end, source.size))
        else:
            yield from masked(source, 10, end)
        if source.upto(end, 4) == b"fLaC":
            yield from flac(source, keep, end)
            return
    start = source.size - 128
    if start > 0 and source.at(start, 3) == b"TAG":
        if keep is Keep.NOTHING:
            yield Edit(start, source.size, b"")
        else:
            yield from masked(source, start, source.size)


def _syncsafe(raw: bytes) -> int:
    number = 0
    for each in raw:
        number = number << 7 | each & 0x7F
    return number


def ogg(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit the comments of Vorbis and Opus: the second packet, which may span many pages."""
    packet, pieces, pages = bytearray(), list[tuple[int, int]](), list[tuple[int, int]]()
    packets, at = 0, 0
    for _ in range(_MOST_PAGES):
        head = source.at(at, 27)
        if head[:4] != b"OggS" or len(packet) > MOST:
            raise DamagedError("no page")
        sizes = source.at(at + 27, head[26])
        body = at + 27 + len(sizes)
        pages.append((at, body + sum(sizes)))
        for size in sizes:
            if packets == 1:
                packet += source.at(body, size)
                pieces.append((body, size))
            body += size
            packets += size < 255
            if packets == 2:
                yield from _repaged(source, bytes(packet), keep, pieces, pages)
                return
        at = body


def _repaged(
    source: Source, packet: bytes, keep: Keep, pieces: list[tuple[int, int]], pages: list[tuple[int, int]]
) -> Iterator[Edit]:
    clean = _without_comments(packet) if keep is Keep.NOTHING else without_paths(packet)
    if clean == packet:
        return
    changed, taken = dict[int, bytes](), 0
    for start, size in pieces:
        changed[start] = clean[taken : taken + size]
        taken += size
    for start, end in pages:
        before = source.at(start, end - start)
        page = bytearray(before)
        for at, data in changed.items():
            if start <= at < end:
                page[at - start : at - start + len(data)] = data
        if bytes(page) != before:
            page[22:26] = bytes(4)
            page[22:26] = struct.pack("<I", _sum(page))
            yield Edit(start, end, bytes(page))


def _without_comments(packet: bytes) -> bytes:
    head = next((head for head in _HEADS if packet.startswith(head)), None)
    if head is None:
        raise DamagedError("no comments")
    (vendor,) = struct.unpack_from("<I", packet, len(head))
    kept = packet[: len(head) + 4 + vendor] + bytes(4)
    # Vorbis wants one bit behind them; what follows is read by nobody.
    return (kept + (b"\x01" if head == _HEADS[0] else b"")).ljust(len(packet), b"\0")[: len(packet)]


@cache
def _table() -> tuple[int, ...]:
    return tuple(_shifted(number << 24) for number in range(256))


def _shifted(value: int) -> int:
    for _ in range(8):
        value = (value << 1 ^ _POLYNOMIAL if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def _sum(page: bytes | bytearray) -> int:
    table, value = _table(), 0
    for each in page:
        value = (value << 8 & 0xFFFFFFFF) ^ table[value >> 24 ^ each]
    return value
