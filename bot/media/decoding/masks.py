"""Masks in the two forms there are: as graphs are given them, and as ComfyUI's own mask editor uploads them."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from bot.media.decoding.clean import PIXELS, SIDE
from bot.media.decoding.opening import opened


def write_mask(source: Path, folder: Path) -> str:
    """Write any picture a member attaches as a mask: PNG, white is what changes.

    A picture with transparent parts counts as an erased one: what was erased is to change. Any other counts as
    painted: what is bright is to change.
    """
    with opened(source, pixels=PIXELS, side=SIDE) as image:
        picture = ImageOps.exif_transpose(image)
        alpha = picture.convert("RGBA").getchannel("A") if _may_be_transparent(picture) else None
        erased = alpha is not None and alpha.getextrema()[0] != 255
        mask = ImageOps.invert(alpha) if alpha is not None and erased else picture.convert("RGB").convert("L")
    mask.convert("RGB").save(folder / "0.png", "PNG")
    return "png"


def write_layer(mask: Path, image: Path, folder: Path) -> str:
    """Write a mask (white is what changes) as the editor makes it: as large as its picture, clear there."""
    with opened(image, pixels=PIXELS, side=SIDE) as picture:
        size = picture.size
    with opened(mask, pixels=PIXELS, side=SIDE) as painted:
        bright: Any = painted.convert("L")
    layer = Image.new("RGBA", size)
    layer.putalpha(ImageOps.invert(bright.resize(size)))
    layer.save(folder / "0.png", "PNG")
    return "png"


def _may_be_transparent(picture: Any) -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info
