"""Forms for workflows: what is sent in them, and the buttons of the cards that go with them; also after a restart."""

import re

import discord
from discord.ext import commands

from bot.client import ComfyBot
from bot.ui.forms.forms import returned
from bot.ui.interactions.components import Control, ids
from bot.ui.requests.form_open import CARD, FRESH
from bot.ui.requests.form_submit import press_make, reopen, sent

SENT = re.compile(rf"form:(?P<origin>{FRESH}|{CARD}):(?P<draft>[0-9a-f]+):(?P<page>\d{{1,3}})")


class FormControl(Control, template=ids("form", "next", "back", "again", "make")):
    """Goes on with a form, or makes what it says."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Open a page or make it; a form opened from a message of its own keeps to that message."""
        draft, _, page = self.argument.partition(":")
        number = int(page) if page.isdecimal() and len(page) < 4 else 0
        if self.action == "make":
            await press_make(interaction, draft)
        else:
            await reopen(interaction, draft, number, origin=FRESH if self.action == "again" else CARD)


class Forms(commands.Cog):
    """Hears of the forms that come back."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Take in a form of ours; all others are heard by whoever made them."""
        await returned(
            interaction,
            SENT,
            lambda interaction, match: sent(interaction, match["origin"], match["draft"], int(match["page"])),
        )


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(FormControl)
    await bot.add_cog(Forms())
