"""Which numbers a job would be accepted with here, and some of them to choose from."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.errors import UserError
from bot.workflows.binding.bind import BindLimits, effective_limits
from bot.workflows.binding.size import aspect_ratio, size_step, snap
from bot.workflows.model.parameter import Parameter
from bot.workflows.model.workflow import ASPECT, Workflow

NUMBERED = ("count", "steps", "width", "height")
"""The options whose numbers are offered."""
MOST_SIDE = 16_384
_USUAL: Mapping[str, tuple[int, ...]] = {
    "count": (1, 2, 3, 4, 6, 8, 9, 12, 16, 20, 25, 50, 100),
    "steps": (1, 4, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100),
    "width": (256, 512, 576, 640, 704, 768, 832, 896, 960, 1024, 1152, 1216, 1280, 1344, 1536, 1920, 2048),
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers from `low` to `high`, which is at least as high, that are multiples of `step`."""

    low: int
    high: int
    step: int = 1
    usual: tuple[int, ...] = ()
    """Those people choose most, whether they are possible or not."""

    def offered(self, typed: str) -> list[int]:
        """Return what fits what was typed so far, itself first where it is possible; the highest for what is beyond."""
        there = sorted({each for each in (*self.usual, self.high) if self._has(each)})
        typed = typed.strip()
        if not typed:
            return there
        if not (typed.isascii() and typed.isdigit()) or len(typed) > 9:
            return []
        number = int(typed)
        if number > self.high:
            return [self.high]
        return list(
            dict.fromkeys([*([number] if self._has(number) else []), *_beginning(there, str(number))])
        )

    def _has(self, number: int) -> bool:
        return self.low <= number <= self.high and number % self.step == 0


def numbers_of(
    workflow: Workflow, name: str, given: Mapping[str, object], limits: BindLimits
) -> Numbers | None:
    """Return what an option may be with what else was given; None where it can be nothing."""
    limits = effective_limits(workflow, limits)
    if name == "count":
        repeatable = workflow.takes("seed") or workflow.takes("batch")
        most = limits.count // max(1, _whole(given.get("batch")) or 1) if repeatable else 1
        return Numbers(1, max(1, min(100, most)), usual=_USUAL["count"])
    parameter = workflow.parameters.get(name)
    if parameter is None or not workflow.takes(name):
        return None
    low = max(1, math.ceil(parameter.minimum or 1))
    high = MOST_SIDE if parameter.maximum is None else math.floor(parameter.maximum)
    step = 1
    if name in {"width", "height"}:
        step = size_step(parameter)
        low, high = (
            math.ceil(max(16, low) / step) * step,
            _highest(workflow, parameter, min(high, MOST_SIDE), given, limits),
        )
    elif (cap := limits.cap(name)) is not None:
        high = min(high, math.floor(cap))
    own = (parameter.default,) if isinstance(parameter.default, int) else ()
    return Numbers(low, high, step, (*own, *_USUAL.get(name, _USUAL["width"]))) if low <= high else None


def _highest(
    workflow: Workflow, side: Parameter, high: int, given: Mapping[str, object], limits: BindLimits
) -> int:
    """Return the longest a side may be under the cap on pixels; 0 where it can be nothing."""
    step = size_step(side)
    high = high // step * step
    other = workflow.parameters.get("height" if side.name == "width" else "width")
    if other is None:
        return high
    if (aspect := given.get(ASPECT)) is not None:
        if other.name in given:
            return 0
        try:
            ratio = aspect_ratio(aspect)
        except UserError:
            return 0
        ratio = ratio if side.name == "width" else 1 / ratio
        high = min(high, math.floor(math.sqrt(limits.pixels * ratio) / step + 1) * step)
        while high > 0 and high * snap(high / ratio, other) > limits.pixels:
            high -= step
        return high
    across = _whole(given.get(other.name)) or _whole(other.default)
    return min(high, limits.pixels // max(1, snap(across, other)) // step * step) if across else high


def _whole(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _beginning(numbers: Iterable[int], typed: str) -> list[int]:
    return [each for each in numbers if str(each).startswith(typed)]
