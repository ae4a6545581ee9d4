"""Texts in sounds: comments of FLAC, Vorbis and Opus, and ID3 tags of MP3."""

import struct
from collections.abc import Iterator

_MAXIMUM_PAGES = 5_000
_MAXIMUM_PACKET = 20_000_000
_MAXIMUM_COMMENTS = 1_000
_VORBIS_COMMENT = 4
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def flac_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the comments of a FLAC file."""
    at, last = 4, False
    while not last and at + 4 <= len(data):
        kind, size = data[at] & 0x7F, int.from_bytes(data[at + 1 : at + 4], "big")
        last = bool(data[at] & 0x80)
        if kind == _VORBIS_COMMENT:
            yield from _comments(data[at + 4 : at + 4 + size])
        at += 4 + size


def ogg_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the comments of a Vorbis or Opus file: its second packet, which may span many pages."""
    packets, packet, at = 0, bytearray(), 0
    for _ in range(_MAXIMUM_PAGES):
        if data[at : at + 4] != b"OggS" or len(packet) > _MAXIMUM_PACKET:
            return
        count = data[at + 26]
        sizes = data[at + 27 : at + 27 + count]
        at += 27 + count
        for size in sizes:
            packet += data[at : at + size]
            at += size
            if size < 255:
                packets += 1
                if packets == 2:
                    yield from _comments(bytes(packet).removeprefix(b"OpusTags").removeprefix(b"\x03vorbis"))
                    return
                packet.clear()


def _comments(body: bytes) -> Iterator[tuple[str, str]]:
    (vendor,) = struct.unpack_from("<I", body, 0)
    (count,) = struct.unpack_from("<I", body, 4 + vendor)
    at = 8 + vendor
    for _ in range(min(count, _MAXIMUM_COMMENTS)):
        (size,) = struct.unpack_from("<I", body, at)
        key, _, text = body[at + 4 : at + 4 + size].decode("utf-8", "replace").partition("=")
        yield key, text
        at += 4 + size


def mp3_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts and comments of an ID3 tag of version 2.3 or 2.4 at the start of a file."""
    version, flags = data[3], data[5]
    end = 10 + _syncsafe(data[6:10])
    body = data[10:end]
    if flags & 0x80 and version < 4:
        body = body.replace(b"\xff\x00", b"\xff")
    at = 0
    if flags & 0x40:
        at = _syncsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4], "big")
    for _ in range(_MAXIMUM_COMMENTS):
        kind = body[at : at + 4]
        if len(kind) < 4 or not kind.isalnum():
            return
        raw = body[at + 4 : at + 8]
        size = _syncsafe(raw) if version == 4 else int.from_bytes(raw, "big")
        yield from _frame(kind, body[at + 10 : at + 10 + size])
        at += 10 + size


def _frame(kind: bytes, body: bytes) -> Iterator[tuple[str, str]]:
    if kind not in {b"TXXX", b"COMM"} or not body or body[0] >= len(_ENCODINGS):
        return
    encoding, rest = _ENCODINGS[body[0]], body[4:] if kind == b"COMM" else body[1:]
    wide = encoding.startswith("utf-16")
    split = _end_of_text(rest, wide=wide)
    key = rest[:split].decode(encoding, "replace")
    text = rest[split + (2 if wide else 1) :].decode(encoding, "replace").rstrip("\0")
    yield (key if kind == b"TXXX" else "comment"), text


def _end_of_text(raw: bytes, *, wide: bool) -> int:
    if not wide:
        return raw.index(b"\0")
    return next(i for i in range(0, len(raw) - 1, 2) if raw[i : i + 2] == b"\0\0")


def _syncsafe(raw: bytes) -> int:
    number = 0
    for each in raw:
        number = number << 7 | each & 0x7F
    return number
