"""Pictures of every kind, and files that only claim to be one."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(mode: str = "RGB", size: tuple[int, int] = (8, 4), kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image = Image.new(mode, size)
    image.paste(Image.new("RGB", (1, 1), "red").convert(mode), (0, 0))
    image.save(out, kind, **options)
    return out.getvalue()


def photo(size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Return something that compresses about as badly as a photo."""
    return Image.effect_noise(size, 40).convert("RGB").resize(size)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims any number of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n"
    return head + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def huge(side: int = 7070) -> bytes:
    """Return a PNG of a few hundred kB that holds all the pixels it claims."""
    row = b"\0" + bytes(range(256)) * (side * 3 // 256 + 1)
    packed = zlib.compress(b"".join([row[: side * 3 + 1]] * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n"
    return head + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
