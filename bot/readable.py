"""Texts from outside without what databases, JSON and servers choke on."""

import re
from typing import Any, cast

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def readable(text: str) -> str:
    """Return the text without control characters and half characters."""
    return _UNREADABLE.sub("", text)


def readable_data(data: Any) -> Any:
    """Return a copy of decoded JSON in which every text is `readable`; names of fields stay as they are."""
    if isinstance(data, str):
        return readable(data)
    if isinstance(data, list):
        return [readable_data(each) for each in cast("list[Any]", data)]
    if isinstance(data, dict):
        return {name: readable_data(each) for name, each in cast("dict[str, Any]", data).items()}
    return data
