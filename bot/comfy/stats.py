"""Reading of what a server says about the machine it runs on."""

from typing import Any

from bot.comfy import raw
from bot.comfy.errors import ProtocolError
from bot.comfy.models import Device, SystemStats


def parse_system_stats(body: Any) -> SystemStats:
    """Read the answer of `GET /system_stats`; raise ProtocolError when it is none."""
    body = raw.mapping(body)
    if not isinstance(body.get("system"), dict):
        raise ProtocolError("the system is not told as ComfyUI tells it")
    system = raw.mapping(body["system"])
    return SystemStats(
        raw.sentence(system.get("comfyui_version")),
        raw.sentence(system.get("python_version")),
        raw.sentence(system.get("pytorch_version")),
        raw.sentence(system.get("os")),
        raw.whole(system.get("ram_total")) or 0,
        raw.whole(system.get("ram_free")) or 0,
        tuple(_device(entry) for entry in raw.items(body.get("devices")) if isinstance(entry, dict)),
    )


def _device(entry: Any) -> Device:
    entry = raw.mapping(entry)
    return Device(
        raw.sentence(entry.get("name")),
        raw.sentence(entry.get("type")),
        raw.whole(entry.get("vram_total")) or 0,
        raw.whole(entry.get("vram_free")) or 0,
    )
