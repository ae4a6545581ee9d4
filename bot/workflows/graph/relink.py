"""Taking nodes out of a graph so that what read from them reads what went into them."""

from bot.workflows.graph.graph import Graph, Link, consumers, link_of
from bot.workflows.graph.schema import ObjectInfo

_USUAL_SLOTS = {"model": 0, "clip": 1}


def remove_node(graph: Graph, node: str, info: ObjectInfo | None) -> bool:
    """Take a node out; readers of what it only passed on read its source, others lose an input they can do without.

    Says whether it is gone: a node that somebody cannot do without stays.
    """
    by_slot: dict[int, Link] = {}
    for name in graph[node]["inputs"]:
        slot, link = slot_of(graph, node, name, info), link_of(graph, node, name)
        if slot is not None and link is not None:
            by_slot[slot] = link
    for reader, name, slot in consumers(graph)[node]:
        if slot in by_slot:
            graph[reader]["inputs"][name] = list(by_slot[slot])
        elif _can_do_without(graph, reader, name, info):
            del graph[reader]["inputs"][name]
    if consumers(graph)[node]:
        return False
    del graph[node]
    return True


def slot_of(graph: Graph, node: str, name: str, info: ObjectInfo | None) -> int | None:
    """Return the output slot at which a node gives back what one of its inputs takes."""
    schema = info.node(graph[node]["class_type"]) if info is not None else None
    if schema is None:
        return _USUAL_SLOTS.get(name)
    known = schema.inputs.get(name)
    types = [kind for _, kind in schema.outputs]
    return types.index(known.type) if known is not None and known.type in types else None


def _can_do_without(graph: Graph, reader: str, name: str, info: ObjectInfo | None) -> bool:
    schema = info.node(graph[reader]["class_type"]) if info is not None else None
    known = schema.inputs.get(name) if schema is not None else None
    return known is not None and not known.required
