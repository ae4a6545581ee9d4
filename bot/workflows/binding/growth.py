"""How large a picture comes out of a bound graph, given how large those that go in are."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.workflows.binding.amounts import sources_first
from bot.workflows.graph.graph import AnyGraph, class_of
from bot.workflows.graph.literals import literal
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.workflow import Workflow

Size = tuple[int, int]
"""Width and height in pixels."""

UNKNOWN_FACTOR = 4.0
"""By how much a model is taken to enlarge each side where its name does not say: what most of them do."""
LARGEST_FACTOR = 16.0
LARGEST_SIDE = 1_000_000
"""Pixels of a side that are counted; far more than any limit lets through."""
_FACTOR_IN_NAME = re.compile(
    r"(?<![a-z0-9])(?:x([1-9]\d?)|([1-9]\d?)x)(?![0-9])|x([1-9]\d?)plus", re.IGNORECASE
)
_FACTOR = re.compile(r"(.*\.)?(scale_by|upscale_by|scale_factor|rescale_factor|resize_factor|multiplier)")
_LONGEST = re.compile(r"(.*\.)?(largest_size|longer_edge|longest_side|max_dimension|longer_side)")
_SCALES = re.compile(r"scale|resize", re.IGNORECASE)
_PIXELS_IN_A_MEGAPIXEL = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Growth:
    """A picture that goes in, what comes out of it, and the largest that is made of it on the way."""

    before: Size
    after: Size
    largest: Size


def growth_of(
    workflow: Workflow, graph: AnyGraph, info: ObjectInfo | None, sizes: Mapping[str, Size]
) -> Growth | None:
    """Return what becomes of the pictures whose sizes are given by parameter; None where none of them is used."""
    tracer = Tracer(graph, info)
    given = {
        node: size
        for name, size in sizes.items()
        if name in workflow.parameters
        for node, _ in workflow.parameters[name].targets
    }
    walk = _Walk(tracer, given)
    ends = [walk.size(output.node) for output in workflow.outputs if output.node in graph]
    after = max((end for end in ends if end is not None), key=_area, default=None)
    if after is None or not given:
        return None
    return Growth(max(given.values(), key=_area), after, max([after, *walk.made], key=_area))


def _area(size: Size) -> int:
    return size[0] * size[1]


class _Walk:
    """The sizes on the ways from pictures to a graph's outputs."""

    def __init__(self, tracer: Tracer, given: Mapping[str, Size]) -> None:
        self._tracer = tracer
        self._given = given
        self._sizes: dict[str, Size | None] = dict(given)

    @property
    def made(self) -> list[Size]:
        """The size at every node that was passed, those that only load a picture left out."""
        return [size for node, size in self._sizes.items() if size is not None and node not in self._given]

    def size(self, end: str) -> Size | None:
        """Return how large what comes to a node is; None where nothing that was given comes there."""
        for node, sources in sources_first(self._tracer, end):
            if node not in self._sizes:
                came = [size for source in sources if (size := self._sizes.get(source)) is not None]
                self._sizes[node] = self._resized(node, max(came, key=_area)) if came else None
        return self._sizes[end]

    def _resized(self, node: str, size: Size) -> Size:
        """Return what a node makes of a picture: what it says itself, else what its upscale model does."""
        scales = _SCALES.search(class_of(self._tracer.graph, node)) is not None
        width, height = self._number(node, "width"), self._number(node, "height")
        if scales and width is not None and height is not None and width + height > 0:
            return _fitted(size, width, height)
        for name in self._tracer.inputs(node):
            value = self._number(node, name)
            if value is None or value <= 0:
                continue
            if _FACTOR.fullmatch(name):
                return _times(size, value)
            if name.rsplit(".", 1)[-1] == "megapixels":
                return _times(size, math.sqrt(value * _PIXELS_IN_A_MEGAPIXEL / _area(size)))
            if scales and _LONGEST.fullmatch(name):
                return _times(size, value / max(size))
        models = [source for _, (source, _) in self._tracer.links_of(node, "UPSCALE_MODEL")]
        return _times(size, max(map(self._factor, models))) if models else size

    def _number(self, node: str, name: str) -> float | None:
        place = literal(self._tracer, node, name) if name in self._tracer.inputs(node) else None
        value = self._tracer.value(place) if place is not None else None
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def _factor(self, loader: str) -> float:
        """Return by how much an upscale model enlarges each side, as its file's name says."""
        factors = [
            float(next(filter(None, found.groups())))
            for value in self._tracer.inputs(loader).values()
            if isinstance(value, str)
            for found in _FACTOR_IN_NAME.finditer(value)
        ]
        return min(LARGEST_FACTOR, max(factors, default=UNKNOWN_FACTOR))


def _fitted(size: Size, width: float, height: float) -> Size:
    """Return the sides that are asked for; a side of 0 follows the picture's shape."""
    if not width:
        return _times(size, height / size[1])
    if not height:
        return _times(size, width / size[0])
    return _side(width), _side(height)


def _times(size: Size, factor: float) -> Size:
    return _side(size[0] * factor), _side(size[1] * factor)


def _side(pixels: float) -> int:
    return max(1, round(min(pixels, LARGEST_SIDE)))
