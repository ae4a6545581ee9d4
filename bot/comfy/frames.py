"""Decoding of WebSocket frames into events, once, at the edge."""

import struct
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from bot.comfy import raw
from bot.comfy.events import (
    Cached,
    Event,
    Failed,
    Finished,
    Interrupted,
    NodeOutput,
    NodeProgress,
    NodeStarted,
    Preview,
    Progress,
    ProgressText,
    ServerFlags,
    Started,
    Status,
    Step,
    Succeeded,
    Unknown,
)
from bot.comfy.history import parse_execution_error
from bot.comfy.outputs import parse_outputs

MOST_NODES = 10_000
"""Nodes of one report on progress that are read; twice as many as a graph may have."""

LONGEST_METADATA = 64 * 1024
"""Bytes of what is told about a preview."""

LONGEST_PROGRESS_TEXT = 10_000
"""Bytes of a node's report on its progress that are kept."""


def decode_text(frame: str) -> Event:
    """Return the event a text frame stands for; an unfamiliar or broken one is Unknown, never an error."""
    try:
        message = raw.mapping(raw.decode(frame))
    except ValueError:
        return Unknown("not JSON")
    kind = raw.text(message.get("type"))
    if kind is None:
        return Unknown("no type")
    data = raw.mapping(message.get("data"))
    if kind == "status":
        return _status(data) or Unknown(kind)
    if kind == "feature_flags":
        return ServerFlags(data.get("supports_progress_text_metadata") is True)
    prompt_id = raw.text(data.get("prompt_id"))
    read = _JOB_FRAMES.get(kind)
    return (read(prompt_id, data) if read and prompt_id else None) or Unknown(kind[:100])


def decode_binary(frame: bytes, *, text_metadata: bool = False) -> Event:
    """Return the event a binary frame stands for; never raises.

    Previews without metadata (type 1) are Unknown: a socket that asked for metadata gets its own previews as type 4,
    so any type 1 belongs to a stranger's job. `text_metadata` is what the server's feature flags say of type 3.
    """
    if len(frame) < 4:
        return Unknown("binary, short")
    kind = int.from_bytes(frame[:4], "big")
    match kind:
        case 3:
            return _progress_text(frame, text_metadata) or Unknown("binary 3")
        case 4:
            return _preview(frame) or Unknown("binary 4")
        case _:
            return Unknown(f"binary {kind}")


def _status(data: Mapping[str, Any]) -> Status | None:
    info = raw.mapping(raw.mapping(data.get("status")).get("exec_info"))
    remaining = raw.whole(info.get("queue_remaining"))
    return None if remaining is None else Status(max(0, remaining))


def _executing(prompt_id: str, data: Mapping[str, Any]) -> Event | None:
    if "node" in data and data["node"] is None:
        return Finished(prompt_id)
    node = raw.text(data.get("node"))
    return None if node is None else NodeStarted(prompt_id, node, raw.text(data.get("display_node")) or node)


def _progress(prompt_id: str, data: Mapping[str, Any]) -> Event | None:
    value, maximum, node = (
        raw.number(data.get("value")),
        raw.number(data.get("max")),
        raw.text(data.get("node")),
    )
    if value is None or maximum is None:
        return None
    return Step(prompt_id, node or "", value, maximum)


def _progress_state(prompt_id: str, data: Mapping[str, Any]) -> Event | None:
    nodes: dict[str, NodeProgress] = {}
    for node, told in islice(raw.mapping(data.get("nodes")).items(), MOST_NODES):
        entry = raw.mapping(told)
        value, maximum, state = (
            raw.number(entry.get("value")),
            raw.number(entry.get("max")),
            raw.text(entry.get("state")),
        )
        if value is not None and maximum is not None and state is not None:
            nodes[node] = NodeProgress(value, maximum, state, raw.text(entry.get("display_node_id")) or node)
    return Progress(prompt_id, nodes)


def _executed(prompt_id: str, data: Mapping[str, Any]) -> Event | None:
    node = raw.text(data.get("node"))
    return None if node is None else NodeOutput(prompt_id, node, parse_outputs({node: data.get("output")}))


_JOB_FRAMES: Mapping[str, Callable[[str, Mapping[str, Any]], Event | None]] = {
    "execution_start": lambda prompt_id, _: Started(prompt_id),
    "execution_cached": lambda prompt_id, data: Cached(prompt_id, raw.texts(data.get("nodes"))),
    "progress_state": _progress_state,
    "progress": _progress,
    "executing": _executing,
    "executed": _executed,
    "execution_success": lambda prompt_id, _: Succeeded(prompt_id),
    "execution_error": lambda prompt_id, data: Failed(prompt_id, parse_execution_error(data)),
    "execution_interrupted": lambda prompt_id, _: Interrupted(prompt_id),
}


def _take(frame: bytes, offset: int) -> tuple[bytes, int] | None:
    """Return the length-prefixed part at the offset, and where it ends; None when the frame is too short for it."""
    if len(frame) < offset + 4:
        return None
    (length,) = struct.unpack_from(">I", frame, offset)
    end = offset + 4 + length
    return (frame[offset + 4 : end], end) if end <= len(frame) else None


def _progress_text(frame: bytes, text_metadata: bool) -> ProgressText | None:
    prompt_id, offset = None, 4
    if text_metadata:
        if (part := _take(frame, offset)) is None:
            return None
        prompt_id, offset = part[0].decode("utf-8", "replace"), part[1]
    if (part := _take(frame, offset)) is None:
        return None
    text = frame[part[1] : part[1] + LONGEST_PROGRESS_TEXT].decode("utf-8", "replace").replace("\0", "")
    return ProgressText(prompt_id or None, part[0].decode("utf-8", "replace"), text)


def _preview(frame: bytes) -> Preview | None:
    if (part := _take(frame, 4)) is None or len(part[0]) > LONGEST_METADATA:
        return None
    try:
        meta = raw.mapping(raw.decode(part[0]))
    except ValueError:
        return None
    prompt_id, image = raw.text(meta.get("prompt_id")), frame[part[1] :]
    node = raw.text(meta.get("display_node_id")) or raw.text(meta.get("node_id")) or ""
    if not prompt_id or not image:
        return None
    match meta.get("image_type"):
        case "image/jpeg":
            return Preview(prompt_id, node, image, "jpeg")
        case "image/png":
            return Preview(prompt_id, node, image, "png")
        case _:
            return None
