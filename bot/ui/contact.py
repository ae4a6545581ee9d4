"""One picture of many small ones with their numbers, so that one of them can be named; made off the event loop."""

import asyncio
import io
import logging
import math
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

log = logging.getLogger(__name__)

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
CELL = 256
"""Pixels of a side, for a few pictures; more make smaller cells, so that the whole stays readable on a phone."""
WIDTH = 1024
GAP = 6
MOST_PIXELS = 80_000_000


async def contact_sheet(pictures: Mapping[int, Path]) -> bytes | None:
    """Return the pictures side by side with their numbers, as WebP; None if none of them can be read."""
    return await asyncio.to_thread(_sheet, pictures)


def _sheet(pictures: Mapping[int, Path]) -> bytes | None:
    columns = min(5, math.ceil(math.sqrt(len(pictures)))) or 1
    side = min(CELL * 2 if columns <= 2 else CELL, (WIDTH - GAP * (columns - 1)) // columns)
    rows = math.ceil(len(pictures) / columns)
    sheet = Image.new("RGB", (columns * (side + GAP) - GAP, max(1, rows * (side + GAP) - GAP)), (43, 45, 49))
    read = False
    for place, (number, path) in enumerate(pictures.items()):
        left, top = place % columns * (side + GAP), place // columns * (side + GAP)
        if (small := _small(path, side)) is not None:
            sheet.paste(small, (left + (side - small.width) // 2, top + (side - small.height) // 2))
            read = True
        _number(sheet, number, left, top, side)
    if not read:
        return None
    out = io.BytesIO()
    sheet.save(out, "WEBP", quality=80, method=2)
    return out.getvalue()


def _small(path: Path, side: int) -> Image.Image | None:
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            # Lets JPEG decode at a fraction of its size; does nothing for the other formats.
            image.draft("RGB", (side, side))
            picture = image.convert("RGB")
        picture.thumbnail((side, side))
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        log.info("no small picture of %s", path.name, exc_info=True)
        return None
    return picture


def _number(sheet: Image.Image, number: int, left: int, top: int, side: int) -> None:
    height = max(26, side // 7)
    font = ImageFont.load_default(size=height * 0.8)
    draw = ImageDraw.Draw(sheet)
    width = draw.textlength(str(number), font=font) + height * 0.6
    draw.rounded_rectangle((left, top, left + width, top + height), radius=height // 4, fill=(0, 0, 0))
    draw.text((left + width / 2, top + height / 2), str(number), font=font, fill=(255, 255, 255), anchor="mm")
