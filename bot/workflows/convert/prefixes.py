"""Names of saved files with `%…%` in them, which ComfyUI's page fills in when it posts a graph."""

import re
from collections.abc import Mapping
from typing import Any

from bot.workflows.graph.graph import Graph, is_link

PREFIX = "filename_prefix"
SEARCHED = "Node name for S&R"
"""The property under which a node keeps the name that a prefix calls it by."""
_PLACE = re.compile(r"%([^%\n]{1,200})%")
_TOKEN = re.compile(r"yyyy|yy|MM|M|dd|d|hh|h|HH|H|mm|m|ss|s")
_UNFIT = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')
_DATE = "date:"
_PARTS = {"y": "year", "M": "month", "d": "day", "h": "hour", "H": "hour", "m": "minute", "s": "second"}
"""What the server calls the parts of a date; it fills them in for each run."""


def filled(prefix: str, named: Mapping[str, str], graph: Graph) -> str:
    """Return a prefix with dates as the server writes them, and values of other nodes as they are in the graph.

    `named` are the nodes by what a prefix may call them. What names nothing stays as it is.
    """

    def one(found: re.Match[str]) -> str:
        inside = found[1]
        if inside.startswith(_DATE):
            return _TOKEN.sub(lambda token: f"%{_PARTS[token[0][0]]}%", inside.removeprefix(_DATE))
        name, dot, widget = inside.partition(".")
        value = graph.get(named.get(name, ""), {}).get("inputs", {}).get(widget) if dot else None
        return _UNFIT.sub("_", _written(value)) if value is not None and not is_link(value) else found[0]

    return _PLACE.sub(one, prefix)


def _written(value: Any) -> str:
    """Write a value as the page does."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
