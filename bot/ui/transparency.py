"""A mask in the form ComfyUI's own mask editor uploads it."""

import io
from typing import Any

from PIL import Image, ImageOps


def transparency(mask: bytes, image: bytes) -> bytes:
    """Return a mask (white = change) as the editor makes it: as large as its picture, clear there. Blocks."""
    with Image.open(io.BytesIO(image)) as picture:
        size = picture.size
    with Image.open(io.BytesIO(mask)) as painted:
        bright: Any = painted.convert("L")
    bright = bright.resize(size)
    layer = Image.new("RGBA", size)
    layer.putalpha(ImageOps.invert(bright))
    out = io.BytesIO()
    layer.save(out, "PNG")
    return out.getvalue()
