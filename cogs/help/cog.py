"""/help: what a person can do here, with the server's own workflows and rules."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.ui.interactions.components import Answer, permit, show
from bot.ui.interactions.people import actor_of, admitted, place_of
from bot.ui.interactions.replies import language
from bot.ui.requests.usable_workflows import usual
from cogs.help.view import Help, help_view

Interaction = discord.Interaction[ComfyBot]


class HelpCog(commands.Cog):
    """Answers from memory alone, however the image servers are."""

    @app_commands.command(name="help", description="What you can do here, with examples and the rules")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def help(self, interaction: Interaction) -> None:
        """Answer with what holds for this person in this channel."""
        await permit(interaction)
        services, actor = interaction.client.services, await actor_of(interaction)
        able = [each for each in services.library.enabled() if admitted(interaction, each, actor)]
        here = [each for each in able if place_of(interaction).nsfw or not each.nsfw]
        default = usual(interaction.client, here)
        here.sort(key=lambda each: each.name != default)
        page = Help(
            workflows=here,
            elsewhere=len(able) - len(here),
            commands={own.workflow: own.name for own in services.library.own.commands.values()},
            limits=services.limits,
            blocked_words=services.policy.blocks_words,
            moderator=actor.may_moderate,
            paused=await services.policy.paused(),
            going_on=(await services.policy.rules(interaction.guild_id)).going_on,
        )
        await show(interaction, Answer(help_view(page, language(interaction))))


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(HelpCog())
