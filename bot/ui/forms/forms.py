"""Forms (modals) of which nothing is kept in memory: one that was opened before a restart can be sent after it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import discord

from bot.client import ComfyBot
from bot.ui.interactions.components import pressed
from bot.ui.interactions.replies import shorten

Interaction = discord.Interaction[ComfyBot]
TITLE, LABEL = 45, 45
KEY = 60
"""How many characters of a workflow's name stand in the id of a form about it; an id takes 100."""


def form(title: str, custom_id: str) -> discord.ui.Modal:
    """Return an empty form; its id has to say all that is needed to take it in. See `returned`."""
    made = discord.ui.Modal(title=shorten(title, TITLE), custom_id=custom_id, timeout=None)
    # What is stopped is not remembered by the library when it is sent.
    made.stop()
    return made


def add(to: discord.ui.Modal, label: str, item: discord.ui.Item[Any], description: str | None = None) -> None:
    """Add a field with a label above it."""
    description = shorten(description, 100) if description else None
    to.add_item(discord.ui.Label(text=shorten(label, LABEL), component=item, description=description))


def add_text(
    to: discord.ui.Modal,
    name: str,
    label: str,
    *,
    default: str = "",
    paragraph: bool = False,
    required: bool = False,
    limit: int = 4000,
    description: str | None = None,
) -> None:
    """Add a text field; it comes back under its name."""
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        style=discord.TextStyle.paragraph if paragraph else discord.TextStyle.short,
        custom_id=name,
        default=default[:limit] or None,
        required=required,
        max_length=limit,
    )
    add(to, label, field, description)


def add_menu(to: discord.ui.Modal, name: str, label: str, options: list[discord.SelectOption]) -> None:
    """Add a menu; what is chosen comes back under its name, and nothing need be."""
    add(to, label, discord.ui.Select(custom_id=name, options=options, required=False))


def fields_sent(interaction: Interaction) -> dict[str, Mapping[str, Any]]:
    """Return the fields of a form that was sent, by their ids."""
    data = cast("dict[str, Any]", interaction.data or {})
    found: dict[str, Mapping[str, Any]] = {}
    for row in cast("list[dict[str, Any]]", data.get("components") or []):
        field = cast("dict[str, Any]", row.get("component") or {})
        if "custom_id" in field:
            found[str(field["custom_id"])] = field
    return found


def texts_sent(interaction: Interaction) -> dict[str, str]:
    """Return what was written and chosen, by the fields' ids; empty where nothing was."""
    found: dict[str, str] = {}
    for name, field in fields_sent(interaction).items():
        values = cast("list[str]", field.get("values") or [])
        found[name] = (values[0] if values else str(field.get("value") or "")).strip()
    return found


async def returned(
    interaction: Interaction,
    template: re.Pattern[str],
    take_in: Callable[[Interaction, re.Match[str]], Awaitable[None]],
) -> None:
    """Take in a form whose id fits, for a listener of interactions; whatever goes wrong is told to who sent it."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    match = template.fullmatch(str((interaction.data or {}).get("custom_id", "")))
    if match is not None:
        await pressed(interaction, lambda interaction: take_in(interaction, match))
