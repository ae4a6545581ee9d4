"""Reading of untrusted JSON: each function gives a value of the type asked for, or says plainly that there is none."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""An object without entries."""

MOST_PARTS = 3_000_000
"""Values that a document may have. The node classes of a server with all packs come to two million; the tens of millions
of empty lists that fit into 64 MB take half a minute and gigabytes."""
LONGEST_TEXT = 1_000_000
"""Characters of a text that are kept."""
MOST_ITEMS = 100_000
"""Members of a list of texts that are read."""
LONGEST_LINE = 300
"""Characters of a foreign sentence that are worth passing on."""

_DECODER = json.JSONDecoder()
_SIGNS_OF_PARTS = ",:[{"
_SPACE = re.compile(r"[ \t\n\r]++")
_PATHS = re.compile(r"(?:[A-Za-z]:\\|\\\\|(?<![\w/:.])~?/)(?:[^\s'\"\\/,;:)\]]+[\\/])+[^\s'\"\\/,;:)\]]*")


def decode(document: str | bytes) -> Any:
    """Decode JSON as ComfyUI writes it (with bare NaN and Infinity); raise ValueError for anything else.

    Other threads stand still meanwhile: what has more than `MOST_PARTS` values is refused before it is read.
    """
    refuse_too_many_parts(document)
    try:
        return json.loads(document)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def decode_members(document: bytes) -> dict[str, Any]:
    """Decode a large object member by member, so that other threads get their turn in between; raises as `decode`."""
    refuse_too_many_parts(document)
    try:
        return dict(_members(document.decode("utf-8-sig")))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except IndexError:
        raise ValueError("it ends in the middle") from None


def _members(text: str) -> Iterator[tuple[str, Any]]:
    at = _past_blanks(text, 0)
    if text[at] != "{":
        raise ValueError("no object")
    at = _past_blanks(text, at + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _past_blanks(text, at)
        if not isinstance(name, str) or text[at] != ":":
            raise ValueError("no name before a value")
        value, at = _DECODER.raw_decode(text, _past_blanks(text, at + 1))
        yield name, value
        at = _past_blanks(text, at)
        if text[at] == ",":
            at = _past_blanks(text, at + 1)
        elif text[at] != "}":
            raise ValueError("no comma between two members")
    if _past_blanks(text, at + 1) != len(text):
        raise ValueError("something stands behind the object")


def _past_blanks(text: str, at: int) -> int:
    blanks = _SPACE.match(text, at)
    return blanks.end() if blanks is not None else at


def refuse_too_many_parts(document: str | bytes, most: int = MOST_PARTS) -> None:
    """Raise ValueError where a document of JSON may have more values than that; takes time linear in its length."""
    left = most
    for sign in _SIGNS_OF_PARTS:
        left -= document.count(sign) if isinstance(document, str) else document.count(sign.encode())
        if left < 0:
            raise ValueError("more values than any server has")


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the object's entries; nothing when the value is no object."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else NOTHING


def items(value: Any) -> Sequence[Any]:
    """Return the list's members; nothing when the value is no list."""
    return cast("list[Any]", value) if isinstance(value, list) else ()


def text(value: Any) -> str | None:
    """Return the text in a form that can be stored and sent (no lone surrogates, no NUL); None when it is no text.

    Of a text that is longer than `LONGEST_TEXT` the beginning is returned.
    """
    if not isinstance(value, str):
        return None
    value = value[:LONGEST_TEXT]
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode("utf-8")
    return value.replace("\0", "")


def texts(value: Any) -> tuple[str, ...]:
    """Return the members of a list that are text, `MOST_ITEMS` of them at most."""
    return tuple(found for item in items(value)[:MOST_ITEMS] if (found := text(item)) is not None)


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
    lines = (text(value) or "")[: LONGEST_LINE * 40].strip().splitlines()
    line = _PATHS.sub("…", lines[0][: LONGEST_LINE * 4]) if lines else ""
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
