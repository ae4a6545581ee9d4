"""A graph in ComfyUI's API format: loading it from a file without trusting it, and finding one's way in it."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeGuard, cast

from bot.comfy.raw import refuse_too_many_parts
from bot.workflows.model.problem import WorkflowProblem, fault

Graph: TypeAlias = dict[str, dict[str, Any]]
AnyGraph: TypeAlias = Mapping[str, Mapping[str, Any]]
Link: TypeAlias = tuple[str, int]

MAXIMUM_BYTES = 5_000_000
MAXIMUM_PARTS = 500_000
"""Values in a document; those of a graph of as many nodes as there may be are fewer."""
MAXIMUM_NODES = 5_000
MAXIMUM_INPUTS = 2_000
MAXIMUM_NAME = 500
"""Characters of an id, a title, or the name of a class or an input."""
_MAXIMUM_DEPTH = 64
_SHOWN = 40
_WRAPPING = "__value__"
"""The key under which ComfyUI's page sends values that could be taken for links."""


class GraphError(Exception):
    """A file holds no graph that can be used; carries what to tell the operator."""

    def __init__(self, problem: WorkflowProblem, format_: str = "api") -> None:
        super().__init__(problem.text)
        self.problem = problem
        self.format = format_


def read_graph(data: bytes) -> Graph:
    """Return the API-format graph in a file's bytes; raises `GraphError` for everything else."""
    return check_graph(parse_json(data))


def parse_json(data: bytes) -> object:
    """Return what a JSON file of at most `MAXIMUM_BYTES` holds; raises `GraphError`."""
    if len(data) > MAXIMUM_BYTES:
        raise GraphError(fault("The file is larger than {limit} MB.", limit=MAXIMUM_BYTES // 1_000_000))
    try:
        text = data.decode("utf-8-sig")
        refuse_too_many_parts(text, MAXIMUM_PARTS)
        raw: object = json.loads(text)
    except UnicodeDecodeError:
        raise GraphError(fault("The file is not text in UTF-8, so it is no JSON.")) from None
    except json.JSONDecodeError as error:
        raise GraphError(
            fault(
                "The file is not valid JSON: line {line}, column {column}.",
                line=error.lineno,
                column=error.colno,
            )
        ) from None
    except (RecursionError, ValueError):  # ValueError: a number of too many digits, or too many values
        raise GraphError(fault("The file is nested too deeply, or holds too much for a workflow.")) from None
    return raw


def check_graph(raw: object) -> Graph:
    """Return a decoded JSON value as a graph, each node reduced to what ComfyUI reads; raises `GraphError`."""
    if isinstance(raw, Mapping) and isinstance(prompt := cast(Mapping[str, Any], raw).get("prompt"), Mapping):
        raw = cast(
            Mapping[str, Any], prompt
        )  # the body of a POST /prompt, as people copy it from the browser
    if not isinstance(raw, Mapping) or not raw:
        raise GraphError(
            fault("The file holds no graph: export it from ComfyUI with Workflow → Export (API).")
        )
    nodes = cast(Mapping[str, Any], raw)
    if len(nodes) > MAXIMUM_NODES:
        raise GraphError(fault("The graph has more than {limit} nodes.", limit=MAXIMUM_NODES))
    return {str(node_id): _node(str(node_id), node) for node_id, node in nodes.items()}


def _node(node_id: str, raw: object) -> dict[str, Any]:
    data = cast(Mapping[str, Any], raw) if isinstance(raw, Mapping) else None
    if data is None or not isinstance(data.get("class_type"), str) or not data["class_type"]:
        raise GraphError(
            fault("Node {id} has no class_type, so this is no API export.", at=node_id, id=node_id)
        )
    inputs = data.get("inputs", {})
    if not isinstance(inputs, Mapping):
        raise GraphError(fault("Node {id} has inputs that are no object.", at=node_id, id=node_id))
    inputs = cast(Mapping[str, Any], inputs)
    if len(inputs) > MAXIMUM_INPUTS:
        raise GraphError(
            fault("Node {id} has more than {limit} inputs.", at=node_id, id=node_id, limit=MAXIMUM_INPUTS)
        )
    if max(map(len, (node_id, data["class_type"], *map(str, inputs)))) > MAXIMUM_NAME:
        raise GraphError(
            fault(
                "Node {id} has a name of more than {limit} characters.",
                at=node_id[:_SHOWN], id=node_id[:_SHOWN], limit=MAXIMUM_NAME,
            )
        )  # fmt: skip
    for value in inputs.values():
        if not _is_plain(value):
            raise GraphError(
                fault(
                    "Node {id} holds a value that is nested too deeply or no number.", at=node_id, id=node_id
                )
            )
    values = {name: _unwrapped(node_id, name, value) for name, value in inputs.items()}
    node: dict[str, Any] = {"class_type": data["class_type"], "inputs": values}
    meta: object = data.get("_meta")
    title = cast(Mapping[str, Any], meta).get("title") if isinstance(meta, Mapping) else None
    if isinstance(title, str):
        node["_meta"] = {"title": title[:MAXIMUM_NAME]}
    return node


def _unwrapped(node_id: str, name: str, value: Any) -> object:
    """Return a value as ComfyUI takes it out of its wrapping, which it does once; only a list stays wrapped.

    Raises `GraphError` for what is wrapped again, and for a list that only ComfyUI would take for a link.
    """
    wrapped = isinstance(value, Mapping) and _WRAPPING in value
    inner = cast(Mapping[str, object], value)[_WRAPPING] if wrapped else cast(object, value)
    if _holds_wrapping(inner) or (_may_be_link(inner) and (wrapped or not is_link(inner))):
        raise GraphError(
            fault(
                "Node {id} has a value at {input} that is wrapped more than once, or a link in disguise: export the"
                " workflow from ComfyUI again.",
                at=node_id, id=node_id, input=name,
            )
        )  # fmt: skip
    return {_WRAPPING: cast(object, inner)} if wrapped and isinstance(inner, list) else inner


def _holds_wrapping(value: object) -> bool:
    level = [value]
    while level:
        each = level.pop()
        if isinstance(each, Mapping):
            if _WRAPPING in each:
                return True
            level.extend(cast(Mapping[str, object], each).values())
        elif isinstance(each, list):
            level.extend(cast(list[object], each))
    return False


def _may_be_link(value: object) -> bool:
    parts = cast(list[object], value) if isinstance(value, list) else []
    return len(parts) == 2 and isinstance(parts[0], str) and isinstance(parts[1], int | float)


def _is_plain(value: object) -> bool:
    """Tell whether a value is JSON of reasonable depth without NaN or infinity."""
    level: list[object] = [value]
    for _ in range(_MAXIMUM_DEPTH):
        if not level:
            return True
        below: list[object] = []
        for each in level:
            if isinstance(each, float) and not math.isfinite(each):
                return False
            if isinstance(each, Mapping):
                below.extend(cast(Mapping[str, object], each).values())
            elif isinstance(each, list):
                below.extend(cast(list[object], each))
        level = below
    return False


def is_link(value: object) -> TypeGuard[list[Any]]:
    """Tell whether an input's value is a link: node id and output slot."""
    if not isinstance(value, list | tuple):
        return False
    parts = cast(list[Any], value)
    return (
        len(parts) == 2
        and isinstance(parts[0], str | int)
        and isinstance(parts[1], int)
        and not isinstance(parts[0], bool)
        and not isinstance(parts[1], bool)
    )


def link_of(graph: AnyGraph, node_id: str, name: str) -> Link | None:
    """Return where an input comes from: an existing node and its slot, else `None`."""
    node = graph.get(node_id)
    value = node["inputs"].get(name) if node else None
    if is_link(value) and str(value[0]) in graph:
        return str(value[0]), int(value[1])
    return None


def links(graph: AnyGraph, node_id: str) -> Iterator[tuple[str, Link]]:
    """Yield every linked input of a node with where it comes from."""
    for name, value in graph[node_id]["inputs"].items():
        if is_link(value) and str(value[0]) in graph:
            yield name, (str(value[0]), int(value[1]))


def consumers(graph: AnyGraph) -> dict[str, list[tuple[str, str, int]]]:
    """Return for every node who reads from it: consumer, its input, the slot read."""
    found: dict[str, list[tuple[str, str, int]]] = {node_id: [] for node_id in graph}
    for node_id in graph:
        for name, (source, slot) in links(graph, node_id):
            found[source].append((node_id, name, slot))
    return found


def upstream(graph: AnyGraph, starts: Iterator[str] | list[str]) -> list[str]:
    """Return the nodes that feed these, themselves first, each once, nearest first."""
    order = list(dict.fromkeys(start for start in starts if start in graph))
    seen = set(order)
    for node_id in order:  # grows while it is walked
        for _, (source, _) in links(graph, node_id):
            if source not in seen:
                seen.add(source)
                order.append(source)
    return order


def free_id(graph: AnyGraph, wanted: str) -> str:
    """Return a node id that is not taken, like the one wanted."""
    number, candidate = 2, wanted
    while candidate in graph:
        candidate, number = f"{wanted}{number}", number + 1
    return candidate


def class_of(graph: AnyGraph, node_id: str) -> str:
    return str(graph[node_id]["class_type"])


def node_title(graph: AnyGraph, node_id: str) -> str:
    """Return what a node is called in the graph: its title, else its class, else its id."""
    node = graph.get(node_id)
    if node is None:
        return node_id
    title = node.get("_meta", {}).get("title")
    return str(title or node["class_type"])


def named(graph: AnyGraph, name: str) -> list[str]:
    """Return the ids of the nodes with this title, or else of this class; numbers name no node."""
    folded = name.casefold().strip()
    titled = [
        i for i in graph if str(graph[i].get("_meta", {}).get("title", "")).casefold().strip() == folded
    ]
    return titled or [i for i in graph if class_of(graph, i) == name]
