"""Small likenesses of pictures, each alone or all in one with their numbers."""

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from bot.media.decoding.opening import TooManyPixels, opened
from bot.media.encoding.made import Unreadable

PIXELS = 80_000_000
"""What is decoded to be shown small; JPEG is read at a fraction of its size."""
SIDE = 65_535
CELL = 256
"""Pixels of a side, for a few pictures; more make smaller cells, so that the whole stays readable on a phone."""
WIDTH = 1024
GAP = 6
GROUND = (43, 45, 49)


def write_small(sources: list[Path], folder: Path, side: int) -> tuple[str, ...]:
    """Write each picture as WebP of a few kB, at most so many pixels wide and high; return the extensions."""
    return tuple(_written(source, folder / f"{place}.webp", side) for place, source in enumerate(sources))


def write_sheet(sources: list[Path], numbers: tuple[int, ...], folder: Path) -> str:
    """Write the pictures side by side with their numbers, as WebP; empty if none of them can be read."""
    columns = min(5, math.ceil(math.sqrt(len(sources)))) or 1
    side = min(CELL * 2 if columns <= 2 else CELL, (WIDTH - GAP * (columns - 1)) // columns)
    rows = math.ceil(len(sources) / columns)
    sheet = Image.new("RGB", (columns * (side + GAP) - GAP, max(1, rows * (side + GAP) - GAP)), GROUND)
    read = False
    for place, (number, source) in enumerate(zip(numbers, sources, strict=True)):
        left, top = place % columns * (side + GAP), place // columns * (side + GAP)
        if (small := _small(source, side)) is not None:
            at = (left + (side - small.width) // 2, top + (side - small.height) // 2)
            sheet.paste(small.convert("RGB"), at)
            read = True
        _number(sheet, number, left, top, side)
    if not read:
        return ""
    sheet.save(folder / "0.webp", "WEBP", quality=80, method=2)
    return "webp"


def _written(source: Path, target: Path, side: int) -> str:
    picture = _small(source, side)
    if picture is None:
        return ""
    picture.save(target, "WEBP", quality=75, method=2)
    return "webp"


def _small(source: Path, side: int) -> Any:
    try:
        with opened(source, pixels=PIXELS, side=SIDE) as image:
            # Lets JPEG decode at a fraction of its size; does nothing for the other formats.
            image.draft("RGB", (side, side))
            plain = image if image.mode in {"RGB", "RGBA", "L"} else image.convert(_mode(image))
            plain.thumbnail((side, side), reducing_gap=2.0)
            return plain.convert(_mode(plain))
    except (TooManyPixels, Unreadable, MemoryError):
        return None  # the others are shown without it


def _mode(image: Any) -> str:
    return "RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB"


def _number(sheet: Image.Image, number: int, left: int, top: int, side: int) -> None:
    height = max(26, side // 7)
    font = ImageFont.load_default(size=height * 0.8)
    draw = ImageDraw.Draw(sheet)
    width = draw.textlength(str(number), font=font) + height * 0.6
    draw.rounded_rectangle((left, top, left + width, top + height), radius=height // 4, fill=(0, 0, 0))
    draw.text((left + width / 2, top + height / 2), str(number), font=font, fill=(255, 255, 255), anchor="mm")
