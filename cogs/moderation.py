"""/moderation: keep somebody from making pictures, and pause everything."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.ui.cards.words import escape
from bot.ui.interactions.components import permit_moderator
from bot.ui.interactions.people import actor_of
from bot.ui.interactions.replies import language, reply
from bot.ui.interactions.rights import rank_in_guild

REASON = 200


class Moderation(commands.Cog):
    """Bans and the pause. Who may do what, and the record of it, is the policy's."""

    moderation = app_commands.Group(
        name="moderation",
        description="Keep order: for moderators",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_messages=True),
    )

    @moderation.command(name="ban", description="Keep somebody from using this bot in this server")
    @app_commands.describe(user="Who", reason="Why; only moderators see it")
    async def ban(
        self,
        interaction: discord.Interaction[ComfyBot],
        user: discord.User,
        reason: app_commands.Range[str, 1, REASON] | None = None,
    ) -> None:
        """Ban a person here."""
        await permit_moderator(interaction)
        if user.bot:
            raise UserError("Bots cannot use me anyway.")
        await interaction.client.services.policy.ban(
            await actor_of(interaction),
            user.id,
            rank=await rank_in_guild(interaction, user.id),
            reason=reason or "",
        )
        lang = language(interaction)
        if reason:
            text = lang.t(
                "{person} can no longer use this bot in this server. Reason: {reason}",
                person=user.mention,
                reason=escape(reason),
            )
        else:
            text = lang.t("{person} can no longer use this bot in this server.", person=user.mention)
        await reply(interaction, text)

    @moderation.command(name="unban", description="Let somebody use this bot again")
    @app_commands.describe(user="Who")
    async def unban(self, interaction: discord.Interaction[ComfyBot], user: discord.User) -> None:
        """Lift a ban."""
        await interaction.client.services.policy.unban(await actor_of(interaction), user.id)
        await reply(
            interaction, language(interaction).t("{person} can use this bot again.", person=user.mention)
        )

    @moderation.command(name="pause", description="Accept no new jobs anywhere: for the bot's operators")
    @app_commands.describe(reason="Why; it is kept in the record")
    async def pause(
        self,
        interaction: discord.Interaction[ComfyBot],
        reason: app_commands.Range[str, 1, REASON] | None = None,
    ) -> None:
        """Stop accepting jobs; those accepted go on."""
        await interaction.client.services.policy.pause(await actor_of(interaction), reason=reason or "")
        await reply(
            interaction,
            language(interaction).t(
                "Paused: no new jobs are accepted, those accepted go on. `/moderation resume` ends it."
            ),
        )

    @moderation.command(name="resume", description="Accept new jobs again: for the bot's operators")
    async def resume(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Accept jobs again."""
        await interaction.client.services.policy.resume(await actor_of(interaction))
        await reply(interaction, language(interaction).t("New jobs are accepted again."))


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Moderation())
