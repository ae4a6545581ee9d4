"""Collecting the places of a graph that a person may want to fill."""

from dataclasses import dataclass

from bot.workflows.graph.literals import literal
from bot.workflows.graph.trace import Place, Tracer

_NUMBERS = frozenset({
    "seed", "steps", "cfg", "guidance", "denoise", "width", "height", "batch", "length", "fps", "seconds",
    "lora_strength", "control_strength", "megapixels",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Find:
    """One place that does what a standard parameter is for."""

    name: str
    place: Place
    """Where the literal stands."""
    asked: Place
    """The input that takes the value; its class knows type and range."""
    group: object = None
    """Finds of one name with equal groups make one parameter."""
    optional: bool = False
    """Whether it is something another parameter brings along anyway."""


class Finds:
    """The finds of one graph; no place is two things."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self.finds: list[Find] = []
        self.words: set[Place] = set()
        """The inputs a person's words are for: where they stand, and the inputs of the nodes that take them in."""
        self._placed: dict[Place, set[str]] = {}

    def has(self, *names: str) -> bool:
        return any(find.name in names for find in self.finds)

    def append(self, find: Find) -> None:
        """Add a find as it is."""
        self._placed.setdefault(find.place, set()).add(find.name)
        self.finds.append(find)

    def add(
        self, name: str, node_id: str, input_: str, *, group: object = None, asked: Place | None = None
    ) -> bool:
        """Add the literal that an input's value comes from, if there is one and it is of the right type.

        Says whether it is there now. Without a group, finds of equal value belong together.
        """
        place = literal(self.tracer, node_id, input_)
        if place is None:
            return False
        if place in self._placed:
            return name in self._placed[place]
        value = self.tracer.value(place)
        if isinstance(value, bool) or isinstance(value, str) is (name in _NUMBERS):
            return False
        self.append(Find(name, place, asked or (node_id, input_), value if group is None else group))
        return True
