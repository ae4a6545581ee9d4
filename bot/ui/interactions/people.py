"""Who acts and where, read from an interaction, in the words of the rules."""

from typing import Any

import discord

from bot.channels import guild_rights
from bot.client import ComfyBot
from bot.i18n import code_for
from bot.jobs.model.request import Requester
from bot.policy.actor import NO_ROLE, Actor, Place, Rank
from bot.workflows.model.workflow import Workflow

_CHANNELS = (
    discord.TextChannel,
    discord.VoiceChannel,
    discord.StageChannel,
    discord.Thread,
    discord.ForumChannel,
)


async def actor_of(interaction: discord.Interaction[ComfyBot]) -> Actor:
    """Return who acts, with the rights their roles give them on the guild; what a channel allows is no part of that."""
    user = interaction.user
    rights = guild_rights(user)
    return Actor(
        user_id=user.id,
        guild_id=interaction.guild_id,
        moderator=rights.manage_messages,
        admin=rights.manage_guild,
        operator=await interaction.client.is_owner(user),
        owner=isinstance(user, discord.Member) and user.guild.owner_id == user.id,
        top_role=_top_role(user),
        roles=frozenset(role.id for role in _roles(user)),
        role_names=frozenset(role.name for role in _roles(user)),
    )


async def rank_of(bot: ComfyBot, user: discord.User | discord.Member) -> Rank:
    """Return how high somebody stands in the guild they are a member of; lowest for who is in none."""
    rights = guild_rights(user)
    return Rank(
        operator=await bot.is_owner(user),
        owner=isinstance(user, discord.Member) and user.guild.owner_id == user.id,
        role=_top_role(user),
        moderator=rights.manage_messages or rights.manage_guild,
    )


def _roles(user: discord.User | discord.Member) -> list[discord.Role]:
    """Return the roles of a member that the gateway has told of, lowest first; the one of everybody is no role."""
    if not isinstance(user, discord.Member):
        return []
    roles: list[discord.Role | None] = list(user.roles)
    return [role for role in roles if role is not None and not role.is_default()]


def _top_role(user: discord.User | discord.Member) -> tuple[int, int]:
    return max(((role.position, -role.id) for role in _roles(user)), default=NO_ROLE)


def admitted(interaction: discord.Interaction[ComfyBot], workflow: Workflow, actor: Actor) -> bool:
    """Tell whether somebody may use a workflow that is for certain roles; operators always may."""
    return interaction.client.services.policy.admits(actor, workflow)


async def permit_workflow(interaction: discord.Interaction[ComfyBot], workflow: Workflow) -> None:
    """Raise `UserError` where a workflow is for roles this person does not have."""
    interaction.client.services.policy.may_use_workflow(await actor_of(interaction), workflow)


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
        operator=actor.operator,
    )
