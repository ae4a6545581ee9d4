"""Sessions recorded from a real ComfyUI, where they lie beside the repository."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "comfyui-traces"


def folder() -> Path:
    """Return where the recordings are; skip the test where they are not."""
    if not FOLDER.is_dir():
        pytest.skip("the recorded sessions are not beside the repository")
    return FOLDER


def lines(pattern: str = "*.jsonl") -> Iterator[dict[str, Any]]:
    """Give every recorded line."""
    for file in sorted(folder().glob(pattern)):
        with file.open(encoding="utf-8") as recorded:
            yield from map(json.loads, recorded)


def exchanges(pattern: str, path: str) -> Iterator[tuple[Any, int, str]]:
    """Give request, status and answer of every recorded request to a path."""
    for line in lines(pattern):
        if line["kind"] == "http" and str(line.get("path")).startswith(path):
            answer = line.get("resp")
            yield line.get("req"), line["status"], answer if isinstance(answer, str) else json.dumps(answer)
