"""How large a kept picture is, without decoding it."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.media.dimensions import dimensions


@pytest.mark.parametrize(
    ("mode", "form", "options"),
    [
        ("RGB", "PNG", {}),
        ("RGB", "JPEG", {}),
        ("L", "JPEG", {"progressive": True, "comment": b"x" * 40_000}),
        ("RGB", "WEBP", {}),
        ("RGB", "WEBP", {"lossless": True}),
        ("RGBA", "WEBP", {}),
    ],
)
def test_the_size_is_read_from_the_header(
    mode: str, form: str, options: dict[str, Any], tmp_path: Path
) -> None:
    Image.new(mode, (319, 123), 0).save(tmp_path / "x", form, **options)
    assert dimensions(tmp_path / "x") == (319, 123)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xda\x00\x02" * 9, b"RIFF", b"GIF89a"])
def test_what_has_none_has_none(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    assert dimensions(tmp_path / "x") is None
    assert dimensions(tmp_path / "missing") is None
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG")
    (tmp_path / "x").write_bytes(out.getvalue()[:100])
    assert dimensions(tmp_path / "x") is None
