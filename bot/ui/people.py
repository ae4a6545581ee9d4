"""Who acts and where, read from an interaction, in the words of the rules."""

from typing import Any

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import code_for
from bot.jobs.request import Requester
from bot.policy.actor import Actor, Place
from bot.workflows.workflow import Workflow

_CHANNELS = (
    discord.TextChannel,
    discord.VoiceChannel,
    discord.StageChannel,
    discord.Thread,
    discord.ForumChannel,
)


async def actor_of(interaction: discord.Interaction[ComfyBot]) -> Actor:
    """Return who acts, with the rights Discord says they have in this channel."""
    rights = interaction.permissions
    return Actor(
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        moderator=rights.manage_messages,
        admin=rights.manage_guild,
        operator=await interaction.client.is_owner(interaction.user),
    )


def admitted(interaction: discord.Interaction[Any], workflow: Workflow, actor: Actor) -> bool:
    """Tell whether somebody may use a workflow that is for certain roles, given by id or name; operators always may."""
    if not workflow.roles or actor.operator:
        return True
    own = interaction.user.roles if isinstance(interaction.user, discord.Member) else []
    return any(role.id in workflow.roles or role.name in workflow.roles for role in own)


async def permit_workflow(interaction: discord.Interaction[ComfyBot], workflow: Workflow) -> None:
    """Raise `UserError` where a workflow is for roles this person does not have."""
    if not admitted(interaction, workflow, await actor_of(interaction)):
        raise UserError("“{workflow}” is for certain roles only.", workflow=workflow.name).about("workflow")


def place_of(interaction: discord.Interaction[Any]) -> Place:
    """Return where it happens; a thread is as age-restricted as the channel it belongs to."""
    channel = interaction.channel
    nsfw = False
    if isinstance(channel, _CHANNELS):
        nsfw = channel.is_nsfw()
    return Place(guild_id=interaction.guild_id, channel_id=interaction.channel_id or 0, nsfw=nsfw)


def locale_of(interaction: discord.Interaction[ComfyBot]) -> str:
    """Return the locale to speak to a person in: the one they set, else Discord's, else their server's.

    One that there is no catalogue for gives way to the next.
    """
    asked = interaction.locale.value
    server = interaction.guild_locale.value if interaction.guild_locale is not None else None
    own = interaction.client.services.profiles.language(interaction.user.id)
    return next((each for each in (own, asked, server) if each and code_for(each)), asked)


async def requester_of(interaction: discord.Interaction[ComfyBot]) -> Requester:
    """Return who asks, as the job remembers it."""
    actor = await actor_of(interaction)
    return Requester(
        user_id=actor.user_id,
        guild_id=actor.guild_id,
        channel_id=interaction.channel_id or 0,
        locale=locale_of(interaction),
        moderator=actor.may_moderate,
        name=interaction.user.display_name,
    )
