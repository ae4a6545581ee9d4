"""Finding how large, how long and how many: in the latents a sampler starts from, or where pictures are resized."""

from bot.workflows.collect import Finds
from bot.workflows.graph import class_of
from bot.workflows.sampling import Sampler

_LENGTHS = frozenset({"length", "num_frames", "frames", "video_frames", "video_length", "frame_count"})
_SECONDS = frozenset({"seconds", "seconds_total", "duration"})
_RATES = frozenset({"fps", "frame_rate"})


class SizeFinder:
    """Finds sizes, lengths and counts."""

    def __init__(self, found: Finds) -> None:
        self.found = found
        self.tracer = found.tracer

    def latent(self, sampler: Sampler, stops: frozenset[str]) -> None:
        for _, (start, _slot) in self.tracer.links_of(sampler.node, "LATENT"):
            for node_id in self.tracer.upstream(start, "LATENT", stop=stops):
                if node_id not in stops:
                    self._latent_node(node_id)

    def _latent_node(self, node_id: str) -> None:
        inputs = self.tracer.inputs(node_id)
        if any(True for _ in self.tracer.links_of(node_id, "LATENT")):
            if class_of(self.tracer.graph, node_id) == "RepeatLatentBatch":
                self.found.add("batch", node_id, "amount")
            return
        self._size(node_id)
        if "batch_size" in inputs:
            self.found.add("batch", node_id, "batch_size")
        for name in inputs:
            if name in _LENGTHS:
                self.found.add("length", node_id, name)
            elif name in _SECONDS:
                self.found.add("seconds", node_id, name)

    def _size(self, node_id: str) -> None:
        width, height = self.tracer.literal(node_id, "width"), self.tracer.literal(node_id, "height")
        pair = tuple(self.tracer.value(each) if each else None for each in (width, height))
        for name, place in (("width", width), ("height", height)):
            if place is not None and _is_size(self.tracer.value(place)):
                self.found.add(name, node_id, name, group=pair)

    def same_size(self, node_id: str) -> None:
        """Add a size repeated beside the latent's, as the schedules of some models want it."""
        places = [self.tracer.literal(node_id, name) for name in ("width", "height")]
        pair = tuple(self.tracer.value(each) if each else None for each in places)
        if any(find.name == "width" and find.group == pair for find in self.found.finds):
            self._size(node_id)

    def elsewhere(self) -> None:
        """Where no latent owns the size, the node that resizes the picture does."""
        if self.found.has("width", "height"):
            return
        for node_id in reversed(self.tracer.live):
            inputs = self.tracer.inputs(node_id)
            if {"width", "height"} <= inputs.keys() and not {"x", "y"} & inputs.keys():
                self._size(node_id)

    def rates(self) -> None:
        order = sorted(self.tracer.live, key=lambda each: not self.tracer.makes(each, "VIDEO"))
        for node_id in order:
            for name in self.tracer.inputs(node_id):
                if name in _RATES:
                    self.found.add("fps", node_id, name)
        if not self.found.has("seconds"):
            for node_id in self.tracer.live:
                for name in _SECONDS & self.tracer.inputs(node_id).keys():
                    self.found.add("seconds", node_id, name)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
