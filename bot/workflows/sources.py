"""Reading workflow files: of a folder, one by one, or as the bytes that somebody attached."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from bot.workflows.graph import MAXIMUM_BYTES, Graph, GraphError, read_graph
from bot.workflows.manifest import MAXIMUM_MANIFEST_BYTES, ManifestFile, read_manifest
from bot.workflows.problem import WorkflowProblem, caution, fault

log = logging.getLogger(__name__)

MAXIMUM_WORKFLOWS = 500
REMOVED = "removed"
"""The folder inside the workflows' folder that keeps what was taken away or replaced."""
MAXIMUM_REMOVED = 20
"""How many of those are remembered for jobs that still wait."""
ENDINGS = frozenset({".json"})


@dataclass(frozen=True, slots=True)
class Source:
    """One workflow's files as read, whole or with what is wrong with them."""

    name: str
    graph: Graph
    manifest: ManifestFile
    problems: tuple[WorkflowProblem, ...] = ()
    format: str = "api"


def read_sources(directory: Path) -> tuple[Source, ...]:
    """Read every workflow file of a folder, sorted by name; blocks. A missing folder is an empty one."""
    seen: dict[str, str] = {}
    sources: list[Source] = []
    for file in list(_files(directory))[:MAXIMUM_WORKFLOWS]:
        source = read_source(file)
        first = seen.setdefault(source.name.casefold(), file.name)
        if first == file.name:
            sources.append(source)
            continue
        log.warning("workflow file %s is left out: %s has the same name", file.name, first)
        double = caution(
            "{file} is left out, because its name differs from this one's only in capitals.", file=file.name
        )
        index = next(i for i, each in enumerate(sources) if each.name.casefold() == source.name.casefold())
        sources[index] = replace(sources[index], problems=(*sources[index].problems, double))
    return tuple(sources)


def _files(directory: Path) -> Iterator[Path]:
    if directory.is_dir():
        found = [each for each in directory.iterdir() if each.suffix.lower() in ENDINGS]
        yield from sorted(found, key=lambda each: each.name)


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
        return read_bytes(file.name, _read(file, MAXIMUM_BYTES), manifest)
    except OSError as error:
        problem = fault(
            "{file} cannot be read: {reason}.", file=file.name, reason=error.strerror or "unknown"
        )
        return Source(file.stem, {}, manifest, (problem,))


def read_bytes(name: str, data: bytes, manifest: ManifestFile | None = None) -> Source:
    """Return the workflow in a file's bytes; never raises, what is wrong with it is among its problems.

    `name` is the file's name; the workflow is called so without the ending.
    """
    name = PurePath(name).stem
    manifest = manifest or ManifestFile()
    try:
        return Source(name, read_graph(data), manifest)
    except GraphError as error:
        return Source(name, {}, manifest, (error.problem,), error.format)


def _read(file: Path, limit: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(limit + 1)
