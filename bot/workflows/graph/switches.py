"""Switches: nodes that pass one of their inputs on, and which one they are set to."""

import re
from collections.abc import Mapping
from typing import Any

from bot.workflows.graph.graph import AnyGraph, is_link

_BRANCHES = (
    ("on_true", "on_false"),
    ("if_true", "if_false"),
    ("true", "false"),
    ("true_value", "false_value"),
)
_KEYS = ("switch", "boolean", "condition", "select", "index", "input")
_NUMBERED = re.compile(r"(?P<stem>[a-z_]*?)_?0*(?P<number>\d{1,3})", re.IGNORECASE)
_FIRST_OF = re.compile(r"any_\d+")
_FURTHEST = 32


def is_branch(chosen: str, name: str) -> bool:
    """Tell whether an input of a switch is one of those it chose from."""
    if any(name in pair for pair in _BRANCHES):
        return True
    return _stem(chosen) is not None and _stem(chosen) == _stem(name)


def switch_branch(graph: AnyGraph, node_id: str) -> str | None:
    """Return the input a switch passes on as it is set, `None` for a node that is no switch."""
    inputs: Mapping[str, Any] = graph[node_id]["inputs"]
    for yes, no in _BRANCHES:
        if (yes in inputs or no in inputs) and (key := _key(inputs)) is not None:
            setting = _setting(graph, node_id, key)
            chosen = yes if setting is True or setting == 1 else no
            return chosen if chosen in inputs else None
    names = list(inputs)
    if names and all(_FIRST_OF.fullmatch(name) for name in names):
        return next((name for name in sorted(names) if is_link(inputs[name])), None)
    return _numbered(graph, node_id, inputs)


def _numbered(graph: AnyGraph, node_id: str, inputs: Mapping[str, Any]) -> str | None:
    """Return the branch of a switch that counts its inputs, such as `select` with `input1` and `input2`."""
    key = _key(inputs)
    if key is None:
        return None
    setting = _setting(graph, node_id, key)
    if isinstance(setting, bool) or not isinstance(setting, int):
        return None
    branches: dict[str, dict[int, str]] = {}
    for name, value in inputs.items():
        if name != key and is_link(value) and (found := _NUMBERED.fullmatch(name)) is not None:
            branches.setdefault(found["stem"], {})[int(found["number"])] = name
    alike = max(branches.values(), key=len, default=dict[int, str]())
    others = [name for name, value in inputs.items() if is_link(value) and name not in alike.values()]
    # A node that takes other links as well does more with its inputs than to choose one.
    return alike.get(setting) if not [name for name in others if name != key] else None


def _stem(name: str) -> str | None:
    found = _NUMBERED.fullmatch(name)
    return found["stem"] if found else None


def _key(inputs: Mapping[str, Any]) -> str | None:
    return next((name for name in inputs if name.lower() in _KEYS), None)


def _setting(graph: AnyGraph, node_id: str, key: str) -> object:
    """Return what a switch's key is set to: here, or in the primitive it is linked to."""
    for _ in range(_FURTHEST):
        value = graph[node_id]["inputs"].get(key)
        if not is_link(value):
            return value
        source = str(value[0])
        if source not in graph or len(graph[source]["inputs"]) != 1:
            return None
        node_id, key = source, next(iter(graph[source]["inputs"]))
    return None
