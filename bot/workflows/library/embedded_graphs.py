"""Finding the graphs in a file by its first bytes, whatever it is called."""

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias, cast

from bot.comfy.raw import refuse_too_many_parts
from bot.media.metadata.films import matroska_texts, mp4_texts
from bot.media.metadata.pictures import jpeg_texts, png_texts, webp_texts
from bot.media.metadata.sounds import flac_texts, mp3_texts, ogg_texts
from bot.workflows.graph.graph import MAXIMUM_PARTS

MEDIA_ENDINGS = frozenset({
    ".png", ".apng", ".webp", ".jpg", ".jpeg",
    ".mp4", ".m4v", ".m4a", ".mov", ".webm", ".mkv",
    ".flac", ".mp3", ".ogg", ".opus",
})  # fmt: skip
MAXIMUM_TEXT = 5_000_000
"""Characters of one text that are looked at; a graph is far smaller."""
MAXIMUM_TEXTS = 1_000
MAXIMUM_CHARACTERS = 20_000_000
"""Characters of all texts of a file together that are looked at."""

Texts: TypeAlias = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The two graphs ComfyUI writes, decoded from JSON but not checked; `None` where there is none."""

    prompt: object = None
    """What was run, in API format."""
    workflow: object = None
    """What was on the canvas, in UI format."""

    def __bool__(self) -> bool:
        return self.prompt is not None or self.workflow is not None


def find_embedded(data: bytes) -> Embedded | None:
    """Return the graphs in a file; `None` where its kind is none that ComfyUI writes graphs into.

    A damaged file has what stands before the damage. Never raises, and looks at no more than `MAXIMUM_CHARACTERS`.
    """
    reader = _reader(data)
    if reader is None:
        return None
    found: dict[str, object] = {}
    try:
        left = MAXIMUM_CHARACTERS
        for key, text in islice(reader(data), MAXIMUM_TEXTS):
            left -= len(text)
            if left < 0:
                break
            for name, value in _graphs(key.strip().lower(), text):
                found.setdefault(name, value)
    except (struct.error, IndexError, ValueError, OverflowError, zlib.error):
        pass  # the file ends or lies in the middle: what was found before is good
    return Embedded(found.get("prompt"), found.get("workflow"))


def _reader(data: bytes) -> Callable[[bytes], Texts] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return png_texts
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return webp_texts
    if data[4:8] in {b"ftyp", b"moov", b"wide"}:
        return mp4_texts
    starts = (
        (b"\xff\xd8\xff", jpeg_texts),
        (b"\x1a\x45\xdf\xa3", matroska_texts),
        (b"fLaC", flac_texts),
        (b"OggS", ogg_texts),
        (b"ID3", mp3_texts),
    )
    return next((reader for start, reader in starts if data.startswith(start)), None)


def _graphs(key: str, text: str) -> Iterator[tuple[str, object]]:
    """Yield the graphs in one text: under its own key, or as an object of both in a comment, as packs write it."""
    if key in {"prompt", "workflow"}:
        value = _decoded(text)
        if value is not None:
            yield key, value
    elif text.lstrip().startswith("{"):
        both = _decoded(text)
        for name in ("prompt", "workflow") if both is not None else ():
            inner: object = both.get(name) if both else None
            value = _decoded(inner) if isinstance(inner, str) else inner
            if isinstance(value, Mapping):
                yield name, cast("Mapping[str, Any]", value)


def _decoded(text: str) -> Mapping[str, Any] | None:
    if len(text) > MAXIMUM_TEXT:
        return None
    try:
        refuse_too_many_parts(text, MAXIMUM_PARTS)
        value: object = json.loads(text.rstrip("\x00"))
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None
