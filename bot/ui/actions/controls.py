"""Presses of a card's controls: all they need is in the custom id, so they work for years and across restarts."""

import re
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Self

import discord

from bot.client import ComfyBot
from bot.jobs.model.request import JobId
from bot.ui.actions import actions, deleting, details, results
from bot.ui.cards.buttons import TEMPLATE, UNDO, Action
from bot.ui.interactions.components import pressed
from bot.ui.requests import job_flags

Interaction = discord.Interaction[ComfyBot]
PERFORM: Mapping[Action, Callable[[Interaction, JobId], Awaitable[None]]] = MappingProxyType(
    {
        Action.CANCEL: actions.cancel,
        Action.AGAIN: actions.again,
        Action.EDIT: actions.edit,
        Action.DETAILS: details.details,
        Action.FAVOURITE: job_flags.favourite,
        Action.SPOILER: job_flags.spoiler,
    }
)
"""What needs to know nothing but the job."""
PERFORM_WITH: Mapping[Action, Callable[[Interaction, JobId, str], Awaitable[None]]] = MappingProxyType(
    {
        Action.VARY: results.vary,
        Action.UPSCALE: results.upscale,
        Action.USE: results.use,
        Action.PICK: results.pick,
        Action.DELETE: deleting.delete,
        Action.NOTIFY: job_flags.notify,
    }
)
"""What needs to know which picture, or in which way."""


class JobControl(discord.ui.DynamicItem[Any], template=TEMPLATE):
    """A button or menu bound to a job by its id."""

    def __init__(self, item: discord.ui.Item[Any], action: Action, job_id: JobId, argument: str) -> None:
        super().__init__(item)
        self.action = action
        self.job_id = job_id
        self.argument = argument

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the control that was used from its id alone."""
        return cls(item, Action(match["action"]), JobId(match["id"]), match["argument"] or "")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the control is for; whatever goes wrong is told to the person who used it."""
        await pressed(interaction, self._perform)

    async def _perform(self, interaction: Interaction) -> None:
        chosen: list[str] = getattr(self.item, "values", [])
        argument = f"{self.argument}.{chosen[0]}" if chosen else self.argument
        if (self.action, argument) == (Action.DELETE, UNDO):
            # Whoever is asked about it has to know a job that is unknown to everybody else by now.
            await deleting.undo(interaction, self.job_id)
            return
        action = results.intended(argument) if self.action is Action.PICK else self.action
        await actions.check_press(interaction, action, self.job_id)
        if (perform := PERFORM.get(self.action)) is not None:
            await perform(interaction, self.job_id)
        else:
            await PERFORM_WITH[self.action](interaction, self.job_id, argument)


async def setup(bot: ComfyBot) -> None:
    """Let the bot hear the controls of every card there is, however old."""
    bot.add_dynamic_items(JobControl)
