"""Sizes as combos offer them, such as `16:9 (1920 x 1080)`: reading them, and choosing the one for an aspect."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SIDES = re.compile(r"(?<!\d)(\d{2,5})\s*[x×*X]\s*(\d{2,5})(?!\d)")
_RATIO = re.compile(r"(?<![\d.])(\d{1,4})\s*[:：/]\s*(\d{1,4})(?![\d.])")
_TOLERANCE = 0.09
"""How far from the ratio asked for an offered one may be and still be called the same."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What an option stands for; `pixels` where it says so."""

    ratio: float
    pixels: int | None = None


def read_shape(option: str) -> Shape | None:
    """Return what an option of a combo says about a picture's shape, `None` where it says nothing."""
    if (sides := _SIDES.search(option)) is not None:
        width, height = int(sides[1]), int(sides[2])
        return Shape(width / height, width * height) if width and height else None
    if (ratio := _RATIO.search(option)) is not None:
        width, height = int(ratio[1]), int(ratio[2])
        return Shape(width / height) if width and height else None
    return None


def offers_shapes(options: Sequence[str] | None) -> bool:
    """Tell whether a combo is there to choose a picture's shape."""
    shapes = [shape for option in options or () if (shape := read_shape(option)) is not None]
    return len({round(shape.ratio, 2) for shape in shapes}) > 1 and 2 * len(shapes) > len(options or ())


def option_of(ratio: float, own: object, options: Sequence[str]) -> str | None:
    """Return the option of that ratio with a number of pixels like the workflow's own, `None` if there is none."""
    shapes = [(option, shape) for option in options if (shape := read_shape(option)) is not None]
    near = [(option, shape) for option, shape in shapes if abs(shape.ratio / ratio - 1) <= _TOLERANCE]
    if not near:
        return None
    start = read_shape(own) if isinstance(own, str) else None
    wanted = start.pixels if start is not None else None

    def oddity(each: tuple[str, Shape]) -> tuple[float, float]:
        pixels = each[1].pixels
        size = abs(pixels / wanted - 1) if pixels and wanted else 0.0
        return round(size, 1), abs(each[1].ratio / ratio - 1)

    return min(near, key=oddity)[0]
