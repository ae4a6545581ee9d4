"""The buttons of a card: all they know is in their custom id, so they work for years and across restarts."""

import re
from enum import StrEnum
from typing import Any, Self

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import N_, Language
from bot.jobs.request import JobId
from bot.ui.actions import again, cancel, delete, edit
from bot.ui.replies import log, refuse, reporting


class Action(StrEnum):
    """What a button of a card does."""

    CANCEL = "cancel"
    AGAIN = "again"
    EDIT = "edit"
    DELETE = "delete"


LABELS = {
    Action.CANCEL: N_("Cancel"),
    Action.AGAIN: N_("Again"),
    Action.EDIT: N_("Edit"),
    Action.DELETE: N_("Delete"),
}

STYLES = {
    Action.CANCEL: discord.ButtonStyle.danger,
    Action.AGAIN: discord.ButtonStyle.primary,
    Action.EDIT: discord.ButtonStyle.secondary,
    Action.DELETE: discord.ButtonStyle.danger,
}

PERFORM = {Action.CANCEL: cancel, Action.AGAIN: again, Action.EDIT: edit, Action.DELETE: delete}

TEMPLATE = re.compile(r"job:(?P<action>cancel|again|edit|delete):(?P<id>[0-9a-f]{32})")


class JobButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button bound to a job by its id."""

    def __init__(
        self, action: Action, job_id: JobId, lang: Language | None = None, *, disabled: bool = False
    ) -> None:
        super().__init__(
            discord.ui.Button(
                label=lang.t(LABELS[action]) if lang else LABELS[action],
                style=STYLES[action],
                custom_id=f"job:{action}:{job_id}",
                disabled=disabled,
            )
        )
        self.action = action
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button that was pressed from its id alone."""
        return cls(Action(match["action"]), JobId(match["id"]))

    async def callback(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Do what the button is for; whatever goes wrong is told to the person who pressed it."""
        async with reporting(interaction):
            if interaction.client.is_stale(interaction):
                log.info("button press %s came too late to be answered", interaction.id)
            elif not interaction.client.serves(interaction.guild_id):
                await refuse(interaction, UserError("I do not work in this server."))
            else:
                await PERFORM[self.action](interaction, self.job_id)


async def setup(bot: ComfyBot) -> None:
    """Let the bot hear the buttons of every card there is, however old."""
    bot.add_dynamic_items(JobButton)
