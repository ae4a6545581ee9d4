"""Width and height: made from an aspect, kept in the model's steps and under the cap."""

import math
from collections.abc import Mapping, MutableMapping, Sequence

from bot.errors import Amount, UserError
from bot.workflows.graph.ratios import option_of
from bot.workflows.model.parameter import Parameter
from bot.workflows.model.values import Value

ASPECTS: Mapping[str, tuple[int, int]] = {
    "1:1": (1, 1),
    "2:3": (2, 3),
    "3:2": (3, 2),
    "3:4": (3, 4),
    "4:3": (4, 3),
    "9:16": (9, 16),
    "16:9": (16, 9),
}
_USUAL = 1024
_FINEST = 8


def size_step(parameter: Parameter) -> int:
    """Return what a side must be a multiple of: what its class says, but no less than 8."""
    return max(_FINEST, round(parameter.step or _FINEST))


def snap(value: float, parameter: Parameter, step: int | None = None, *, down: bool = False) -> int:
    """Return the nearest side that fits the parameter's step and range."""
    each = step or size_step(parameter)
    side = (math.floor(value / each) if down else math.floor(value / each + 0.5)) * each
    low = math.ceil((parameter.minimum or each) / each) * each
    high = math.floor((parameter.maximum or 16_384) / each) * each
    return int(max(low, min(side, high)))


def aspect_ratio(text: object) -> float:
    """Return width by height of an aspect; raises `UserError` listing those there are."""
    sides = ASPECTS.get(str(text).replace(" ", "").replace("x", ":").replace("：", ":"))
    if sides is None:
        raise UserError("aspect can be one of: {allowed}.", allowed=", ".join(ASPECTS)).about("aspect")
    return sides[0] / sides[1]


def chosen_aspect(parameter: Parameter, wanted: object, offered: Sequence[str] | None) -> str:
    """Return the option of a combo of sizes that an aspect means; raises `UserError` listing the aspects there are."""
    text = str(wanted).strip()
    if offered is None:
        return text
    options = offered
    exact = next((each for each in options if each.casefold() == text.casefold()), None)
    if exact is not None:
        return exact
    found = option_of(aspect_ratio(text), parameter.default, options)
    if found is not None:
        return found
    there = [name for name in ASPECTS if option_of(aspect_ratio(name), parameter.default, options)]
    raise UserError("aspect can be one of: {allowed}.", allowed=", ".join(there or options) or "–").about(
        "aspect"
    )


def sized(
    width: Parameter, height: Parameter, ratio: float, given: tuple[int | None, int | None], pixels: int
) -> tuple[int, int]:
    """Return the sides of that ratio at the workflow's own number of pixels, or at the one side given."""
    step = max(16, size_step(width), size_step(height))
    if given[0] is not None:
        return given[0], snap(given[0] / ratio, height)
    if given[1] is not None:
        return snap(given[1] * ratio, width), given[1]
    own = (_side(width), _side(height))
    area = min(own[0] * own[1], pixels)
    sides = snap(math.sqrt(area * ratio), width, step), snap(math.sqrt(area / ratio), height, step)
    return sides if sides[0] * sides[1] <= pixels else shrunk(width, height, sides, pixels)


def shrunk(width: Parameter, height: Parameter, sides: tuple[int, int], pixels: int) -> tuple[int, int]:
    """Return sides of about the same ratio under the cap."""
    scale = min(1.0, math.sqrt(pixels / (sides[0] * sides[1])))
    return snap(sides[0] * scale, width, down=True), snap(sides[1] * scale, height, down=True)


def _side(parameter: Parameter) -> int:
    return parameter.default if isinstance(parameter.default, int) and parameter.default > 0 else _USUAL


def resolve_size(
    width: Parameter,
    height: Parameter,
    values: MutableMapping[str, Value],
    given: Mapping[str, Value],
    aspect: Value | None,
    pixels: int,
) -> None:
    """Bring the two sides in `values` to the aspect, the steps and under the cap.

    Raises `UserError` where a person asked for too much; a workflow's own size is made smaller instead.
    """
    for side in (width, height):
        if side.name in given:
            values[side.name] = snap(float(values[side.name]), side)
    if aspect is not None:
        _shape(width, height, values, given, aspect, pixels)
    if width.name not in values or height.name not in values:
        return
    sides = int(values[width.name]), int(values[height.name])
    if sides[0] * sides[1] <= pixels:
        return
    if width.name in given or height.name in given:
        raise UserError(
            "{width} × {height} is too large: at most {pixels} pixels in all, such as {side} × {side}.",
            width=sides[0],
            height=sides[1],
            pixels=Amount(pixels),
            side=shrunk(width, height, (1 << 14, 1 << 14), pixels)[0],
        ).about("width", "height")
    values[width.name], values[height.name] = shrunk(width, height, sides, pixels)


def _shape(
    width: Parameter,
    height: Parameter,
    values: MutableMapping[str, Value],
    given: Mapping[str, Value],
    aspect: Value,
    pixels: int,
) -> None:
    ratio = aspect_ratio(aspect)
    if width.name in given and height.name in given:
        raise UserError("Give either aspect or width and height, not both.").about(
            "aspect", "width", "height"
        )
    sides = (
        int(values[width.name]) if width.name in given else None,
        int(values[height.name]) if height.name in given else None,
    )
    values[width.name], values[height.name] = sized(width, height, ratio, sides, pixels)
