"""Masks in the two forms there are."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bot.media.decoding.masks import write_layer, write_mask


def picture(mode: str, left: object, right: object, format_: str = "PNG") -> bytes:
    image = Image.new(mode, (4, 2), left)  # type: ignore[arg-type]  (a colour of that mode)
    image.paste(right, (2, 0, 4, 2))  # type: ignore[arg-type]
    out = io.BytesIO()
    image.save(out, format_)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        picture("L", 0, 255),
        picture("RGB", (0, 0, 0), (255, 255, 255), "BMP"),
        picture("RGBA", (200, 10, 10, 255), (200, 10, 10, 0)),
        picture("RGBA", (0, 0, 0, 255), (255, 255, 255, 255)),
        picture("LA", (255, 255), (255, 0)),
        picture("1", 0, 1),
    ],
    ids=["grey", "colours", "erased", "opaque", "grey erased", "one bit"],
)
def test_white_is_what_is_to_change(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "mask").write_bytes(data)
    assert write_mask(tmp_path / "mask", tmp_path) == "png"
    with Image.open(tmp_path / "0.png") as mask:
        assert mask.format == "PNG"
        assert (mask.mode, mask.size) == ("RGB", (4, 2))
        assert mask.getpixel((0, 0)) == (0, 0, 0)
        assert mask.getpixel((3, 1)) == (255, 255, 255)


def test_a_mask_becomes_the_transparency_of_its_picture(tmp_path: Path) -> None:
    (tmp_path / "mask").write_bytes(picture("L", 0, 255))
    Image.new("RGB", (40, 20)).save(tmp_path / "image.png")
    assert write_layer(tmp_path / "mask", tmp_path / "image.png", tmp_path) == "png"
    with Image.open(tmp_path / "0.png") as layer:
        assert (layer.mode, layer.size) == ("RGBA", (40, 20))
        assert (layer.getpixel((0, 0)), layer.getpixel((39, 0))) == ((0, 0, 0, 255), (0, 0, 0, 0))
