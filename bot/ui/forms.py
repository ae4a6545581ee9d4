"""Forms (modals) whose errors reach the person, whatever happens in them."""

from typing import Any

import discord

from bot.client import ComfyBot
from bot.ui.replies import closed_to, log, refuse, reporting, shorten

LIFE = 3600.0
"""Seconds a form may stay open before it is forgotten; people who dismiss one never tell us."""


class Form(discord.ui.Modal):
    """A modal that reports what goes wrong after it was sent."""

    def __init__(self, title: str, custom_id: str) -> None:
        super().__init__(title=shorten(title, 45), custom_id=custom_id, timeout=LIFE)

    def add_text(
        self,
        label: str,
        *,
        default: str = "",
        paragraph: bool = False,
        required: bool = False,
        limit: int = 4000,
        description: str | None = None,
    ) -> discord.ui.TextInput[Any]:
        """Add a text field with a label above it."""
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph if paragraph else discord.TextStyle.short,
            default=default[:limit] or None,
            required=required,
            max_length=limit,
        )
        self.add_item(
            discord.ui.Label(
                text=shorten(label, 45),
                component=field,
                description=shorten(description, 100) if description else None,
            )
        )
        return field

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Do what the form is for, within `reporting`."""
        async with reporting(interaction):
            if interaction.client.is_stale(interaction):
                log.info("form %s came too late to be answered", interaction.id)
            elif (reason := closed_to(interaction)) is not None:
                await refuse(interaction, reason)
            else:
                await self.submitted(interaction)

    async def submitted(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Do what the form is for; `UserError` and everything else raised here reaches the person."""
        raise NotImplementedError

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Report what went wrong outside `submitted`."""
        async with reporting(interaction):
            raise error
