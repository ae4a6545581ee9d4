"""Finding how large, how long and how many: in the latents a sampler starts from, or where pictures are resized."""

import re
from collections.abc import Iterator

from bot.workflows.discovery.collect import Finds
from bot.workflows.discovery.sampling import Sampler
from bot.workflows.graph.graph import class_of
from bot.workflows.graph.literals import literal
from bot.workflows.graph.ratios import offers_shapes, read_shape
from bot.workflows.graph.trace import Place

LENGTHS = frozenset({"length", "num_frames", "frames", "video_frames", "video_length", "frame_count"})
SECONDS = frozenset({"seconds", "seconds_total", "duration", "duration_seconds"})
_RATES = frozenset({"fps", "frame_rate"})
_WIDTH = re.compile(r"(?P<before>(.*\.|target_|empty_latent_|latent_|image_|output_|resize_|video_)?)width")
_SHAPES = re.compile(r"(.*\.)?(aspect|aspect_ratio|ratio|resolution|size|dimensions?|size_preset)")
_CALLED = {
    "width": re.compile(r"width|宽", re.IGNORECASE),
    "height": re.compile(r"height|高", re.IGNORECASE),
    "seconds": re.compile(r"\b(seconds|duration)\b|秒|时长", re.IGNORECASE),
}


class SizeFinder:
    """Finds sizes, lengths and counts."""

    def __init__(self, found: Finds) -> None:
        self.found = found
        self.tracer = found.tracer

    def latent(self, sampler: Sampler, stops: frozenset[str]) -> None:
        for start in self.tracer.sources(sampler.node, "LATENT"):
            for node_id in self.tracer.upstream(start, "LATENT", stop=stops):
                if node_id not in stops:
                    self._latent_node(node_id)

    def _latent_node(self, node_id: str) -> None:
        inputs = self.tracer.inputs(node_id)
        if any(True for _ in self.tracer.links_of(node_id, "LATENT")):
            if class_of(self.tracer.graph, node_id) == "RepeatLatentBatch":
                self.found.add("batch", node_id, "amount")
            return
        self._sizes(node_id)
        if "batch_size" in inputs:
            self.found.add("batch", node_id, "batch_size")
        for name in inputs:
            if name in LENGTHS:
                if not self.found.add("length", node_id, name):
                    self._computed("seconds", node_id, name)
            elif name in SECONDS:
                self.found.add("seconds", node_id, name)

    def _sizes(self, node_id: str) -> None:
        for width, height in self._pairs(node_id):
            self._size(node_id, width, height)

    def _pairs(self, node_id: str) -> Iterator[tuple[str, str]]:
        """Yield the inputs of a node that are a size, whatever stands before `width` and `height`."""
        inputs = self.tracer.inputs(node_id)
        for name in inputs:
            if (found := _WIDTH.fullmatch(name)) is not None:
                height = f"{found['before']}height"
                if height in inputs:
                    yield name, height

    def _size(self, node_id: str, width: str, height: str) -> None:
        places = [self._side("width", node_id, width), self._side("height", node_id, height)]
        pair = self._values(places)
        for name, input_, place in (("width", width, places[0]), ("height", height, places[1])):
            if place is not None and _is_size(self.tracer.value(place)):
                computed = literal(self.tracer, node_id, input_) is None
                self.found.add(name, *(place if computed else (node_id, input_)), group=pair)

    def _side(self, name: str, node_id: str, input_: str) -> Place | None:
        return literal(self.tracer, node_id, input_) or self._behind(name, node_id, input_)

    def _values(self, places: list[Place | None]) -> tuple[object, ...]:
        return tuple(self.tracer.value(each) if each else None for each in places)

    def _computed(self, name: str, node_id: str, input_: str) -> None:
        place = self._behind(name, node_id, input_)
        if place is not None:
            self.found.add(name, *place)

    def _behind(self, name: str, node_id: str, input_: str) -> Place | None:
        """Return the number an input is computed from, if exactly one is called what it is."""
        link = self.tracer.link(node_id, input_)
        found: list[Place] = []
        order = [link[0]] if link else []
        for node in order:  # grows while it is walked
            inputs = self.tracer.inputs(node)
            if len(inputs) == 1 and (place := literal(self.tracer, node, next(iter(inputs)))) is not None:
                if _CALLED[name].search(self.tracer.title(place[0])):
                    found.append(place)
            elif len(order) < 30 and not any(True for _ in self.tracer.links_of(node, "IMAGE", "LATENT")):
                onward = (self.tracer.link(node, each) for each in inputs)
                order += [each[0] for each in onward if each is not None and each[0] not in order]
        alone = dict.fromkeys(found)
        return next(iter(alone)) if len(alone) == 1 else None

    def same_size(self, node_id: str) -> None:
        """Add a size repeated beside the latent's, as the schedules of some models want it."""
        for width, height in self._pairs(node_id):
            pair = self._values([literal(self.tracer, node_id, width), literal(self.tracer, node_id, height)])
            if any(find.name == "width" and find.group == pair for find in self.found.finds):
                self._size(node_id, width, height)

    def elsewhere(self) -> None:
        """Where no latent owns the size, the node that resizes the picture does, or a choice of sizes."""
        if not self.found.has("width", "height"):
            self._chosen()
        if not self.found.has("width", "height", "aspect"):
            for node_id in reversed(self.tracer.live):
                if not {"x", "y"} & self.tracer.inputs(node_id).keys():
                    self._sizes(node_id)
        if not self.found.has("length"):
            for node_id in reversed(self.tracer.live):
                for name in LENGTHS & self.tracer.inputs(node_id).keys():
                    if any(True for _ in self._pairs(node_id)):
                        self.found.add("length", node_id, name)

    def _chosen(self) -> None:
        """Find combos of aspects or sizes, and the megapixels beside them."""
        for node_id in reversed(self.tracer.live):
            for name in self.tracer.inputs(node_id):
                if self._offers_shapes(node_id, name):
                    self.found.add("aspect", node_id, name)
        for node_id in reversed(self.tracer.live):
            for name in self.tracer.inputs(node_id):
                if name.rsplit(".", 1)[-1] in {"megapixels", "megapixel"}:
                    self.found.add("megapixels", node_id, name)

    def _offers_shapes(self, node_id: str, name: str) -> bool:
        place = literal(self.tracer, node_id, name)
        value = self.tracer.value(place) if place is not None else None
        if not isinstance(value, str) or read_shape(value) is None:
            return False  # set to something like `custom`: the sides beside it count
        known = self.tracer.input(node_id, name)
        return offers_shapes(known.choices) if known is not None else bool(_SHAPES.fullmatch(name.lower()))

    def rates(self) -> None:
        order = sorted(self.tracer.live, key=lambda each: not self.tracer.makes(each, "VIDEO"))
        for node_id in order:
            for name in self.tracer.inputs(node_id):
                if name in _RATES:
                    self.found.add("fps", node_id, name)
        if not self.found.has("seconds"):
            for node_id in self.tracer.live:
                for name in sorted(SECONDS & self.tracer.inputs(node_id).keys()):
                    self.found.add("seconds", node_id, name)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
