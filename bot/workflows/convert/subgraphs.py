"""Subgraphs laid out flat: one frame for each instance, with the values its host gives it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.workflows.convert.classes import MISSING, Classes
from bot.workflows.convert.document import (
    INTO,
    MAXIMUM_SOCKETS,
    Definition,
    Document,
    Node,
    Sheet,
    identity,
    sequence,
)
from bot.workflows.convert.widgets import IDLE, widget_values
from bot.workflows.graph.graph import MAXIMUM_NODES, GraphError
from bot.workflows.model.problem import fault

MAXIMUM_DEPTH = 32
_PREFIX = re.compile(r"^\d+:\s*")


@dataclass(slots=True, eq=False)
class Frame:
    """One canvas in its place: the document's own, or the inside of one instance of a subgraph."""

    path: tuple[str, ...]
    sheet: Sheet
    parent: "Frame | None" = None
    instance: Node | None = None
    definition: Definition | None = None
    hosted: dict[int, Any] = field(default_factory=dict[int, Any])
    """What the instance gives its inputs where nothing is linked to them, by their index in the definition."""
    replaced: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """Values for widgets inside, by node and by name, that hold for this instance only."""
    inner: "dict[str, Frame]" = field(default_factory=dict[str, "Frame"])
    """The frames of the active instances in it, by their node's id."""
    _outer: dict[int, int] | None = None

    def id(self, node: Node) -> str:
        return ":".join((*self.path, node.id))

    def outer_input(self, port: int) -> int | None:
        """Return which saved input of the instance belongs to an input of its definition."""
        if self._outer is None:
            self._outer = _matched(self.definition, self.instance)
        return self._outer.get(port)


def _matched(definition: Definition | None, instance: Node | None) -> dict[int, int]:
    """Match a definition's inputs with the saved ones of an instance: by name and type, else by name."""
    if definition is None or instance is None:
        return {}
    both: dict[tuple[str, str], int] = {}
    named: dict[str, int] = {}
    for index, each in enumerate(instance.inputs):
        both.setdefault((each.name, each.type), index)
        named.setdefault(each.name, index)
    found = {
        i: both.get((each.name, each.type), named.get(each.name)) for i, each in enumerate(definition.inputs)
    }
    return {port: index for port, index in found.items() if index is not None}


class Layout:
    """Lays a document out; raises `GraphError` for subgraphs that hold themselves or become too many."""

    def __init__(self, document: Document, classes: Classes) -> None:
        self._document = document
        self._classes = classes
        self._targets: dict[str, Mapping[int, list[tuple[Node, str]]]] = {}
        self._first: dict[tuple[str, int], object] = {}
        self._nodes = 0
        self._entries = 0

    def frames(self) -> Frame:
        """Return the document's own frame, with those of all active instances below it."""
        root = Frame((), self._document.sheet)
        waiting = [root]
        for frame in waiting:  # grows while it is walked
            self._nodes += len(frame.sheet.nodes)
            if self._nodes > MAXIMUM_NODES:
                raise GraphError(fault("The graph has more than {limit} nodes.", limit=MAXIMUM_NODES), "ui")
            for node in frame.sheet.nodes.values():
                definition = self._document.definitions.get(node.type)
                if definition is not None and node.active:
                    frame.inner[node.id] = made = self._frame(frame, node, definition)
                    waiting.append(made)
        return root

    def _frame(self, parent: Frame, instance: Node, definition: Definition) -> Frame:
        above: Frame | None = parent
        while above is not None:
            if above.definition is definition:
                raise GraphError(
                    fault("The subgraph {name} holds itself.", name=definition.name or definition.id), "ui"
                )
            above = above.parent
        if len(parent.path) >= MAXIMUM_DEPTH:
            raise GraphError(
                fault("Subgraphs lie in each other more than {limit} deep.", limit=MAXIMUM_DEPTH), "ui"
            )
        made = Frame((*parent.path, instance.id), definition.sheet, parent, instance, definition)
        self._host(made, instance, definition)
        for name, value in parent.replaced.get(instance.id, {}).items():
            if (port := _port(definition, name)) is not None:
                made.hosted[port] = value
        return made

    # --- what the host says

    def _host(self, frame: Frame, instance: Node, definition: Definition) -> None:
        values, proxies = sequence(instance.values), sequence(instance.properties.get("proxyWidgets"))
        promoted = self._promoted(definition)
        self._entries += len(promoted) + min(len(values), len(proxies))
        if self._entries > MAXIMUM_SOCKETS:
            raise GraphError(
                fault("The nodes have more than {limit} inputs in all.", limit=MAXIMUM_SOCKETS), "ui"
            )
        if values and proxies:
            self._by_proxies(frame, definition, list(zip(proxies, values, strict=False)))
        else:
            frame.hosted.update(zip(promoted, values, strict=False))
        for port in promoted:
            if port not in frame.hosted and (value := self._first_value(definition, port)) is not MISSING:
                frame.hosted[port] = value

    def _by_proxies(self, frame: Frame, definition: Definition, entries: list[tuple[Any, Any]]) -> None:
        for entry, value in entries:
            parts = sequence(entry)
            if len(parts) < 2 or not isinstance(parts[1], str):
                continue
            inner, name = identity(parts[0]), _PREFIX.sub("", parts[1])
            if name.startswith("$$") or name in IDLE or inner is None:
                continue
            port = _port(definition, name) if inner == "-1" else _port_of_widget(definition, inner, name)
            if port is not None:
                frame.hosted[port] = value
            elif inner in definition.sheet.nodes:
                frame.replaced.setdefault(inner, {})[name] = value

    # --- what a definition is like

    def _inside(self, definition: Definition) -> Mapping[int, list[tuple[Node, str]]]:
        """Return which widgets each input of a definition drives: node and name, in the order of its links."""
        if definition.id not in self._targets:
            found: dict[int, list[tuple[Node, str]]] = {}
            for port, node, index in _driven(definition):
                if node.inputs[index].widget:
                    found.setdefault(port, []).append((node, node.inputs[index].name))
            self._targets[definition.id] = found
        return self._targets[definition.id]

    def _promoted(self, definition: Definition) -> list[int]:
        inside = self._inside(definition)
        return [port for port in range(len(definition.inputs)) if inside.get(port)]

    def _first_value(self, definition: Definition, port: int, depth: int = 0) -> object:
        """Return what the first widget that an input drives holds inside the definition."""
        key = (definition.id, port)
        targets = self._inside(definition).get(port)
        if key in self._first or not targets or depth > MAXIMUM_DEPTH:
            return self._first.get(key, MISSING)
        node, name = targets[0]
        class_, below = self._classes.get(node.type), self._document.definitions.get(node.type)
        found: object = MISSING
        if class_ is not None:
            found = widget_values(node, class_).get(name, MISSING)
        elif below is not None and (inner := _port(below, name)) is not None:
            own = dict(zip(self._promoted(below), sequence(node.values), strict=False))
            found = own[inner] if inner in own else self._first_value(below, inner, depth + 1)
        self._first[key] = found
        return found


def _driven(definition: Definition) -> Iterator[tuple[int, Node, int]]:
    """Yield every input inside that the definition's inputs lead to, in the order of the links: port, node, index."""
    sheet = definition.sheet
    found: dict[int, list[tuple[Node, int]]] = {}
    for node in sheet.nodes.values():
        for index in range(len(node.inputs)):
            row = sheet.link(node, index)
            if row is not None and row.source == INTO:
                found.setdefault(id(row), []).append((node, index))
    for row in sheet.links.values():
        for node, index in found.get(id(row), ()):
            yield row.slot, node, index


def _port(definition: Definition, name: str) -> int | None:
    return next((i for i, each in enumerate(definition.inputs) if each.name == name), None)


def _port_of_widget(definition: Definition, node_id: str, name: str) -> int | None:
    """Return the input of a definition that a widget inside is linked to."""
    node = definition.sheet.nodes.get(node_id)
    if node is None:
        return None
    for index, each in enumerate(node.inputs):
        link = definition.sheet.link(node, index) if each.name == name else None
        if link is not None and link.source == INTO:
            return link.slot
    return None
