"""A document in ComfyUI's UI format (what its Save writes), read with distrust into frozen values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.workflows.graph.graph import MAXIMUM_INPUTS, MAXIMUM_NODES, GraphError
from bot.workflows.model.problem import fault

MAXIMUM_LINKS = 50_000
MAXIMUM_DEFINITIONS = 1_000
MAXIMUM_SOCKETS = 100_000
INTO = "-10"
"""The id that stands for a subgraph's inputs in the links inside it."""
OUT_OF = "-20"
"""The id that stands for a subgraph's outputs."""


@dataclass(frozen=True, slots=True)
class Socket:
    """An input or output as saved: of a node, or of a subgraph's edge."""

    name: str
    type: str
    link: str | None = None
    widget: bool = False
    """Whether it stands for a widget, so that it holds a value where nothing is linked."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node as saved."""

    id: str
    type: str
    mode: int
    order: int
    title: str | None
    inputs: tuple[Socket, ...]
    outputs: tuple[Socket, ...]
    values: list[Any] | Mapping[str, Any] | None
    """`widgets_values`: a list by position; some packs write an object by name."""
    named: Mapping[str, Any] | None
    """`widgets_values_named`, which the newest frontends write beside it."""
    properties: Mapping[str, Any]

    @property
    def muted(self) -> bool:
        return self.mode == 2

    @property
    def bypassed(self) -> bool:
        return self.mode == 4

    @property
    def active(self) -> bool:
        return not self.muted and not self.bypassed


@dataclass(frozen=True, slots=True)
class Link:
    """A row of the table of links."""

    source: str
    slot: int
    target: str
    target_slot: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One canvas: the document's own, or the inside of a subgraph."""

    nodes: Mapping[str, Node]
    links: Mapping[str, Link]
    into: Mapping[tuple[str, int], Link]
    """The rows by where they lead: node id and saved index of its input."""
    sources: frozenset[str]
    """The nodes that rows lead away from."""

    def link(self, node: Node, index: int) -> Link | None:
        """Return what an input is linked to, by its saved index; a row counts only if it leads to this node."""
        if not 0 <= index < len(node.inputs) or (link := node.inputs[index].link) is None:
            return None
        row = self.links.get(link)
        return row if row is not None and row.target == node.id else self.into.get((node.id, index))


@dataclass(frozen=True, slots=True)
class Definition:
    """A subgraph: its edges and its inside."""

    id: str
    name: str
    inputs: tuple[Socket, ...]
    outputs: tuple[Socket, ...]
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file."""

    sheet: Sheet
    definitions: Mapping[str, Definition]
    extra: Mapping[str, Any]


def is_document(raw: object) -> bool:
    """Tell whether a decoded JSON value is in ComfyUI's UI format."""
    data = mapping(raw)
    return isinstance(data.get("nodes"), list) and any(
        key in data for key in ("links", "version", "last_node_id", "definitions")
    )


def read_document(raw: object) -> Document:
    """Return a document of at most `MAXIMUM_NODES` saved nodes; raises `GraphError` for what is none."""
    if not is_document(raw):
        raise GraphError(fault("The file holds no workflow as ComfyUI saves it."), "ui")
    data = mapping(raw)
    saved = sequence(mapping(data.get("definitions")).get("subgraphs"))
    if len(saved) > MAXIMUM_DEFINITIONS:
        raise GraphError(
            fault("The workflow has more than {limit} subgraphs.", limit=MAXIMUM_DEFINITIONS), "ui"
        )
    sheets = [data, *(mapping(each) for each in saved)]
    if sum(len(sequence(each.get("nodes"))) for each in sheets) > MAXIMUM_NODES:
        raise GraphError(fault("The graph has more than {limit} nodes.", limit=MAXIMUM_NODES), "ui")
    if sum(len(sequence(each.get("links"))) for each in sheets) > MAXIMUM_LINKS:
        raise GraphError(fault("The workflow has more than {limit} links.", limit=MAXIMUM_LINKS), "ui")
    if sum(_sockets_of(node) for each in sheets for node in sequence(each.get("nodes"))) > MAXIMUM_SOCKETS:
        raise GraphError(
            fault("The nodes have more than {limit} inputs in all.", limit=MAXIMUM_SOCKETS), "ui"
        )
    definitions = {each.id: each for each in map(_definition, sheets[1:])}
    return Document(_sheet(data), definitions, mapping(data.get("extra")))


def _sockets_of(node: object) -> int:
    data = mapping(node)
    return len(sequence(data.get("inputs"))) + len(sequence(data.get("outputs")))


def _definition(data: Mapping[str, Any]) -> Definition:
    return Definition(
        str(data.get("id")),
        str(data.get("name") or ""),
        tuple(_sockets(data.get("inputs"))),
        tuple(_sockets(data.get("outputs"))),
        _sheet(data),
    )


def _sheet(data: Mapping[str, Any]) -> Sheet:
    nodes: dict[str, Node] = {}
    for raw in sequence(data.get("nodes")):
        node = _node(mapping(raw))
        if node.id in nodes:
            raise GraphError(fault("Two nodes of the workflow have the id {id}.", id=node.id), "ui")
        nodes[node.id] = node
    links: dict[str, Link] = {}
    into: dict[tuple[str, int], Link] = {}
    for raw in sequence(data.get("links")):
        if (row := _link(raw)) is not None:
            links[row[0]] = row[1]
            into.setdefault((row[1].target, row[1].target_slot), row[1])
    return Sheet(nodes, links, into, frozenset(each.source for each in links.values()))


def _node(data: Mapping[str, Any]) -> Node:
    id_, type_, properties = identity(data.get("id")), data.get("type"), mapping(data.get("properties"))
    if id_ is None or not isinstance(type_, str) or not type_:
        raise GraphError(fault("A node of the workflow has no id or no type."), "ui")
    values, title = data.get("widgets_values"), data.get("title")
    named = data.get("widgets_values_named")
    return Node(
        id_,
        type_,
        whole(data.get("mode"), 0),
        whole(data.get("order"), 0),
        title if isinstance(title, str) and title else None,
        tuple(_sockets(data.get("inputs"))),
        tuple(_sockets(data.get("outputs"))),
        cast(Any, values) if isinstance(values, list | Mapping) else None,
        mapping(cast(object, named)) if isinstance(named, Mapping) else None,
        properties,
    )


def _sockets(raw: object) -> Iterator[Socket]:
    saved = sequence(raw)
    if len(saved) > MAXIMUM_INPUTS:
        raise GraphError(
            fault("A node of the workflow has more than {limit} inputs.", limit=MAXIMUM_INPUTS), "ui"
        )
    for each in saved:
        data = mapping(each)
        name, type_ = data.get("name"), data.get("type")
        yield Socket(
            name if isinstance(name, str) else "",
            type_ if isinstance(type_, str) else "COMBO" if isinstance(type_, list) else "*",
            identity(data.get("link")),
            isinstance(data.get("widget"), Mapping),
        )


def _link(raw: object) -> tuple[str, Link] | None:
    """Read a row of either kind; what is none is left out, as the frontend does."""
    if isinstance(raw, Mapping):
        data = mapping(cast(object, raw))
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        parts = [data.get(key) for key in keys]
    else:
        parts = list(sequence(raw)[:5])
    if len(parts) < 5:
        return None
    id_, source, target = identity(parts[0]), identity(parts[1]), identity(parts[3])
    if id_ is None or source is None or target is None:
        return None
    return id_, Link(source, whole(parts[2], 0), target, whole(parts[4], -1))


def identity(value: object) -> str | None:
    """Return an id as text, whether it was saved as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None
    return str(value) if not isinstance(value, int) or value.bit_length() < 128 else None


def whole(value: object, default: int) -> int:
    """Return a whole number that may have been saved as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        return int(value)
    except (ValueError, OverflowError):
        return default


def mapping(value: object) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], value) if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []
