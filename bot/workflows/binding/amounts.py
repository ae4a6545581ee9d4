"""How much a bound graph makes: how many pieces (pictures, films, sounds), and of how many frames each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.comfy import OutputKind
from bot.workflows.discovery.sizes import LENGTHS, SECONDS
from bot.workflows.graph.graph import AnyGraph, class_of
from bot.workflows.graph.literals import literal
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.standard import split_name
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import Workflow

FRAMES_A_SECOND = 24
"""How many frames a second of film is taken for where a workflow counts in seconds."""

_REPEATERS = frozenset({"RepeatLatentBatch", "RepeatImageBatch"})
_NO_PICTURES = frozenset(
    {"MODEL", "CLIP", "VAE", "CONDITIONING", "CONTROL_NET", "CLIP_VISION", "CLIP_VISION_OUTPUT", "STYLE_MODEL",
     "UPSCALE_MODEL", "SAMPLER", "SIGMAS", "NOISE", "GUIDER", "INT", "FLOAT", "STRING", "BOOLEAN"}
)  # fmt: skip
"""Types of links along which no picture comes."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What one run of a graph makes."""

    pieces: int = 1
    """Pictures, films or sounds of the output that has most of them; a further output repeats the first."""
    frames: int = 1
    """Of each piece; 1 for what does not move."""
    places: frozenset[Place] = frozenset()
    """The inputs that decide how many pieces there are."""


def amount_of(
    workflow: Workflow, graph: AnyGraph, values: Mapping[str, Value], info: ObjectInfo | None
) -> Amount:
    """Return what one run of a workflow's bound graph makes; `values` are those it was bound with."""
    tracer = Tracer(graph, info)
    kept = [output for output in workflow.outputs if not output.preview] or list(workflow.outputs)
    film = any(output.kind is OutputKind.VIDEO for output in kept)
    counted = _Counted(tracer, film=film)
    pieces = max((counted.pieces(output.node) for output in kept if output.node in graph), default=1)
    if not film:
        return Amount(pieces, counted.frames, frozenset(counted.places))
    frames = int(max([counted.frames, *_named("length", values)]))
    if frames == 1:
        seconds = max([counted.seconds, *_named("seconds", values)])
        frames = max(1, round(seconds * FRAMES_A_SECOND))
    # Without a length of its own, a film's frames are a batch of pictures.
    return Amount(pieces, frames, frozenset(counted.places)) if frames > 1 else Amount(frames=pieces)


def _named(name: str, values: Mapping[str, Value]) -> list[float]:
    return [_number(value) for key, value in values.items() if split_name(key)[0] == name]


def _number(value: object) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def sources_first(tracer: Tracer, end: str) -> Iterator[tuple[str, list[str]]]:
    """Yield a node and those that pictures come from to it, each after its sources, with the sources of each."""
    sources = _sources(tracer, end)
    seen, way = {end}, [(end, sources, iter(sources))]
    while way:
        node, sources, rest = way[-1]
        source = next((each for each in rest if each not in seen), None)
        if source is None:
            way.pop()
            yield node, sources
        else:
            seen.add(source)
            further = _sources(tracer, source)
            way.append((source, further, iter(further)))


def _sources(tracer: Tracer, node: str) -> list[str]:
    """Return the nodes from which a picture may come to one."""
    return [
        source
        for name, (source, _) in tracer.active_links(node)
        if tracer.type_of(node, name) not in _NO_PICTURES
    ]


class _Counted:
    """What was counted on the ways that pictures come to a graph's outputs."""

    def __init__(self, tracer: Tracer, *, film: bool) -> None:
        self._tracer = tracer
        self._film = film
        self._pieces: dict[str, int] = {}
        self.frames = 1
        self.seconds = 0.0
        self.places: set[Place] = set()

    def pieces(self, end: str) -> int:
        """Return how many pieces come to a node."""
        for node, sources in sources_first(self._tracer, end):
            before = max((self._pieces.get(source, 1) for source in sources), default=1)
            self._pieces[node] = self._made(node, before)
        return self._pieces[end]

    def _made(self, node: str, before: int) -> int:
        inputs = self._tracer.inputs(node)
        for name in inputs:
            if name in LENGTHS and (self._film or "width" in inputs):
                self.frames = max(self.frames, round(self._value(node, name)))
            elif name in SECONDS and self._film:
                self.seconds = max(self.seconds, self._value(node, name))
        if class_of(self._tracer.graph, node) in _REPEATERS:
            return before * self._counted(node, "amount")
        return max(before, self._counted(node, "batch_size")) if "batch_size" in inputs else before

    def _counted(self, node: str, name: str) -> int:
        place = literal(self._tracer, node, name)
        if place is None:
            return 1
        self.places.add(place)
        return max(1, round(_number(self._tracer.value(place))))

    def _value(self, node: str, name: str) -> float:
        place = literal(self._tracer, node, name)
        return 0 if place is None else _number(self._tracer.value(place))
