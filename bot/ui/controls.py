"""Presses of a card's buttons: all they need is in the custom id, so they work for years and across restarts."""

import re
from typing import Any, Self

import discord

from bot.client import ComfyBot
from bot.jobs.request import JobId
from bot.ui.actions import again, cancel, delete, edit
from bot.ui.buttons import TEMPLATE, Action, job_button
from bot.ui.pressing import pressed

PERFORM = {Action.CANCEL: cancel, Action.AGAIN: again, Action.EDIT: edit, Action.DELETE: delete}


class JobButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button bound to a job by its id."""

    def __init__(self, action: Action, job_id: JobId) -> None:
        super().__init__(job_button(action, job_id))
        self.action = action
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button that was pressed from its id alone."""
        return cls(Action(match["action"]), JobId(match["id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button is for; whatever goes wrong is told to the person who pressed it."""
        await pressed(interaction, lambda interaction: PERFORM[self.action](interaction, self.job_id))


async def setup(bot: ComfyBot) -> None:
    """Let the bot hear the buttons of every card there is, however old."""
    bot.add_dynamic_items(JobButton)
