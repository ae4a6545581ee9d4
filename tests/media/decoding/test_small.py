"""Small pictures for lists, and all of them in one to choose from."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.media.decoding.small import write_sheet, write_small
from tests.media.decoding.samples import bomb, picture

SIDE = 192


@pytest.mark.parametrize(("mode", "form"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "GIF")])
def test_every_kind_of_picture_becomes_small(tmp_path: Path, mode: str, form: str) -> None:
    file = tmp_path / "picture"
    Image.new(mode, (1200, 300)).save(file, form)
    assert write_small([file], tmp_path, SIDE) == ("webp",)
    with Image.open(tmp_path / "0.webp") as small:
        assert small.format == "WEBP"
        assert small.size == (SIDE, SIDE // 4)


def test_what_is_no_picture_has_none_and_the_others_have(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.bin" for number in range(6)]
    for file, data in zip(
        files, (b"", b"not one", b"\x89PNG\r\n\x1a\n broken", bomb(20_000, 20_000), picture()), strict=False
    ):
        file.write_bytes(data)
    assert write_small(files, tmp_path, SIDE) == ("", "", "", "", "webp", "")


@pytest.mark.parametrize("count", [1, 2, 3, 7, 25])
def test_the_sheet_has_a_place_for_every_picture(tmp_path: Path, count: int) -> None:
    files = [tmp_path / f"{number}.png" for number in range(count)]
    for number, file in enumerate(files):
        file.write_bytes(picture(size=(40 + number, 30)))
    files[0].write_bytes(b"broken" if count > 1 else picture())
    assert write_sheet(files, tuple(range(1, count + 1)), tmp_path) == "webp"
    sheet = (tmp_path / "0.webp").read_bytes()
    with Image.open(io.BytesIO(sheet)) as image:
        assert max(image.size) <= 1400
        assert len(sheet) < 200_000


def test_no_sheet_of_nothing(tmp_path: Path) -> None:
    assert write_sheet([], (), tmp_path) == ""
    assert write_sheet([tmp_path / "missing.png"], (1,), tmp_path) == ""
