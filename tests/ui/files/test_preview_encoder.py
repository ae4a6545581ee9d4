"""Previews made small enough."""

import io
import random

from PIL import Image

from bot.ui.files.preview_encoder import PREVIEW_BYTES, preview


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    return Image.frombytes(mode, size, random.Random(1).randbytes(size[0] * size[1] * len(mode)))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


async def test_previews_are_small_jpegs() -> None:
    ready = encoded(noise((64, 64)), "JPEG")
    assert await preview(ready) is ready
    for data in (encoded(noise((900, 900)), "JPEG", quality=95), encoded(noise((300, 300), "RGBA"), "PNG")):
        small = await preview(data)
        assert small is not None
        assert len(small) <= PREVIEW_BYTES
        assert small.startswith(b"\xff\xd8")
    assert await preview(b"\x89PNG broken") is None


async def test_what_is_larger_than_any_preview_is_not_decoded() -> None:
    assert await preview(encoded(Image.new("RGB", (2100, 2000)), "PNG")) is None
    assert await preview(encoded(Image.new("RGB", (2100, 2000)), "JPEG", quality=95)) is None
    assert await preview(encoded(noise((1400, 1400)), "PNG")) is None, "too many bytes"
