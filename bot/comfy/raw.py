"""Reading of untrusted JSON: each function gives a value of the type asked for, or says plainly that there is none."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""An object without entries."""

LONGEST_LINE = 300
"""Characters of a foreign sentence that are worth passing on."""

_PATHS = re.compile(r"(?:[A-Za-z]:\\|\\\\|(?<![\w/:.])~?/)(?:[^\s'\"\\/,;:)\]]+[\\/])+[^\s'\"\\/,;:)\]]*")


def decode(text: str | bytes) -> Any:
    """Decode JSON as ComfyUI writes it (with bare NaN and Infinity); raise ValueError for anything else."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the object's entries; nothing when the value is no object."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else NOTHING


def items(value: Any) -> Sequence[Any]:
    """Return the list's members; nothing when the value is no list."""
    return cast("list[Any]", value) if isinstance(value, list) else ()


def text(value: Any) -> str | None:
    """Return the text in a form that can be stored and sent (no lone surrogates, no NUL); None when it is no text."""
    if not isinstance(value, str):
        return None
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode("utf-8")
    return value.replace("\0", "")


def texts(value: Any) -> tuple[str, ...]:
    """Return the members of a list that are text."""
    return tuple(found for item in items(value) if (found := text(item)) is not None)


def number(value: Any) -> float | None:
    """Return the number, infinities included; None for anything else, for truth values and for NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        result = float(value)
    except OverflowError:
        return None
    return None if math.isnan(result) else result


def whole(value: Any) -> int | None:
    """Return the number as an integer; None when it is none or is not finite."""
    found = number(value)
    return None if found is None or math.isinf(found) else int(found)


def seconds(value: Any) -> float | None:
    """Return a time given in milliseconds since the epoch as seconds; None when it is no finite number."""
    found = number(value)
    return None if found is None or math.isinf(found) else found / 1000


def sentence(value: Any) -> str:
    """Return the first line of a foreign text, short and without file system paths."""
    lines = (text(value) or "").strip().splitlines()
    line = _PATHS.sub("…", lines[0][: LONGEST_LINE * 4]) if lines else ""
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
