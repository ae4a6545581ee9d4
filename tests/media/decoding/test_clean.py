"""Pictures become inputs: as they came where every ComfyUI reads them so, and never larger."""

import io
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.media.decoding.clean import write_clean
from bot.media.decoding.opening import TooManyPixels
from bot.media.dimensions import dimensions
from bot.media.encoding.made import Unreadable
from tests.media.decoding.samples import bomb, encoded, photo, picture


def cleaned(data: bytes, tmp_path: Path) -> bytes:
    source, folder = tmp_path / "source", tmp_path / "out"
    source.write_bytes(data)
    folder.mkdir(exist_ok=True)
    return (folder / f"0.{write_clean(source, folder)}").read_bytes()


def read(data: bytes) -> Any:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("data", "form", "mode"),
    [
        (picture(), "PNG", "RGB"),
        (picture("RGBA"), "PNG", "RGBA"),
        (picture("L"), "PNG", "L"),
        (picture("LA"), "PNG", "RGBA"),
        (picture("P", kind="GIF"), "PNG", "RGB"),
        (picture(kind="JPEG"), "JPEG", "RGB"),
        (picture("RGBA", kind="WEBP", lossless=True), "WEBP", "RGBA"),
        (picture(kind="WEBP"), "WEBP", "RGB"),
        (picture(kind="BMP", size=(40, 40)), "PNG", "RGB"),
        (picture(kind="TIFF", size=(40, 40)), "PNG", "RGB"),
    ],
)
def test_every_picture_becomes_one_that_every_server_reads(
    data: bytes, form: str, mode: str, tmp_path: Path
) -> None:
    image, before = read(cleaned(data, tmp_path)), read(data)
    assert (image.format, image.mode, image.size) == (form, mode, before.size)


@pytest.mark.parametrize(
    ("form", "options"),
    [("PNG", {}), ("JPEG", {"quality": 92, "progressive": True}), ("WEBP", {"quality": 90})],
)
def test_what_can_stay_as_it_came_loses_only_what_it_says(
    form: str, options: dict[str, Any], tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    words: dict[str, Any] = {"exif": exif, "icc_profile": b"profile" * 40}
    if form == "PNG":
        info = PngInfo()
        info.add_text("prompt", "at home")
        words["pnginfo"] = info
    data = encoded(photo(), form, **options, **words)
    assert b"at home" in data
    clean = cleaned(data + b"at home", tmp_path)
    assert b"at home" not in clean
    assert b"profileprofile" not in clean
    image = read(clean)
    assert not image.getexif()
    assert image.tobytes() == read(data).tobytes(), "every pixel as it was"
    assert len(clean) < len(data)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"quality": 60}),
        ("JPEG", {"quality": 90, "subsampling": 0}),
        ("WEBP", {"quality": 60}),
        ("AVIF", {"quality": 60}),
    ],
)
def test_no_picture_is_kept_larger_than_it_came(form: str, options: dict[str, Any], tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(photo(), form, exif=exif, **options)
    clean = cleaned(data, tmp_path)
    assert read(clean).size == (480, 640), "it stands upright"
    assert not read(clean).getexif()
    assert len(clean) <= len(data)


def two_sizes() -> bytes:
    """A PNG whose first header says less than its second, which readers go by."""
    small, large = encoded(photo((8, 8)), "PNG"), encoded(photo(), "PNG")
    return small[:33] + large[8:]


def late_size() -> bytes:
    """A JPEG that says its size behind more segments than are looked at for one."""
    data = encoded(photo(), "JPEG")
    tables = data.index(b"\xff\xdb")
    return data[:tables] + data[tables : tables + 69] * 600 + data[tables:]


@pytest.mark.parametrize("data", [two_sizes(), late_size()])
def test_what_is_kept_is_as_large_as_its_header_says(data: bytes, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(cleaned(data, tmp_path))
    assert dimensions(kept) == (640, 480)


def test_a_large_paletted_picture_is_kept_no_larger(tmp_path: Path) -> None:
    data = encoded(photo().quantize(200), "GIF")
    assert len(cleaned(data, tmp_path)) <= len(data)


def test_a_moving_picture_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue", "green")]
    for form in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
        image = read(cleaned(data, tmp_path))
        assert not getattr(image, "is_animated", False)
        assert image.convert("RGB").getpixel((5, 5))[0] > 240


def test_a_photo_with_further_pictures_behind_it_is_one_picture(tmp_path: Path) -> None:
    data = encoded(photo(), "MPO", save_all=True, append_images=[photo()])
    clean = cleaned(data, tmp_path)
    assert read(clean).format == "JPEG"
    assert len(clean) < len(data) * 0.6


def test_colours_of_print_become_those_of_screens(tmp_path: Path) -> None:
    data = encoded(photo().convert("CMYK"), "JPEG")
    clean = cleaned(data, tmp_path)
    assert read(clean).mode == "RGB"
    assert len(clean) <= len(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        picture()[:40],
        encoded(photo(), "JPEG")[:-4000],
        encoded(photo(), "PNG")[:-4000],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"GIF89a",
    ],
)
def test_what_is_no_picture_is_told_apart(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        cleaned(data, tmp_path)


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (65_000, 65_000), (60_000, 2), (7_100, 7_100)]
)
def test_a_bomb_is_refused_before_it_is_unpacked(width: int, height: int, tmp_path: Path) -> None:
    with pytest.raises(TooManyPixels):
        cleaned(bomb(width, height), tmp_path)


@pytest.mark.parametrize(
    ("mode", "kind", "grey"),
    [
        ("I;16", "PNG", 32896),
        ("I;16", "TIFF", 32896),
        ("I", "TIFF", 128),
        ("F", "TIFF", 128.0),
        ("F", "TIFF", 0.502),
    ],
)
def test_deep_greys_keep_their_brightness(mode: str, kind: str, grey: float, tmp_path: Path) -> None:
    kept = read(cleaned(encoded(Image.new(mode, (8, 4), cast("Any", grey)), kind), tmp_path))
    assert kept.mode == "L"
    assert kept.getpixel((0, 0)) == 128


@pytest.mark.parametrize(("mode", "colour"), [("L", 0), ("RGB", (0, 0, 0)), ("P", 0)])
def test_a_colour_that_stands_for_nothing_is_transparent(mode: str, colour: Any, tmp_path: Path) -> None:
    assert read(cleaned(picture(mode, transparency=colour), tmp_path)).mode == "RGBA"
