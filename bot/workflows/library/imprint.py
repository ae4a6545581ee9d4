"""What a picture says about how it was made: a graph of ComfyUI, or the text of a Stable Diffusion web UI."""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from bot.media.metadata.infotext import LONGEST, parse_infotext
from bot.media.metadata.pictures import jpeg_texts, png_texts, webp_texts
from bot.workflows.convert import convert
from bot.workflows.graph.graph import Graph, GraphError, check_graph
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.assemble import assemble
from bot.workflows.library.embedded_graphs import find_embedded
from bot.workflows.library.manifest import ManifestFile
from bot.workflows.model.values import Value

MOST_TEXTS = 100
"""Texts of a picture that are looked at; programs write one or two."""
MOST_CHARACTERS = 500_000
"""Characters of all of them together that are looked at."""


class Program(StrEnum):
    """What wrote it."""

    COMFYUI = "ComfyUI"
    WEBUI = "Stable Diffusion web UI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What was found, `values` by our names where we have one; `graph` as it would be sent to a server."""

    program: Program
    values: Mapping[str, Value]
    graph: Graph = field(default_factory=dict[str, dict[str, Any]])


def read_imprint(data: bytes, info: ObjectInfo | None) -> Imprint | None:
    """Return what the bytes of a picture tell; None where they tell nothing. Blocks, never raises."""
    embedded = find_embedded(data)
    if embedded:
        graph = _graph(embedded.prompt) or _converted(embedded.workflow, info)
        if graph:
            return Imprint(program=Program.COMFYUI, values=_values(graph, info), graph=graph)
    for text in _texts(data):
        if (found := parse_infotext(text)) is not None:
            words = {"prompt": found.prompt, "negative_prompt": found.negative_prompt}
            said = {name: value for name, value in words.items() if value}
            return Imprint(program=Program.WEBUI, values={**said, **found.settings})
    return None


def _graph(prompt: object) -> Graph:
    if not prompt:
        return {}
    try:
        return check_graph(prompt)
    except (GraphError, RecursionError):
        return {}


def _converted(workflow: object, info: ObjectInfo | None) -> Graph:
    if not workflow or info is None:
        return {}
    try:
        return convert(workflow, info).graph
    except (GraphError, RecursionError):
        return {}


def _values(graph: Graph, info: ObjectInfo | None) -> dict[str, Value]:
    parameters = assemble("picture", graph, ManifestFile(), info).parameters.values()
    values = {each.name: each.default for each in parameters}
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _texts(data: bytes) -> Iterator[str]:
    """Yield the texts of a picture, so many and so much of them as is worth looking at."""
    left = MOST_CHARACTERS
    for _, text in islice(_all_texts(data), MOST_TEXTS):
        yield text[:left]
        left -= min(len(text), LONGEST)
        if left <= 0:
            return


def _all_texts(data: bytes) -> Iterator[tuple[str, str]]:
    readers = {b"\x89PNG": png_texts, b"RIFF": webp_texts, b"\xff\xd8\xff": jpeg_texts}
    reader = next((reader for start, reader in readers.items() if data.startswith(start)), None)
    if reader is None:
        return
    try:
        yield from reader(data)
    except (struct.error, IndexError, ValueError, OverflowError, zlib.error):
        return  # it ends or lies in the middle: what was found before is good
