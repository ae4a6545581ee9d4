"""Metadata of PNG, JPEG and GIF: chunks, segments and comments; the pixels stay as they are, byte for byte."""

import struct
import zlib
from collections.abc import Iterator

from bot.media.stripping.keep import Keep
from bot.media.stripping.paths import without_paths
from bot.media.stripping.source import MOST, DamagedError, Edit, Source, masked

_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"comf", b"eXIf"})
_UNPACKED = 8 << 20
_SEGMENTS = frozenset({0xE1, 0xED, 0xFE})
"""EXIF and XMP, Photoshop's, comments."""
_START_OF_SCAN = 0xDA
_EXTENSION, _IMAGE, _TRAILER, _COMMENT, _APPLICATION = 0x21, 0x2C, 0x3B, 0xFE, 0xFF


def png(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit the chunks with texts, before and behind the pixels."""
    at = 8
    while at + 12 <= source.size:
        size, kind = struct.unpack(">I4s", source.at(at, 8))
        end = at + 12 + size
        if kind in _TEXTS:
            source.at(end - 1, 1)  # whether it is all there
            if keep is Keep.NOTHING or size > MOST:  # more than any graph has; nobody can look through it
                yield Edit(at, end, b"")
            elif (clean := _cleaned(kind, body := source.at(at + 8, size))) != body:
                chunk = struct.pack(">I4s", len(clean), kind) + clean
                yield Edit(at, end, chunk + struct.pack(">I", zlib.crc32(chunk[4:])))
        at = end


def _cleaned(kind: bytes, body: bytes) -> bytes:
    key, end, rest = body.partition(b"\0")
    if kind == b"zTXt":
        return key + end + rest[:1] + _repacked(rest[1:])
    if kind == b"iTXt" and rest[:1] == b"\1":
        language, translated, text = rest[2:].split(b"\0", 2)
        return key + end + rest[:2] + b"\0".join((language, translated, _repacked(text)))
    return without_paths(body)


def _repacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, _UNPACKED)
    if unpacker.unconsumed_tail:
        return zlib.compress(b"")  # more than any graph has; nobody can look through it
    clean = without_paths(text)
    return packed if clean == text else zlib.compress(clean)


def jpeg(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit the segments before the picture itself."""
    at = 2
    while at + 4 <= source.size:
        mark, marker, size = struct.unpack(">BBH", source.at(at, 4))
        if mark != 0xFF:
            raise DamagedError("no marker")
        if marker == _START_OF_SCAN:
            return
        end = at + 2 + size
        if marker in _SEGMENTS:
            source.at(end - 1, 1)
            if keep is Keep.NOTHING:
                yield Edit(at, end, b"")
            else:
                yield from masked(source, at + 4, end)
        at = end


def gif(source: Source, keep: Keep) -> Iterator[Edit]:
    """Edit the comments; with nothing kept, the XMP block goes as well."""
    at = 13 + _table(source.at(10, 1)[0])
    while at < source.size:
        kind = source.at(at, 1)[0]
        if kind == _TRAILER:
            return
        if kind == _IMAGE:
            at = _behind(source, at + 11 + _table(source.at(at + 9, 1)[0]))
        elif kind == _EXTENSION:
            label = source.at(at + 1, 1)[0]
            end = _behind(source, at + 2)
            is_xmp = label == _APPLICATION and source.upto(at + 3, 8) == b"XMP Data"
            if keep is Keep.NOTHING and (label == _COMMENT or is_xmp):
                yield Edit(at, end, b"")
            elif label == _COMMENT:
                yield from _comment(source, at + 2, end)
            at = end
        else:
            raise DamagedError("no block")


def _table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind(source: Source, at: int) -> int:
    """Return where a chain of blocks ends."""
    while (size := source.at(at, 1)[0]) != 0:
        at += 1 + size
    return at + 1


def _comment(source: Source, start: int, end: int) -> Iterator[Edit]:
    text, at, sizes = bytearray(), start, list[int]()
    while (size := source.at(at, 1)[0]) != 0:
        text += source.at(at + 1, size)
        sizes.append(size)
        at += 1 + size
    said = bytes(text)
    clean = without_paths(said)
    if clean == said:
        return
    blocks, taken = bytearray(), 0
    for size in sizes:
        blocks += bytes([size]) + clean[taken : taken + size]
        taken += size
    yield Edit(start, end, bytes(blocks) + b"\0")
