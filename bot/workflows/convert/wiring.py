"""Following a link to the node that really feeds an input: through bypassed nodes, reroutes, Set/Get and subgraphs."""

from dataclasses import dataclass
from typing import Any

from bot.workflows.convert.classes import AUTOGROW, DYNAMIC, Classes
from bot.workflows.convert.document import INTO, OUT_OF, Document, Link, Node, Socket
from bot.workflows.convert.subgraphs import Frame
from bot.workflows.convert.virtual import Kind, kind_of, variable
from bot.workflows.graph.graph import GraphError
from bot.workflows.model.problem import fault

MAXIMUM_STEPS = 200_000
"""How many links are followed in one document; a real one of 5000 nodes needs a tenth."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The output that feeds an input."""

    frame: Frame
    node: Node
    slot: int


@dataclass(frozen=True, slots=True)
class Given:
    """A value that comes in place of a link."""

    value: Any
    host: bool
    """Whether the host of a subgraph gives it, to any input; a primitive only ever fills widgets."""


@dataclass(frozen=True, slots=True)
class _Place:
    """An input being asked: a node and the saved index of its input."""

    frame: Frame
    node: Node
    index: int
    wanted: str | None = None
    """The type asked for, where the node only hands on; otherwise its input asks for its own."""


class Wiring:
    """Follows the links of one document."""

    def __init__(self, document: Document, classes: Classes) -> None:
        self._document = document
        self._classes = classes
        self._steps = 0
        self._setters: dict[Frame, dict[str, Node]] = {}
        self._lost: dict[str, Node] = {}
        self._kinds: dict[int, Kind] = {}

    @property
    def lost(self) -> tuple[Node, ...]:
        """The nodes met so far that take under a name what nothing sets."""
        return tuple(self._lost.values())

    def kind(self, node: Node) -> Kind:
        key = id(node)  # the document holds them all as long as this lives
        if key not in self._kinds:
            self._kinds[key] = kind_of(node, self._document, self._classes)
        return self._kinds[key]

    def trace(self, frame: Frame, node: Node, index: int) -> Origin | Given | None:
        """Return what feeds an input; `None` where it leads nowhere. Raises `GraphError` for endless work."""
        place = _Place(frame, node, index)
        seen: set[tuple[tuple[str, ...], str, int]] = set()
        while (key := (place.frame.path, place.node.id, place.index)) not in seen:
            direct = not seen
            seen.add(key)
            self.count(1)
            link = place.frame.sheet.link(place.node, place.index)
            if link is None:
                return None
            if link.source == INTO:
                found = self._leave(place.frame, link.slot)
            else:
                wanted = place.wanted
                if wanted is None:
                    wanted = self._input_type(place.node, place.index)
                found = self._origin(place.frame, link, wanted, direct=direct)
            if not isinstance(found, _Place):
                return found
            place = found
        return None  # a circle of nodes that only hand on

    def count(self, steps: int) -> None:
        """Take note of work done; raises `GraphError` when it becomes absurd."""
        self._steps += steps
        if self._steps > MAXIMUM_STEPS:
            raise GraphError(fault("The workflow is wired too intricately to be followed."), "ui")

    # --- from an input inside to the host

    def _leave(self, frame: Frame, port: int) -> "_Place | Given | None":
        parent, instance, index = frame.parent, frame.instance, frame.outer_input(port)
        if parent is None or instance is None:
            return None
        if index is not None and parent.sheet.link(instance, index) is not None:
            return _Place(parent, instance, index)
        return Given(frame.hosted[port], host=True) if port in frame.hosted else None

    # --- from an output to what is behind it

    def _origin(
        self, frame: Frame, link: Link, wanted: str, *, direct: bool
    ) -> "_Place | Origin | Given | None":
        slot = link.slot
        node = frame.sheet.nodes.get(link.source)
        while node is not None:
            self.count(1)
            kind = self.kind(node)
            if kind is Kind.PRIMITIVE:  # gives its value even when it is muted
                return _given(frame, node) if direct else None
            if not node.active:
                return self._around(frame, node, slot, wanted) if node.bypassed else None
            if kind is not Kind.SUBGRAPH:
                return self._at(frame, node, kind, slot, wanted)
            frame = frame.inner[node.id]
            inside = frame.sheet.into.get((OUT_OF, slot))
            if inside is None:
                return None
            if inside.source == INTO:
                return self._leave(frame, inside.slot)
            node, slot = frame.sheet.nodes.get(inside.source), inside.slot
        return None

    def _at(self, frame: Frame, node: Node, kind: Kind, slot: int, wanted: str) -> "_Place | Origin | None":
        match kind:
            case Kind.NODE | Kind.UNKNOWN:
                return Origin(frame, node, slot)
            case Kind.REROUTE | Kind.SETTER:
                self.count(len(node.inputs))
                return _Place(frame, node, _first_linked(node), wanted)
            case Kind.GETTER:
                return self._setter(frame, node, wanted)
            case _:
                return None

    def _setter(self, frame: Frame, getter: Node, wanted: str) -> "_Place | None":
        """Return the input of the node that keeps what a getter takes: on its own canvas, else further out."""
        name, looked = variable(getter), frame
        while name is not None:
            if looked not in self._setters:
                setters = [each for each in looked.sheet.nodes.values() if self.kind(each) is Kind.SETTER]
                self._setters[looked] = {str(variable(each)): each for each in reversed(setters)}
            setter = self._setters[looked].get(name)
            if setter is not None:
                return _Place(looked, setter, _first_linked(setter), wanted)
            if looked.parent is None:
                self._lost[frame.id(getter)] = getter
                break
            looked = looked.parent
        return None

    # --- bypassed nodes

    def _around(self, frame: Frame, node: Node, slot: int, wanted: str) -> "_Place | None":
        inputs = self._inputs(node)
        self.count(len(inputs))
        given = self._output_type(node, slot)
        if wanted in {"*", ""}:
            chosen = slot if slot < len(inputs) else 0 if inputs else None
        else:
            chosen = _matching(inputs, slot, given, wanted)
        if chosen is None:
            return None
        name = inputs[chosen].name
        saved = next((i for i, each in enumerate(node.inputs) if each.name == name), None)
        return _Place(frame, node, saved) if saved is not None else None

    def _inputs(self, node: Node) -> tuple[Socket, ...]:
        """Return a node's inputs as the frontend orders them: links, then widgets, then what only this file has."""
        definition = self._document.definitions.get(node.type)
        if definition is not None:
            return definition.inputs
        class_ = self._classes.get(node.type)
        if class_ is None:
            return node.inputs
        saved = {each.name: each for each in node.inputs}
        ordered: dict[str, Socket] = {}
        for field in sorted(class_.fields, key=lambda each: each.widget):
            if field.type != AUTOGROW:
                ordered[field.name] = Socket(field.name, _settled(field.type, saved.get(field.name)))
            if field.type in {AUTOGROW, DYNAMIC}:
                ordered |= {name: each for name, each in saved.items() if name.startswith(f"{field.name}.")}
        return (*ordered.values(), *(each for name, each in saved.items() if name not in ordered))

    def _input_type(self, node: Node, index: int) -> str:
        saved = node.inputs[index]
        class_ = self._classes.get(node.type)
        known = next((each for each in class_.fields if each.name == saved.name), None) if class_ else None
        return _settled(known.type, saved) if known is not None else saved.type

    def _output_type(self, node: Node, slot: int) -> str:
        definition, class_ = self._document.definitions.get(node.type), self._classes.get(node.type)
        if definition is not None and 0 <= slot < len(definition.outputs):
            return definition.outputs[slot].type
        if class_ is not None and 0 <= slot < len(class_.outputs):
            return _settled(class_.outputs[slot], node.outputs[slot] if slot < len(node.outputs) else None)
        return node.outputs[slot].type if 0 <= slot < len(node.outputs) else "*"


def _settled(declared: str, saved: Socket | None) -> str:
    """Return a socket's type: where the class leaves it open, what the file says it has become."""
    return saved.type if saved is not None and declared.startswith("COMFY_") else declared


def _matching(inputs: tuple[Socket, ...], slot: int, given: str, wanted: str) -> int | None:
    def fits(index: int) -> bool:
        return compatible(inputs[index].type, given) and compatible(inputs[index].type, wanted)

    if slot < len(inputs) and fits(slot):
        return slot
    exact = next((i for i, each in enumerate(inputs) if each.type == wanted), None)
    return exact if exact is not None else next((i for i in range(len(inputs)) if fits(i)), None)


def compatible(one: str, other: str) -> bool:
    """Tell whether two types may be linked: alike in any capitals, or lists that share one, or one is anything."""
    if {one, other} & {"*", ""}:
        return True
    return bool(
        {each.strip().lower() for each in one.split(",")}
        & {each.strip().lower() for each in other.split(",")}
    )


def _first_linked(node: Node) -> int:
    return next((i for i, each in enumerate(node.inputs) if each.link is not None), 0)


def _given(frame: Frame, primitive: Node) -> Given | None:
    """Return what a primitive holds, or what the host of its subgraph put there."""
    for value in frame.replaced.get(primitive.id, {}).values():
        return Given(value, host=False)
    values = primitive.values
    return Given(values[0], host=False) if isinstance(values, list) and values else None
