"""What a node is to the converter: one that the server runs, or one that exists only in the browser."""

import re
from collections.abc import Iterator
from enum import StrEnum

from bot.workflows.convert.classes import Classes
from bot.workflows.convert.document import Document, Node, sequence

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONGEST_TYPE = 200


class Kind(StrEnum):
    """What becomes of a node."""

    NODE = "node"
    SUBGRAPH = "subgraph"
    NOTE = "note"
    PRIMITIVE = "primitive"
    REROUTE = "reroute"
    SETTER = "setter"
    GETTER = "getter"
    UNKNOWN = "unknown"


_OWN = {
    "Note": Kind.NOTE,
    "MarkdownNote": Kind.NOTE,
    "PrimitiveNode": Kind.PRIMITIVE,
    "Reroute": Kind.REROUTE,
}
"""The node types that ComfyUI's own frontend adds; no server lists them."""


def kind_of(node: Node, document: Document, classes: Classes) -> Kind:
    """Return what a node is; packs' own virtual nodes are told by their shape and the words in their type."""
    if node.type in document.definitions:
        return Kind.SUBGRAPH
    if node.type in _OWN:
        return _OWN[node.type]
    if classes.get(node.type) is not None:
        return Kind.NODE
    words = [each.lower() for each in _WORD.findall(node.type[:_LONGEST_TYPE])]
    if variable(node) is not None and node.inputs and _follow(words, "set", "node"):
        return Kind.SETTER
    if variable(node) is not None and node.outputs and _follow(words, "get", "node"):
        return Kind.GETTER
    if "reroute" in words and len(node.inputs) == len(node.outputs) == 1:
        return Kind.REROUTE
    return Kind.UNKNOWN


def _follow(words: list[str], *wanted: str) -> bool:
    return any(tuple(words[i : i + len(wanted)]) == wanted for i in range(len(words)))


def variable(node: Node) -> str | None:
    """Return the name under which a node of a Set/Get pair keeps or takes what flows through it."""
    first = next(iter(sequence(node.values)), None)
    return first if isinstance(first, str) and first else None


def group_nodes(document: Document) -> Iterator[Node]:
    """Yield the active group nodes of the old kind, which newer frontends no longer have."""
    for sheet in (document.sheet, *(each.sheet for each in document.definitions.values())):
        for node in sheet.nodes.values():
            if node.active and node.type.startswith(("workflow>", "workflow/")):
                yield node


def broadcasters(document: Document, classes: Classes) -> Iterator[Node]:
    """Yield the active nodes that hand on to others in the browser, without a link that the file would tell."""
    for sheet in (document.sheet, *(each.sheet for each in document.definitions.values())):
        for node in sheet.nodes.values():
            if node.active and _broadcasts(node, kind_of(node, document, classes), classes):
                yield node


def _broadcasts(node: Node, kind: Kind, classes: Classes) -> bool:
    if node.properties.get("ue_convert") is True:
        return True
    taken = any(each.link is not None for each in node.inputs)
    named = "everywhere" in node.type.lower()
    known = classes.get(node.type)
    if known is not None:
        to_anything = taken and known.broadcasts and any(each.type == "*" for each in known.fields)
        return not known.core and (named or to_anything)
    return kind is Kind.UNKNOWN and named
