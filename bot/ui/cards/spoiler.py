"""Making the files of a message a spoiler, or none any more, without touching anything else of it."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import discord

from bot.i18n import LANGUAGES, Language
from bot.ui.cards.buttons import LABELS, UNVEIL, Action


def veiled(message: discord.Message, *, spoiler: bool, lang: Language) -> discord.ui.LayoutView:
    """Return the message's layout with its files veiled or shown; its attachments are to be kept as they are.

    The button goes on in the language the message was written in; `lang` is for one that nobody can tell it of.
    Discord gives the address of what is attached back as one of its own; said like that again, it would be taken for
    something from elsewhere, so every attachment is named as what it is.
    """
    names = {attachment.filename for attachment in message.attachments}
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    for item in view.walk_children():
        match item:
            case discord.ui.MediaGallery():
                item.items = [_gallery_item(each, names, spoiler=spoiler) for each in item.items]
            case discord.ui.File():
                item.media = _attached(item.media.url, names)
                item.spoiler = spoiler
            case discord.ui.Button() if (item.custom_id or "").startswith(f"job:{Action.SPOILER}:"):
                said = _said_in(item.label, lang)
                item.label = said.t(UNVEIL if spoiler else LABELS[Action.SPOILER])
            case _:
                pass
    view.stop()
    return view


def _said_in(label: str | None, otherwise: Language) -> Language:
    """Return the language the spoiler button's label is in."""
    for each in (otherwise, *LANGUAGES.values()):
        if label in {each.t(UNVEIL), each.t(LABELS[Action.SPOILER])}:
            return each
    return otherwise


def _gallery_item(
    item: discord.MediaGalleryItem, names: set[str], *, spoiler: bool
) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(
        _attached(item.media.url, names), description=item.description, spoiler=spoiler
    )


def _attached(address: str, names: set[str]) -> str:
    name = unquote(PurePosixPath(urlsplit(address).path).name)
    return f"attachment://{name}" if name in names else address


def named(components: Sequence[Any], prefix: str) -> Iterable[str]:
    """Yield the custom ids in a message's components that begin so."""
    for component in components:
        custom_id = str(getattr(component, "custom_id", "") or "")
        if custom_id.startswith(prefix):
            yield custom_id
        yield from named(getattr(component, "children", ()), prefix)
