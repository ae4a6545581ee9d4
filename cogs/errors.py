"""Answers what no other code can: forms and controls left over from before a restart."""

import asyncio
import logging

import discord
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.interactions.replies import OWNED, refuse, reporting

log = logging.getLogger(__name__)

GRACE = 1.5
"""Seconds the code that owns a form or a control has to answer before it counts as nobody's."""


class Errors(commands.Cog):
    """The last to answer: Discord would otherwise say that the application did not respond."""

    def __init__(self, bot: ComfyBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Answer a form or control that nobody has answered after a while."""
        if interaction.type is discord.InteractionType.modal_submit:
            sentence = UserError(
                "I was restarted while the form was open and no longer know what it was for. "
                "Please run the command again."
            )
        elif interaction.type is discord.InteractionType.component:
            sentence = UserError("This button is from before my last restart. Please run the command again.")
        else:
            return
        if self.bot.is_stale(interaction):
            return
        self.bot.spawn(_answer_later(interaction, sentence), name="unclaimed interaction")


async def _answer_later(interaction: discord.Interaction[ComfyBot], sentence: UserError) -> None:
    await asyncio.sleep(GRACE)
    if interaction.response.is_done() or interaction.extras.get(OWNED):
        return
    async with reporting(interaction):
        await refuse(interaction, sentence)


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Errors(bot))
