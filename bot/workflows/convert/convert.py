"""From ComfyUI's UI format to the graph that its frontend would post, for the classes of a given server."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.workflows.convert.classes import Classes, Field, NodeClass
from bot.workflows.convert.document import Document, Node, read_document
from bot.workflows.convert.prefixes import PREFIX, SEARCHED, filled
from bot.workflows.convert.sentences import (
    hidden_wiring,
    left_out,
    misfit,
    never_set,
    nothing_kept,
    old_groups,
    page_only,
    unread,
)
from bot.workflows.convert.subgraphs import Frame, Layout
from bot.workflows.convert.virtual import Kind, broadcasters, group_nodes
from bot.workflows.convert.widgets import has_unread, values_by_name, widget_values, wrapped
from bot.workflows.convert.wiring import Given, Origin, Wiring
from bot.workflows.graph.graph import Graph, GraphError, check_graph, is_link
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.model.problem import WorkflowProblem, fault

_NUMBER = re.compile(r"\s*+[+-]?(\d++(?:\.\d*+)?|\.\d++)(e[+-]?\d++)?\s*+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unoffered:
    """A combo's value that the server does not offer; it stands in the graph as it was saved."""

    node: str
    input: str
    value: Any


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a document."""

    graph: Graph
    missing: tuple[str, ...] = ()
    """Classes that the server does not know and that nodes it does know are fed by."""
    unoffered: tuple[Unoffered, ...] = ()
    problems: tuple[WorkflowProblem, ...] = ()
    """What was left out, and what that may mean."""


def convert(document: object, info: ObjectInfo) -> Conversion:
    """Return the graph of a decoded document in UI format, every value as saved.

    Pure, and done in less than a second whatever the document holds. Raises `GraphError` with advice for what
    only ComfyUI itself can turn into a graph, and for what is no workflow or beyond all limits.
    """
    read, classes = read_document(document), Classes(info.raw)
    _refuse(read, classes)
    return _Converter(read, classes).conversion()


def _refuse(document: Document, classes: Classes) -> None:
    if old := list(group_nodes(document)):
        raise GraphError(old_groups(old), "ui")
    if nodes := list(broadcasters(document, classes)):
        raise GraphError(hidden_wiring(nodes), "ui")


class _Converter:
    """One document being converted."""

    def __init__(self, document: Document, classes: Classes) -> None:
        self._classes = classes
        self._wiring = Wiring(document, classes)
        self._root = Layout(document, classes).frames()
        self._graph: dict[str, dict[str, Any]] = {}
        self._unknown: dict[str, tuple[Frame, Node]] = {}
        self._unoffered: list[Unoffered] = []
        self._offered: dict[tuple[str, str], frozenset[object] | None] = {}
        self._misfits: dict[str, tuple[Node, str, object]] = {}
        """Nodes with a number that is none, each with the first such input and what was saved for it."""
        self._unread: dict[str, Node] = {}
        self._called: dict[str, str] = {}
        self._titled: dict[str, str] = {}
        self._open: list[tuple[Node, str]] = []
        """Required inputs that nothing is linked to: node and type."""

    def conversion(self) -> Conversion:
        for frame, node in list(self._nodes(self._root)):
            if self._wiring.kind(node) is Kind.UNKNOWN:
                self._unknown[frame.id(node)] = frame, node
            elif (class_ := self._classes.get(node.type)) is not None:
                self._emit(frame, node, class_)
        missing = self._emit_needed()
        dropped = [node for id_, (_, node) in self._unknown.items() if id_ not in self._graph]
        self._refuse_hidden_wiring(dropped)
        if not self._graph:
            raise GraphError(fault("Nothing in the workflow is run by the server."), "ui")
        self._unlink()
        self._fill_prefixes()
        graph = check_graph({id_: self._graph[id_] for id_ in sorted(self._graph, key=_rank)})
        return Conversion(graph, missing, tuple(self._unoffered), tuple(self._problems(dropped)))

    def _nodes(self, frame: Frame) -> Iterator[tuple[Frame, Node]]:
        """Yield every active node in the order of the frontend: what is in a subgraph after its instance."""
        nodes = frame.sheet.nodes.values()
        for node in sorted(nodes, key=lambda each: each.order) if frame is self._root else nodes:
            if not node.active:
                continue
            if node.id in frame.inner:
                yield from self._nodes(frame.inner[node.id])
            elif self._wiring.kind(node) in {Kind.NODE, Kind.UNKNOWN}:
                yield frame, node

    # --- one node

    def _emit(self, frame: Frame, node: Node, class_: NodeClass) -> None:
        id_ = frame.id(node)
        values = widget_values(node, class_)
        self._wiring.count(len(values) + len(node.inputs))
        replaced = frame.replaced.get(node.id, {})
        values |= {name: each for name, each in replaced.items() if name in values}
        linked: dict[str, Any] = {}
        for index, socket in enumerate(node.inputs):
            match self._wiring.trace(frame, node, index):
                case Origin() as origin:
                    linked[socket.name] = [origin.frame.id(origin.node), origin.slot]
                case Given(value, host) if host or socket.name in values:
                    values[socket.name] = value
                case _:
                    pass
        self._note_values(id_, node, class_, {name: values[name] for name in values if name not in linked})
        self._note_open(frame, node, class_)
        if not frame.path:
            self._called.setdefault(str(node.properties.get(SEARCHED) or node.type), id_)
            self._titled.setdefault(node.title or class_.title, id_)
        if has_unread(node, class_):
            self._unread[id_] = node
        inputs = {name: wrapped(value) for name, value in values.items()} | linked
        self._graph[id_] = _made(node, inputs, class_.title)

    def _note_values(self, id_: str, node: Node, class_: NodeClass, values: dict[str, Any]) -> None:
        for field in class_.widgets:
            if field.name not in values:
                continue
            value = values[field.name]
            if not self._offers(class_, field, value):
                self._unoffered.append(Unoffered(id_, field.name, value))
            elif field.type in {"INT", "FLOAT"} and isinstance(value, str) and not _NUMBER.fullmatch(value):
                self._misfits.setdefault(id_, (node, field.name, value))

    def _offers(self, class_: NodeClass, field: Field, value: object) -> bool:
        key = (class_.name, field.name)
        if key not in self._offered:
            offered = field.offered
            plain = (each for each in offered or () if isinstance(each, str | int | float))
            self._offered[key] = None if offered is None else frozenset(plain)
        known = self._offered[key]
        return known is None or (isinstance(value, str | int | float) and value in known)

    def _note_open(self, frame: Frame, node: Node, class_: NodeClass) -> None:
        linked = {each.name for each in node.inputs if each.link is not None}
        if not linked and node.id not in frame.sheet.sources:
            return  # left over: it is part of nothing
        self._open += [
            (node, each.type)
            for each in class_.fields
            if each.required
            and not each.widget
            and each.name not in linked
            and not each.type.startswith("COMFY_")
        ]

    # --- nodes of classes that nobody knows

    def _emit_needed(self) -> tuple[str, ...]:
        """Put the unknown nodes into the graph that feed known ones, so that they can be named and shown."""
        missing: dict[str, None] = {}
        waiting = self._sources(self._graph)
        while waiting:
            id_ = waiting.pop()
            if id_ in self._graph or id_ not in self._unknown:
                continue
            frame, node = self._unknown[id_]
            missing[node.type] = None
            inputs: dict[str, Any] = {name: wrapped(each) for name, each in values_by_name(node).items()}
            for index, socket in enumerate(node.inputs):
                origin = self._wiring.trace(frame, node, index)
                if isinstance(origin, Origin):
                    inputs[socket.name] = [origin.frame.id(origin.node), origin.slot]
            self._graph[id_] = _made(node, inputs, node.type)
            waiting += self._sources({id_: self._graph[id_]})
        return tuple(missing)

    def _sources(self, graph: Graph) -> list[str]:
        return [str(v[0]) for each in graph.values() for v in each["inputs"].values() if is_link(v)]

    def _refuse_hidden_wiring(self, dropped: list[Node]) -> None:
        """Refuse where a node that is left out takes just what another one is in want of."""
        for node in dropped:
            taken = {each.type for each in node.inputs if each.link is not None}
            if any(type_ in taken for _, type_ in self._open):
                raise GraphError(hidden_wiring([node]), "ui")

    def _problems(self, dropped: list[Node]) -> Iterator[WorkflowProblem]:
        takes = [each for each in dropped if any(socket.link is not None for socket in each.inputs)]
        if takes and not any(self._is_output(each) for each in self._graph.values()):
            yield nothing_kept(takes)
        elif takes:
            yield left_out(takes)
        if idle := [each for each in dropped if each not in takes]:
            yield page_only(idle)
        for id_, (node, name, value) in self._misfits.items():
            yield misfit(id_, node, name, value)
        for id_, node in self._unread.items():
            yield unread(id_, node)
        for getter in self._wiring.lost:
            yield never_set(getter)

    def _is_output(self, node: dict[str, Any]) -> bool:
        class_ = self._classes.get(node["class_type"])
        return class_ is not None and class_.is_output

    def _fill_prefixes(self) -> None:
        named = self._titled | self._called
        for node in self._graph.values():
            prefix = node["inputs"].get(PREFIX)
            if isinstance(prefix, str) and "%" in prefix and self._is_output(node):
                node["inputs"][PREFIX] = filled(prefix, named, self._graph)

    def _unlink(self) -> None:
        for node in self._graph.values():
            inputs: dict[str, Any] = node["inputs"]
            gone = [
                name for name, value in inputs.items() if is_link(value) and str(value[0]) not in self._graph
            ]
            for name in gone:
                del inputs[name]


def _made(node: Node, inputs: dict[str, Any], title: str) -> dict[str, Any]:
    return {"class_type": node.type, "inputs": inputs, "_meta": {"title": node.title or title}}


def _rank(id_: str) -> tuple[bool, int]:
    """Order ids as an API export has them: plain numbers first and ascending, the others as they came."""
    plain = id_.isascii() and id_.isdigit() and len(id_) < 10
    return not plain, int(id_) if plain else 0
