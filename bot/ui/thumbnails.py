"""Small pictures of outputs for lists, made off the event loop."""

import asyncio
import io
import logging
from pathlib import Path

from PIL import Image

log = logging.getLogger(__name__)

SIDE = 192
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


async def thumbnail(path: Path, side: int = SIDE) -> bytes | None:
    """Return a picture's likeness as WebP of a few kB, at most so many pixels wide and high; None if it is none."""
    return await asyncio.to_thread(_thumbnail, path, side)


def _thumbnail(path: Path, side: int) -> bytes | None:
    try:
        with Image.open(path, formats=FORMATS) as image:
            # Lets JPEG decode at a fraction of its size; does nothing for the other formats.
            image.draft("RGB", (side, side))
            picture = image.convert("RGBA" if "A" in image.getbands() else "RGB")
        picture.thumbnail((side, side))
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=75, method=2)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        log.info("no thumbnail of %s", path.name, exc_info=True)
        return None
    return out.getvalue()
