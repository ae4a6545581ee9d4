"""A picture's or film's sides by its header, whatever follows; and nothing is believed that is not there."""

import io
import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.media.encoding.sides import looked_at


def picture(format_: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((123, 45), 50).convert("RGB").save(out, format_, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(picture("PNG"), id="png"),
        pytest.param(picture("GIF"), id="gif"),
        pytest.param(picture("BMP"), id="bmp"),
        pytest.param(picture("JPEG"), id="jpeg"),
        pytest.param(picture("JPEG", progressive=True, exif=b"Exif\0\0" + b"x" * 5000), id="progressive"),
        pytest.param(picture("WEBP"), id="webp"),
        pytest.param(picture("WEBP", lossless=True), id="lossless webp"),
        pytest.param(picture("WEBP", exif=b"Exif\0\0II*\0"), id="extended webp"),
    ],
)
def test_the_header_says_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    content, sides = looked_at(path)
    assert content is not None
    assert sides == (123, 45)
    # Cut off or garbled it says less, and never takes long or raises.
    dice = random.Random(1)
    for length in (*range(64), 100, len(data) // 2):
        path.write_bytes(data[:length])
        looked_at(path)
        path.write_bytes(data[:12] + dice.randbytes(300))
        looked_at(path)


@pytest.mark.parametrize("name", ["mp4", "silent", "mov"])
def test_a_film_says_it_in_its_track(videos: dict[str, Path], tmp_path: Path, name: str) -> None:
    assert looked_at(videos[name])[1] == (192, 144)
    data = videos[name].read_bytes()
    path = tmp_path / "v.mp4"
    dice = random.Random(1)
    for _ in range(60):
        garbled = bytearray(data)
        for _ in range(8):
            garbled[dice.randrange(len(garbled))] = dice.randrange(256)
        path.write_bytes(garbled[: dice.randrange(len(garbled))])
        looked_at(path)


@pytest.mark.parametrize("data", [b"", b"no file of any kind", b"RIFF\x10\0\0\0WAVEfmt " + bytes(80)])
def test_what_has_no_sides_has_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    assert looked_at(path)[1] is None


def test_boxes_without_end_are_passed_over_for_a_while_only(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(b"\0\0\0\x08ftyp" + b"\0\0\0\x08free" * 200_000)
    assert looked_at(path)[1] is None
    path.write_bytes(b"\xff\xd8" + b"\xff\xe1\0\x02" * 200_000)
    assert looked_at(path)[1] is None
