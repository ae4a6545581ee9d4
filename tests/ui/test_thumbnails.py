"""Small pictures for lists."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.ui.thumbnails import SIDE, thumbnail


@pytest.mark.parametrize(("mode", "form"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "GIF")])
async def test_every_kind_of_picture_becomes_small(tmp_path: Path, mode: str, form: str) -> None:
    file = tmp_path / "picture"
    Image.new(mode, (1200, 300)).save(file, form)
    made = await thumbnail(file)
    assert made is not None
    with Image.open(io.BytesIO(made)) as small:
        assert small.format == "WEBP"
        assert small.size == (SIDE, SIDE // 4)


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
async def test_what_is_no_picture_has_none(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    assert await thumbnail(file) is None
    assert await thumbnail(tmp_path / "missing") is None
