"""/settings: what moderators decide for their server."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.media.stripping.keep import Keep
from bot.policy.rules import Who
from bot.ui.actions.variation import suits_a_picture
from bot.ui.cards.sheet import LABEL
from bot.ui.interactions.components import Answer, Control, ids, known, permit_moderator, show
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language
from bot.workflows.model.workflow import Workflow
from cogs.settings.view import SettingsPage, settings_view

Interaction = discord.Interaction[ComfyBot]


class SettingsControl(Control, template=ids("settings", "others", "upscale", "metadata")):
    """Changes one decision; whoever uses it must be a moderator then."""

    async def used(self, interaction: Interaction) -> None:
        """Change it, and show how it is then."""
        await permit_moderator(interaction)
        match self.action:
            case "others":
                await self._others(interaction)
            case "upscale":
                await self._upscale(interaction)
            case _:
                await self._metadata(interaction)
        await show(interaction, await _settings(interaction))

    async def _others(self, interaction: Interaction) -> None:
        who = known(self.chosen, Who)
        await interaction.client.services.policy.decide(
            await actor_of(interaction), lambda rules: rules.with_going_on(who)
        )

    async def _upscale(self, interaction: Interaction) -> None:
        name = self.chosen
        if all(each.name != name for each in _enlarging(interaction)):
            raise UserError("This workflow is not there any more. Use `/settings` again.")
        await interaction.client.services.policy.decide(
            await actor_of(interaction), lambda rules: replace(rules, upscale=name)
        )

    async def _metadata(self, interaction: Interaction) -> None:
        keep = known(self.chosen, Keep)
        await interaction.client.services.metadata.decide(await actor_of(interaction), keep)


class SettingsCog(commands.Cog):
    """Shows moderators what holds in their server."""

    @app_commands.command(
        name="settings", description="Who may go on from results, Upscale, what stays inside files"
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.default_permissions(manage_messages=True)
    async def settings(self, interaction: Interaction) -> None:
        """Answer with the decisions."""
        await permit_moderator(interaction)
        await show(interaction, await _settings(interaction))


async def _settings(interaction: Interaction) -> Answer:
    services = interaction.client.services
    page = SettingsPage(
        rules=await services.policy.rules(interaction.guild_id),
        keep=await services.metadata.kept(interaction.guild_id),
        workflows=_enlarging(interaction),
    )
    return Answer(settings_view(page, language(interaction)))


def _enlarging(interaction: Interaction) -> list[Workflow]:
    """Return the workflows that can stand behind Upscale and fit into a menu."""
    return [
        each
        for each in interaction.client.services.library.enabled()
        if suits_a_picture(each) and len(each.name) <= LABEL
    ]


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its menus."""
    bot.add_dynamic_items(SettingsControl)
    await bot.add_cog(SettingsCog())
