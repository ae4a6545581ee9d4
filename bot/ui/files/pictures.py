"""The pictures in somebody's message: found wherever Discord shows some, and downloaded from Discord alone."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import discord

from bot.errors import UserError
from bot.reception import ShownPicture
from bot.ui.files.attachments import MAX_BYTES, too_large

HOSTS = frozenset(
    {
        "cdn.discordapp.com",
        "media.discordapp.net",
        "images-ext-1.discordapp.net",
        "images-ext-2.discordapp.net",
    }
)
"""Where Discord keeps what is attached, and what it has fetched of other sites; nothing else is ever asked."""
ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
MOST = 10
"""Pictures of one message that can be chosen from."""
CHUNK = 1024 * 1024
"""Bytes written to disk at a time."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of a message: attached to it, or shown by it from one of Discord's addresses."""

    name: str
    address: str
    attachment: discord.Attachment | None = None


def pictures_in(message: discord.Message) -> tuple[Shown, ...]:
    """Return the pictures of a message, forwarded ones included, each once; no other site's address is among them."""
    found: dict[str, Shown] = {}
    for shown in _all(message):
        found.setdefault(urlsplit(shown.address).path, shown)
    return tuple(found.values())[:MOST]


async def save_shown(shown: ShownPicture, path: Path, *, proxy: str | None = None) -> None:
    """Write a picture that is shown from one of Discord's addresses to disk, piece by piece.

    Raises `UserError` for what is too large or lies elsewhere, and one of `DISCORD_ERRORS` for what cannot be had.
    """
    if not is_discords(shown.address):
        raise UserError("There is no picture in this message that I can use.")
    size, waiting = 0, bytearray()
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        session.get(shown.address, allow_redirects=False, proxy=proxy) as answer,
    ):
        if (answer.content_length or 0) > MAX_BYTES:
            raise too_large(shown.name)
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            if size > MAX_BYTES:
                raise too_large(shown.name)
            waiting += chunk
            if len(waiting) >= CHUNK:
                await asyncio.to_thread(_append, path, bytes(waiting))
                waiting.clear()
    await asyncio.to_thread(_append, path, bytes(waiting))


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def _all(message: discord.Message) -> Iterator[Shown]:
    yield from _attached(message.attachments)
    yield from _embedded(message.embeds)
    yield from _in_components(message.components)
    for forwarded in message.message_snapshots:
        yield from _attached(forwarded.attachments)
        yield from _embedded(forwarded.embeds)
        yield from _in_components(forwarded.components)


def _attached(attachments: Iterable[discord.Attachment]) -> Iterator[Shown]:
    for attachment in attachments:
        kind = attachment.content_type or ""
        if kind.startswith("image/") or (not kind and _is_picture(attachment.filename)):
            yield Shown(attachment.filename, attachment.url, attachment)


def _embedded(embeds: Iterable[discord.Embed]) -> Iterator[Shown]:
    for embed in embeds:
        for media in (embed.image, embed.thumbnail):
            # The proxy is Discord's own copy of what lies elsewhere.
            yield from _at(media.url, media.proxy_url)


def _in_components(components: Sequence[Any]) -> Iterator[Shown]:
    for component in components:
        match component:
            case discord.MediaGalleryComponent():
                media = [item.media for item in component.items]
            case discord.ThumbnailComponent():
                media = [component.media]
            case _:
                media = []
        for each in media:
            if not each.content_type or each.content_type.startswith("image/"):
                yield from _at(each.url, each.proxy_url)
        yield from _in_components(getattr(component, "children", ()))
        accessory = getattr(component, "accessory", None)
        yield from _in_components([accessory] if accessory is not None else [])


def _at(*addresses: str | None) -> Iterator[Shown]:
    for address in addresses:
        if address and is_discords(address):
            name = unquote(PurePosixPath(urlsplit(address).path).name) or "image"
            yield Shown(name, address)
            return


def is_discords(address: str) -> bool:
    """Whether an address is one of Discord's own, over HTTPS, and nothing that only looks like it.

    Where discord.py itself looks for Discord's files counts too: a simulated Discord has them elsewhere.
    """
    try:
        parts, own = urlsplit(address), urlsplit(discord.Asset.BASE)
        port = parts.port
    except ValueError:
        return False
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    return (
        parts.scheme == "https"
        and parts.hostname in HOSTS
        and port in {None, 443}
        and not (parts.username or parts.password)
    )


def _is_picture(name: str) -> bool:
    return PurePosixPath(name.lower()).suffix in ENDINGS
