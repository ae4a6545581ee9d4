"""The graphs that ComfyUI has written into a picture, carried over into a smaller version of it."""

import json
import re
import struct
from collections.abc import Iterator
from typing import Any

from PIL import Image

MOST = 60_000
"""Bytes of EXIF that every format can hold."""
SHARE = 8
"""What is said about a picture takes at most one part in so many of it."""
_PLACES = {"prompt": 0x0110, "workflow": 0x010F}
"""Where ComfyUI puts them where it writes EXIF itself."""


_DAMAGE = (OSError, ValueError, SyntaxError, LookupError, TypeError, struct.error)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def carried(image: Any, limit: int) -> dict[str, Any]:
    """Return the options for saving with the graphs that fit, the one that was run first; empty where there are none."""
    try:
        found = dict(_graphs(image))
    except _DAMAGE:
        return {}  # the pixels may be whole all the same
    exif = Image.Exif()
    options: dict[str, Any] = {}
    for name, place in _PLACES.items():
        if name in found:
            exif[place] = f"{name}:{_BEYOND_ASCII.sub(_escaped, found[name])}"
            written = exif.tobytes()
            if len(written) > min(MOST, limit // SHARE):
                break
            options["exif"] = written
    return options


def _graphs(image: Any) -> Iterator[tuple[str, str]]:
    for place in image.getexif().values():
        name, colon, text = str(place).partition(":")
        if colon and name in _PLACES:
            yield name, text
    for name in _PLACES:
        # Its own chunk of a PNG.
        if isinstance(text := image.info.get(name), str):
            yield name, text


def _escaped(letter: re.Match[str]) -> str:
    return json.dumps(letter[0])[1:-1]
