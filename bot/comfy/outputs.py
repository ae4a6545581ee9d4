"""What the nodes of a finished (or running) graph gave: files and texts, whatever shape their node reports them in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from bot.comfy import raw

LONGEST_TEXT = 1_000_000
"""Characters of all texts of a run together that are kept."""

MOST_ITEMS = 5_000
"""Things of all nodes together that are read; a job is given far fewer files."""

LONGEST_NAME = 1024
"""Characters a file's name or folder may have."""


class OutputKind(StrEnum):
    """What a person would call an output."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    THREE_D = "3d"
    TEXT = "text"


_EXTENSIONS = {
    **dict.fromkeys(
        ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif", "apng", "heic", "svg"), "image"
    ),
    **dict.fromkeys(("mp4", "webm", "mkv", "mov", "avi", "m4v", "mpg", "mpeg", "ogv"), "video"),
    **dict.fromkeys(("flac", "mp3", "opus", "ogg", "wav", "m4a", "aac"), "audio"),
    **dict.fromkeys(("glb", "gltf", "obj", "fbx", "stl", "ply", "usdz", "splat", "ksplat", "spz"), "3d"),
    **dict.fromkeys(("txt", "md", "json", "srt", "csv"), "text"),
}
_RANK = {"output": 0, "temp": 1, "input": 2}
_ROOT = re.compile(r"^(.*) \[(output|temp|input)\]$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file on the server: its name, its folder below the root, and which root ("output", "temp" or "input").

    Any other root says that the server has it not, such as a picture that was sent over the socket only.
    """

    filename: str
    subfolder: str = ""
    type: str = "output"

    @property
    def on_server(self) -> bool:
        """Whether it can be asked of the server at all."""
        return self.type in _RANK

    @property
    def load_value(self) -> str:
        """Return what a LoadImage node takes to load this file."""
        name = f"{self.subfolder}/{self.filename}" if self.subfolder else self.filename
        return name if self.type == "input" else f"{name} [{self.type}]"

    @property
    def extension(self) -> str:
        """Return the file's extension in lower case without the dot; empty when there is none."""
        return PurePosixPath(self.filename).suffix[1:].lower()


@dataclass(frozen=True, slots=True)
class Output:
    """One thing a node gave: a file, or a text."""

    node: str
    kind: OutputKind
    file: FileRef | None
    text: str | None = None
    animated: bool = False


def parse_outputs(outputs: Any) -> tuple[Output, ...]:
    """Read `{node: {key: [...]}}`; never raises.

    The kind follows the file's extension, not the key (videos come under "images"). A file named twice counts once.
    Files of the output folder make previews in the temp folder (and inputs shown again) superfluous.
    """
    found: dict[tuple[str, ...], Output] = {}
    left = LONGEST_TEXT
    for node, key, item, moving in islice(_items(outputs), MOST_ITEMS):
        output = _output(node, key, item, left, moving=moving)
        if output is not None:
            file = output.file
            left -= len(output.text or "")
            same = (
                ("text", node, output.text or "")
                if file is None
                else (file.type, file.subfolder, file.filename)
            )
            found.setdefault(same, output)
    best = min((_RANK[output.file.type] for output in found.values() if output.file), default=0)
    return tuple(o for o in found.values() if o.file is None or _RANK[o.file.type] == best)


def file_ref(item: Any) -> FileRef | None:
    """Read `{filename, subfolder, type}`; None when it names no file."""
    entry = raw.mapping(item)
    name = raw.text(entry.get("filename"))
    subfolder = raw.text(entry.get("subfolder")) or ""
    root = raw.text(entry.get("type")) or "output"
    if not name or root not in _RANK or max(len(name), len(subfolder)) > LONGEST_NAME:
        return None
    return FileRef(name, subfolder, root)


def _items(outputs: Any) -> Iterator[tuple[str, str, Any, bool]]:
    """Yield whatever nodes gave, each with its node, its key, and whether the node says that it moves."""
    for name, told in islice(raw.mapping(outputs).items(), MOST_ITEMS):
        node, ui = raw.text(name) or "", raw.mapping(told)
        animated = ui.get("animated")
        moving = animated is True or any(flag is True for flag in raw.items(animated)[:MOST_ITEMS])
        for key, value in ui.items():
            several = (value,) if key == "text" and isinstance(value, str) else raw.items(value)
            for item in several or (None,):  # a node that gave nothing counts too, or many of them cost time
                yield node, key, item, moving


def _output(node: str, key: str, item: Any, room: int, *, moving: bool) -> Output | None:
    if key == "text":
        text = raw.text(item)
        return None if text is None or room <= 0 else Output(node, OutputKind.TEXT, None, text[:room])
    ref = _result(item) if key == "result" else file_ref(item)
    kind = _kind(ref, key) if ref else None
    if kind is None:
        return None
    return Output(node, kind, ref, animated=kind is OutputKind.VIDEO or moving or key == "gifs")


def _result(item: Any) -> FileRef | None:
    """Read the path Preview3D gives: `3d/x.glb`, at times with its root in brackets."""
    path = raw.text(item)
    if path is None:
        return file_ref(item)
    rooted = _ROOT.match(path)
    path, root = (rooted.group(1), rooted.group(2)) if rooted else (path, "output")
    folder, _, name = path.replace("\\", "/").rpartition("/")
    if folder.startswith("/") or ":" in folder or ".." in path:
        return None
    ref = file_ref({"filename": name, "subfolder": folder, "type": root})
    return ref if ref and _EXTENSIONS.get(ref.extension) == "3d" else None


def _kind(ref: FileRef, key: str) -> OutputKind | None:
    if known := _EXTENSIONS.get(ref.extension):
        return OutputKind(known)
    return {
        "images": OutputKind.IMAGE,
        "gifs": OutputKind.VIDEO,
        "video": OutputKind.VIDEO,
        "videos": OutputKind.VIDEO,
        "audio": OutputKind.AUDIO,
        "3d": OutputKind.THREE_D,
    }.get(key)
