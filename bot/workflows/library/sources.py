"""Reading workflow files: of a folder, one by one, or as the bytes that somebody attached."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import cast

from bot.workflows.convert import convert, is_document
from bot.workflows.graph.graph import MAXIMUM_BYTES, Graph, GraphError, check_graph, parse_json
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.embedded_graphs import MEDIA_ENDINGS, Embedded, find_embedded
from bot.workflows.library.manifest import MAXIMUM_MANIFEST_BYTES, ManifestFile, read_manifest
from bot.workflows.model.problem import WorkflowProblem, caution, fault, lack, remark

log = logging.getLogger(__name__)

MAXIMUM_WORKFLOWS = 500
REMOVED = "removed"
"""The folder inside the workflows' folder that keeps what was taken away or replaced."""
MAXIMUM_REMOVED = 20
"""How many of those are remembered for jobs that still wait."""
MAXIMUM_MEDIA_BYTES = 64_000_000
JSON = ".json"
ENDINGS = frozenset({JSON}) | MEDIA_ENDINGS


@dataclass(frozen=True, slots=True)
class Source:
    """One workflow's files as read, whole or with what is wrong with them."""

    name: str
    graph: Graph
    manifest: ManifestFile
    problems: tuple[WorkflowProblem, ...] = ()
    format: str = "api"
    """`api`, `ui`, or `image` for everything that ComfyUI writes its graph into."""
    document: object = None
    """What was saved in UI format, where only the classes of a server tell its graph."""


def read_sources(directory: Path) -> tuple[Source, ...]:
    """Read every workflow file of a folder, sorted by name; blocks. A missing folder is an empty one."""
    sources: dict[str, Source] = {}
    first: dict[str, str] = {}
    for file in list(_files(directory))[:MAXIMUM_WORKFLOWS]:
        key = file.stem.casefold()
        if key not in sources:
            sources[key], first[key] = read_source(file), file.name
            continue
        log.info("workflow file %s is left out: %s has the same name", file.name, first[key])
        known = sources[key]
        sources[key] = replace(known, problems=(*known.problems, _double(file, first[key])))
    return tuple(sorted(sources.values(), key=lambda each: each.name))


def _double(file: Path, first: str) -> WorkflowProblem:
    if file.suffix.lower() == JSON:
        return caution(
            "{file} is left out, because its name differs from this one's only in capitals.", file=file.name
        )
    return remark("{file} is left out, because {first} has the same name.", file=file.name, first=first)


def _files(directory: Path) -> Iterator[Path]:
    """Yield the files of a folder that may be workflows, those of JSON first: a picture may only illustrate one."""
    if directory.is_dir():
        found = [each for each in directory.iterdir() if each.suffix.lower() in ENDINGS]
        yield from sorted(found, key=lambda each: (each.suffix.lower() != JSON, each.name))


def read_removed(directory: Path) -> dict[str, Source]:
    """Read what was taken out of a folder last, the newest of each name, by names without capitals; blocks."""
    found: dict[str, Source] = {}
    try:
        places = sorted((directory / REMOVED).iterdir(), reverse=True)[:MAXIMUM_REMOVED]
    except OSError:
        return {}
    for place in places:
        for file in _files(place):
            if file.stem.casefold() not in found:
                found[file.stem.casefold()] = read_source(file)
    return found


def read_source(file: Path) -> Source:
    """Read one workflow and the manifest beside it; blocks, never raises for what is in the files."""
    manifest = ManifestFile()
    beside = file.with_suffix(".toml")
    try:
        if beside.is_file():
            manifest = read_manifest(_read(beside, MAXIMUM_MANIFEST_BYTES), beside.name)
        limit = MAXIMUM_BYTES if file.suffix.lower() == JSON else MAXIMUM_MEDIA_BYTES
        return read_bytes(file.name, _read(file, limit), manifest)
    except OSError as error:
        problem = fault(
            "{file} cannot be read: {reason}.", file=file.name, reason=error.strerror or "unknown"
        )
        kind = "image" if file.suffix.lower() in MEDIA_ENDINGS else "api"
        return Source(file.stem, {}, manifest, (problem,), kind)


def read_bytes(name: str, data: bytes, manifest: ManifestFile | None = None) -> Source:
    """Return the workflow in a file's bytes; never raises, what is wrong with it is among its problems.

    `name` is the file's name; the workflow is called so without the ending. What kind of file it is, its bytes say.
    """
    ending = PurePath(name).suffix.lower()
    name, manifest = PurePath(name).stem, manifest or ManifestFile()
    embedded = find_embedded(data)
    media = embedded is not None or ending in MEDIA_ENDINGS
    try:
        if len(data) > MAXIMUM_MEDIA_BYTES:
            raise GraphError(
                fault("The file is larger than {limit} MB.", limit=MAXIMUM_MEDIA_BYTES // 1_000_000)
            )
        if media:
            return _of_media(name, embedded or Embedded(), manifest)
        raw = parse_json(data)
        if is_document(drawn := _drawn(raw)):
            return Source(name, {}, manifest, format="ui", document=drawn)
        return Source(name, check_graph(raw), manifest)
    except GraphError as error:
        return Source(name, {}, manifest, (error.problem,), "image" if media else error.format)


def _drawn(raw: object) -> object:
    """Return the document in UI format that programs save under `workflow`, where nothing that was run is beside it."""
    both = cast("dict[str, object]", raw) if isinstance(raw, dict) else {}
    return both["workflow"] if "workflow" in both and "prompt" not in both else cast("object", raw)


def _of_media(name: str, embedded: Embedded, manifest: ManifestFile) -> Source:
    """Take what was run, where it is there and whole; else what was on the canvas."""
    if not embedded:
        raise GraphError(
            fault(
                "ComfyUI has written no workflow into this file, or something has taken it out since: use the file as"
                " ComfyUI saved it."
            )
        )
    try:
        return Source(name, check_graph(embedded.prompt), manifest, format="image")
    except GraphError:
        if not is_document(embedded.workflow):
            raise
        return Source(name, {}, manifest, format="image", document=embedded.workflow)


def graph_of(source: Source, info: ObjectInfo | None) -> tuple[Graph, tuple[WorkflowProblem, ...]]:
    """Return a source's graph, converted for a server where needed, and what is wrong with it; blocks, never raises."""
    if source.document is None:
        return source.graph, source.problems
    if info is None:
        waits = lack(
            "The file is as ComfyUI saves it, and turning it into a graph takes the server's list of node classes:"
            " it can be used once a server has answered."
        )
        return {}, (*source.problems, waits)
    try:
        made = convert(source.document, info)
        graph = check_graph(made.graph) if made.graph else {}
    except GraphError as error:
        return {}, (*source.problems, error.problem)
    return graph, (*source.problems, *made.problems)


def _read(file: Path, limit: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(limit + 1)
