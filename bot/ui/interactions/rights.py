"""What somebody may see of a job and do with it, by what they may do in the channel it was asked for in."""

import asyncio
from collections.abc import Collection

import discord

from bot.channels import reads
from bot.client import ComfyBot
from bot.discord_errors import DISCORD_ERRORS
from bot.errors import UserError
from bot.jobs.model.job import Job
from bot.jobs.model.visibility import Viewer, sees
from bot.policy.actor import Actor, Card, Rank
from bot.ui.interactions.people import actor_of, place_of, rank_of
from bot.ui.interactions.replies import log

Interaction = discord.Interaction[ComfyBot]
WITHIN = 2.0
"""Seconds Discord may take to tell of a member."""


async def viewer_of(interaction: Interaction, channel_ids: Collection[int]) -> Viewer:
    """Return who looks, and which of these channels and threads they can read now."""
    user, here = interaction.user, interaction.channel_id
    everything = await interaction.client.is_owner(user)
    channels: set[int] = set()
    if isinstance(user, discord.Member) and not everything:
        elsewhere = set(channel_ids) - {here}
        channels.update(await interaction.client.channels.readable(user, elsewhere))
        if here in channel_ids and here is not None and reads(interaction.permissions):
            channels.add(here)
    return Viewer(
        user_id=user.id,
        guild_id=interaction.guild_id,
        channels=frozenset(channels),
        everything=everything,
    )


async def viewer_among(interaction: Interaction, jobs: Collection[Job]) -> Viewer:
    """Return who looks, able to tell which of these jobs they may see."""
    theirs = {
        job.request.requester.channel_id
        for job in jobs
        if job.request.requester.guild_id == interaction.guild_id
        and job.request.requester.user_id != interaction.user.id
        and not job.request.private
    }
    return await viewer_of(interaction, theirs)


async def viewer_here(interaction: Interaction) -> Viewer:
    """Return who looks, able to tell which of all jobs of the guild they may see."""
    guild_id = interaction.guild_id
    jobs = interaction.client.services.jobs
    return await viewer_of(interaction, await jobs.channels(guild_id) if guild_id is not None else ())


async def seen_here(interaction: Interaction, job: Job) -> bool:
    """Tell whether a job is of this guild and may be seen by whoever asks."""
    if job.request.requester.guild_id != interaction.guild_id:
        return False
    return sees(await viewer_among(interaction, [job]), job)


async def card_of(interaction: Interaction, job: Job) -> Card:
    """Return the job as rules look at it; Discord is asked only where the answer may depend on it.

    Whoever acts in the job's own channel has its card before them, also where nothing older can be read.
    """
    requester = job.request.requester
    foreign = requester.guild_id != interaction.guild_id
    own = requester.user_id == interaction.user.id
    before_them = not foreign and not job.request.private and requester.channel_id == interaction.channel_id
    return Card(
        owner=requester.user_id,
        guild_id=requester.guild_id,
        private=job.request.private,
        visible=before_them or sees(await viewer_among(interaction, [job]), job),
        moderated=not (foreign or own) and await moderates(interaction, requester.channel_id),
    )


async def moderates(interaction: Interaction, channel_id: int) -> bool:
    """Tell whether somebody may moderate others in this channel, wherever they press."""
    if channel_id == interaction.channel_id:
        rights = interaction.permissions
    elif isinstance(interaction.user, discord.Member):
        rights = await interaction.client.channels.rights(interaction.user, channel_id)
    else:
        return False
    return rights.manage_messages or rights.manage_guild


async def permit_on_card(interaction: Interaction, action: str, job: Job) -> None:
    """Raise `UserError` unless this person may do that with this job, by the rights in the job's own channel."""
    actor, card = await actor_of(interaction), await card_of(interaction, job)
    await interaction.client.services.policy.may_act_on_card(actor, place_of(interaction), action, card)
    if action == "cancel":
        await permit_against(interaction, actor, card.owner)


async def note_on_card(interaction: Interaction, action: str, job: Job) -> None:
    """Note in the audit log what somebody did with another person's job."""
    owner = job.request.requester.user_id
    if owner != interaction.user.id:
        policy, actor = interaction.client.services.policy, await actor_of(interaction)
        await policy.note(actor, action, subject=str(owner), detail=f"job #{job.number}")


async def permit_against(interaction: Interaction, actor: Actor, user_id: int) -> None:
    """Raise `UserError` where somebody would moderate a person who stands as high as they, or higher."""
    if user_id != actor.user_id:
        interaction.client.services.policy.may_act_against(actor, await rank_in_guild(interaction, user_id))


async def rank_in_guild(interaction: Interaction, user_id: int) -> Rank:
    """Return how high somebody stands where this happens; raises `UserError` while Discord does not tell."""
    guild = interaction.guild
    operator = await interaction.client.is_owner(discord.Object(user_id))  # pyright: ignore[reportArgumentType]
    if operator or guild is None or guild.owner_id == user_id:
        return Rank(operator=operator, owner=not operator and guild is not None)
    try:
        async with asyncio.timeout(WITHIN):
            member = await guild.fetch_member(user_id)
    except discord.NotFound:
        return Rank()
    except DISCORD_ERRORS as error:
        log.info("user %s in guild %s cannot be looked up: %s", user_id, guild.id, error)
        raise UserError("Discord cannot say who this is right now. Please try again.") from None
    return await rank_of(interaction.client, member)
