"""Texts in pictures: chunks of PNG, and EXIF in WebP and JPEG, as ComfyUI and its packs write them."""

import struct
import zlib
from collections.abc import Iterator

_MAXIMUM_CHUNKS = 50_000
_MAXIMUM_UNPACKED = 10_000_000
"""Bytes to which the texts of one picture unpack at most."""
_MAXIMUM_ENTRIES = 500
_EXIF_DIRECTORY = 0x8769
_USER_COMMENT = 0x9286


def png_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts of a PNG, animated or not, those behind the pixels included."""
    at, left = 8, _MAXIMUM_UNPACKED
    for _ in range(_MAXIMUM_CHUNKS):
        if at + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return
        if kind in {b"tEXt", b"zTXt", b"iTXt", b"comf"}:
            key, text = _png_text(kind, data[at + 8 : at + 8 + size], left)
            left -= len(text)
            yield _text(key), _text(text)
        elif kind == b"eXIf":
            yield from exif_texts(data[at + 8 : at + 8 + size])
        at += size + 12


def _png_text(kind: bytes, body: bytes, most: int) -> tuple[bytes, bytes]:
    """Return key and text of a chunk; raises ValueError where it unpacks to more bytes than `most`."""
    key, _, rest = body.partition(b"\0")
    match kind:
        case b"zTXt":
            text = _unpacked(rest[1:], most)
        case b"iTXt":
            packed, rest = rest[:1] == b"\1", rest[2:]
            rest = rest.split(b"\0", 2)[2]  # behind the language and the translated key
            text = _unpacked(rest, most) if packed else rest
        case _:  # tEXt, and the chunk that ComfyUI's animated PNGs have
            text = rest
    return key, text


def _unpacked(packed: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, max(1, most))
    if unpacker.unconsumed_tail:
        raise ValueError("a text unpacks to more than a graph can have")
    return text


def _text(raw: bytes) -> str:
    """Read a text: the standard says Latin-1, some programs write UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def webp_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts in the EXIF of a WebP, animated or not."""
    at = 12
    for _ in range(_MAXIMUM_CHUNKS):
        if at + 8 > len(data):
            return
        kind, size = struct.unpack_from("<4sI", data, at)
        if kind == b"EXIF":
            yield from exif_texts(data[at + 8 : at + 8 + size])
        at += 8 + size + size % 2


def jpeg_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts in the EXIF and the comments of a JPEG."""
    at = 2
    for _ in range(_MAXIMUM_CHUNKS):
        if at + 4 > len(data) or data[at] != 0xFF:
            return
        marker, (size,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        if marker == 0xDA:  # the picture itself begins
            return
        body = data[at + 4 : at + 2 + size]
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            yield from exif_texts(body)
        elif marker == 0xFE:
            yield "comment", _text(body)
        at += 2 + size


def exif_texts(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts of EXIF; those that begin with a key and a colon are split there."""
    body = body.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(body[:2])
    if order is None:
        return
    directories = [struct.unpack_from(f"{order}I", body, 4)[0]]
    for start in directories:  # grows by the one that the first names
        (count,) = struct.unpack_from(f"{order}H", body, start)
        for number in range(min(count, _MAXIMUM_ENTRIES)):
            tag, kind, size, inline = struct.unpack_from(f"{order}HHI4s", body, start + 2 + number * 12)
            (offset,) = struct.unpack(f"{order}I", inline)
            if tag == _EXIF_DIRECTORY and len(directories) == 1:
                directories.append(offset)
            elif kind in {1, 2, 7}:
                raw = inline[:size] if size <= 4 else body[offset : offset + size]
                yield _keyed(_user_comment(raw) if tag == _USER_COMMENT else _text(raw))


def _keyed(text: str) -> tuple[str, str]:
    key, colon, rest = text.partition(":")
    return (key, rest) if colon and key.strip().lower() in {"prompt", "workflow"} else ("comment", text)


def _user_comment(raw: bytes) -> str:
    code, rest = raw[:8], raw[8:]
    if code.startswith(b"UNICODE"):
        return rest.decode("utf-16-be" if rest[:1] == b"\0" else "utf-16-le", "replace")  # programs differ
    return _text(rest if code[:5] == b"ASCII" or not code.strip(b"\0") else raw)
