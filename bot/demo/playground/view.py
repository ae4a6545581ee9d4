"""Turns messages of the simulated Discord into what the page shows of them."""

from datetime import datetime
from typing import Any, cast

import simcord
from simcord.backend.models import Message

from bot.demo.playground.media import page_address
from bot.demo.playground.world import AwaitedInteraction, World

_LOADING = 1 << 7
_HISTORY = 80


def history(world: World, viewer_id: int, channel_id: int) -> list[dict[str, Any]]:
    """Return the newest messages the viewer can see in the channel, oldest first."""
    stored = world.backend.messages.get(channel_id, {})
    seen = [message for _, message in sorted(stored.items()) if message.visible_to(viewer_id)]
    return [message_view(world, message) for message in seen[-_HISTORY:]]


def visible_message(world: World, viewer_id: int, channel_id: int, message_id: int) -> dict[str, Any] | None:
    """Return one message, or None when it is gone or not for this viewer."""
    try:
        message = world.backend.get_message(channel_id, message_id)
    except simcord.BackendError:
        return None
    return message_view(world, message) if message.visible_to(viewer_id) else None


def message_view(world: World, message: Message) -> dict[str, Any]:
    """Return the message with addresses the page can load and sizes of its pictures."""
    author = world.backend.get_user(message.author_id)
    return {
        "id": str(message.id),
        "author": {"id": str(author.id), "name": author.global_name or author.name, "bot": author.bot},
        "time": _milliseconds(message.timestamp),
        "edited": message.edited_timestamp is not None and not author.bot,
        "ephemeral": message.is_ephemeral,
        "loading": bool(message.flags & _LOADING),
        "content": message.content,
        "components": _shown(world, message.components, message),
        "embeds": _shown(world, message.embeds, message),
        "attachments": _shown(world, message.attachments, message),
        "used": _used(world, message),
        "reply": _reply(world, message),
    }


def _shown(world: World, node: Any, message: Message) -> Any:
    if isinstance(node, list):
        return [_shown(world, item, message) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    fields = cast("dict[str, Any]", node)
    shown = {key: _shown(world, value, message) for key, value in fields.items()}
    url = fields.get("url")
    if isinstance(url, str):
        found = _attachment_address(url, message)
        shown["url"] = page_address(found)
        if (size := world.backend.cdn.sizes.get(found)) is not None:
            shown["width"], shown["height"] = size
    shown.pop("proxy_url", None)
    return shown


def _attachment_address(url: str, message: Message) -> str:
    name = url.removeprefix("attachment://")
    if name == url:
        return url
    return next((str(item["url"]) for item in message.attachments if item["filename"] == name), "")


def _used(world: World, message: Message) -> dict[str, Any] | None:
    metadata = message.interaction_metadata
    if metadata is None:
        return None
    record = world.backend.interactions.get(int(metadata["id"]))
    user: dict[str, Any] = metadata.get("user") or {}
    return {
        "user": {"id": str(user.get("id")), "name": user.get("global_name") or user.get("username")},
        "command": record.path if isinstance(record, AwaitedInteraction) else None,
        "slash": record.slash if isinstance(record, AwaitedInteraction) else True,
    }


def _reply(world: World, message: Message) -> dict[str, Any] | None:
    reference: dict[str, Any] = message.reference or {}
    stored = world.backend.messages.get(message.channel_id, {})
    target = stored.get(int(reference.get("message_id", 0)))
    if target is None:
        return None
    author = world.backend.get_user(target.author_id)
    return {"name": author.global_name or author.name, "text": target.content[:120]}


def _milliseconds(timestamp: str) -> int:
    return int(datetime.fromisoformat(timestamp).timestamp() * 1000)
