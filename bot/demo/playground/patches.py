"""What SimCord fixes and a playground must vary: languages, the operator, age-restricted channels, presence.

Each function is replaced while a `patched` block runs and put back afterwards. Discord's own rules are the measure:
an interaction carries the person's `locale` and the server's, uploads up to 10 MiB are accepted without a boost.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import discord
import simcord.backend.serializers as serializers
import simcord.interactions as wire
from discord.webhook.async_ import AsyncWebhookAdapter
from simcord.backend.cdn import CDN_BASE
from simcord.enums import AppCommandType
from simcord.gateway import FakeWebSocket
from simcord.http import FakeHTTPClient

LOCALE: ContextVar[str] = ContextVar("playground_locale", default="en-US")
"""The language of whoever is acting in this context."""

_SUBCOMMANDS = (1, 2)
UPLOAD_LIMIT = 10 * 1024 * 1024
"""Bytes one file may have, as in a Discord server without boosts."""


@contextmanager
def patched(
    nsfw: frozenset[int], owner: Any, webhooks: Callable[[], Any], presence: Callable[[str], None]
) -> Generator[None]:
    """Give interactions the chosen locale, mark age-restricted channels, name the owner, report the presence.

    Interaction tokens lead to `webhooks` (the simulated ones) from every task, also from those that were made
    before the simulated Discord was there: nothing may reach for the real one.
    """
    base_payload: Any = wire.base_payload
    channel_payload: Any = serializers.channel_payload
    change_presence: Any = FakeWebSocket.change_presence
    application_info: Any = FakeHTTPClient.application_info
    adapter: Any = AsyncWebhookAdapter
    webhook_request = adapter.request
    assets: Any = discord.Asset
    files = assets.BASE

    def localised(*args: Any, **kwargs: Any) -> Any:
        record, payload = base_payload(*args, **kwargs)
        record.path = _path(payload["data"])
        record.slash = payload["data"].get("type") == AppCommandType.CHAT_INPUT
        payload["locale"] = LOCALE.get()
        payload["attachment_size_limit"] = UPLOAD_LIMIT
        if "guild_locale" in payload:
            payload["guild_locale"] = LOCALE.get()
        return record, payload

    def restricted(backend: Any, channel: Any) -> Any:
        payload = channel_payload(backend, channel)
        payload["nsfw"] = channel.id in nsfw
        return payload

    async def present(self: Any, *, activity: Any = None, **options: Any) -> None:
        await change_presence(self, activity=activity, **options)
        presence(_words(activity))

    async def owned(self: Any) -> Any:
        return {**await application_info(self), "owner": owner}

    async def stay_here(_self: Any, *args: Any, **options: Any) -> Any:
        return await webhooks().request(*args, **options)

    wire.base_payload = localised
    serializers.channel_payload = restricted
    FakeWebSocket.change_presence = present
    FakeHTTPClient.application_info = owned
    adapter.request = stay_here
    assets.BASE = CDN_BASE
    try:
        yield
    finally:
        wire.base_payload = base_payload
        serializers.channel_payload = channel_payload
        FakeWebSocket.change_presence = change_presence
        adapter.request = webhook_request
        assets.BASE = files
        del FakeHTTPClient.application_info


def _path(data: dict[str, Any]) -> str | None:
    words: list[str] = []
    node: dict[str, Any] | None = data
    while node is not None and node.get("name"):
        words.append(node["name"])
        inner: list[dict[str, Any]] = node.get("options") or []
        node = next((item for item in inner if item["type"] in _SUBCOMMANDS), None)
    return " ".join(words) or None


def _words(activity: Any) -> str:
    return str(getattr(activity, "state", None) or getattr(activity, "name", None) or "")
