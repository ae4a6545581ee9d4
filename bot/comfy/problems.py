"""What ComfyUI found wrong with a submitted graph, one value per complaint."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.comfy import raw

MOST_PROBLEMS = 100
"""Complaints that are read; people are told of a few."""
MOST_ALLOWED = 5_000
"""Allowed values of one complaint that are kept."""
LONGEST_VALUE = 200
"""Characters of a refused value that are kept."""

_NODE_IN_DETAILS = re.compile(r"^Node ID '#(.+)'$")
_SILENT_DETAILS = frozenset({"exception_during_validation", "exception_during_inner_validation"})
"""Complaints whose details are a Python error's text and tell a person nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint about a graph.

    `node_id` is None when the complaint is about the graph as a whole; `type` is the server's own word for it
    ("value_not_in_list"); `reason` is the server's English sentence without paths or tracebacks.
    """

    node_id: str | None
    title: str
    class_type: str
    input: str | None
    type: str
    reason: str
    received: Any = None
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def parse_problems(body: Any, graph: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Read the answer to a refused (or half accepted) graph; never raises, whatever the body is.

    Complaints about nodes come alone when there are any; the general one is given only when it is all there is.
    """
    body = raw.mapping(body)
    found = tuple(islice(_of_nodes(body.get("node_errors"), graph), MOST_PROBLEMS))
    return found or tuple(_general(body.get("error"), graph))


def summary(body: Any) -> str:
    """Return the refusal's one sentence; empty when the body holds none."""
    error = raw.mapping(body).get("error")
    return raw.sentence(error if isinstance(error, str) else raw.mapping(error).get("message"))


def _of_nodes(node_errors: Any, graph: Mapping[str, Any]) -> Iterator[Problem]:
    for node_id, report in islice(raw.mapping(node_errors).items(), MOST_PROBLEMS):
        class_type = raw.text(raw.mapping(report).get("class_type")) or ""
        for error in raw.items(raw.mapping(report).get("errors"))[:MOST_PROBLEMS]:
            if isinstance(error, Mapping):
                yield _problem(raw.text(node_id) or "", class_type, raw.mapping(error), graph)


def _problem(node_id: str, class_type: str, error: Mapping[str, Any], graph: Mapping[str, Any]) -> Problem:
    extra = raw.mapping(error.get("extra_info"))
    kind = raw.text(error.get("type")) or ""
    choices, minimum, maximum = _limits(extra.get("input_config"))
    return Problem(
        node_id,
        node_title(graph, node_id) or class_type or node_id,
        class_type,
        raw.text(extra.get("input_name")),
        kind,
        _reason(kind, error),
        _short(extra.get("received_value")),
        choices,
        minimum,
        maximum,
    )


def _general(error: Any, graph: Mapping[str, Any]) -> Iterator[Problem]:
    if isinstance(error, str):
        yield Problem(None, "", "", None, "", raw.sentence(error))
    if not isinstance(error, Mapping):
        return
    error = raw.mapping(error)
    extra = raw.mapping(error.get("extra_info"))
    named = _NODE_IN_DETAILS.match(raw.text(error.get("details")) or "")
    node_id = raw.text(extra.get("node_id")) or (named.group(1) if named else None)
    node = raw.mapping(graph.get(node_id)) if node_id is not None else raw.NOTHING
    class_type = raw.text(extra.get("class_type")) or raw.text(node.get("class_type")) or ""
    title = raw.text(extra.get("node_title")) or (node_title(graph, node_id) if node_id else None)
    kind = raw.text(error.get("type")) or ""
    yield Problem(node_id, title or class_type, class_type, None, kind, _reason(kind, error))


def node_title(graph: Mapping[str, Any], node_id: str) -> str | None:
    """Return the title the graph's author gave the node; None when there is none."""
    meta = raw.mapping(raw.mapping(graph.get(node_id)).get("_meta"))
    return raw.text(meta.get("title")) or None


def _reason(kind: str, error: Mapping[str, Any]) -> str:
    message, details = raw.sentence(error.get("message")), raw.sentence(error.get("details"))
    if not details or kind in _SILENT_DETAILS or details in message:
        return message or kind
    return raw.sentence(f"{message}: {details}") if message else details


def _limits(config: Any) -> tuple[tuple[str, ...], float | None, float | None]:
    """Return the allowed values, the smallest and the largest, from either style of input declaration."""
    config = raw.items(config)
    kind = config[0] if config else None
    options = raw.mapping(config[1]) if len(config) > 1 else raw.NOTHING
    choices = raw.items(kind) or raw.items(options.get("options"))
    allowed = tuple(str(choice) for choice in choices[:MOST_ALLOWED] if isinstance(choice, str | int | float))
    return allowed, raw.number(options.get("min")), raw.number(options.get("max"))


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return (raw.text(value) or "")[:LONGEST_VALUE]
    return value if isinstance(value, bool | int | float) else None
