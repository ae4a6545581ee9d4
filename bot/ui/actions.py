"""What the buttons of a card do."""

from dataclasses import replace

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.jobs.job import Job
from bot.jobs.request import JobId, Request
from bot.jobs.service import CancelOutcome
from bot.ui.asking import ask_again
from bot.ui.faults import RouteError
from bot.ui.people import actor_of, place_of, requester_of
from bot.ui.replies import language, log, reply
from bot.ui.routes import Routes
from bot.ui.submission import carry_out
from bot.ui.wishing import Wish

DELETING = 20.0
"""Seconds one further message may take to be deleted."""


OWN = frozenset({"cancel", "delete", "details", "favourite"})
"""What a person may do with their own even where they may do nothing else any more, and where it came to them directly."""


async def check_press(interaction: discord.Interaction[ComfyBot], action: str, job_id: JobId) -> None:
    """Raise `UserError` unless this person may do that with that job here."""
    job = await _visible(interaction, job_id)
    actor, owner = await actor_of(interaction), job.request.requester.user_id
    if action in OWN and actor.user_id == owner:
        return
    await interaction.client.services.policy.may_press(actor, place_of(interaction), action, owner=owner)


async def cancel(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """End this job, if it is the person's own or the person moderates; the card itself tells the rest."""
    jobs = interaction.client.services.jobs
    actor = await actor_of(interaction)
    job = await jobs.get(job_id)
    _same_guild(job, interaction)
    outcome = await jobs.cancel(job_id, by=actor.user_id, moderator=actor.may_moderate)
    owner = job.request.requester.user_id
    if outcome is CancelOutcome.FINISHED:
        await reply(interaction, language(interaction).t("This job has already ended."))
        return
    if owner != actor.user_id:
        policy = interaction.client.services.policy
        await policy.note(actor, "cancel", subject=str(owner), detail=f"job #{job.number}")
    await interaction.response.defer()


async def again(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Make the same again with a new seed, as a job of whoever pressed."""
    job = await _visible(interaction, job_id)
    await carry_out(interaction, Wish(request=await _own(interaction, job.request.without("seed"))))


async def edit(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Open a form with everything the job used; what is changed there becomes a job of whoever pressed."""
    job = await _visible(interaction, job_id)
    workflow = interaction.client.services.library.get(job.request.workflow)
    await ask_again(interaction, job, workflow)


async def delete(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Remove the card and what we keep of the job; for its owner and for moderators."""
    services = interaction.client.services
    actor = await actor_of(interaction)
    job = await services.jobs.get(job_id)
    _same_guild(job, interaction)
    await services.jobs.forget(job_id, by=actor.user_id, moderator=actor.may_moderate)
    services.cards.forget(job_id)
    await interaction.response.defer()
    await interaction.delete_original_response()
    pressed = interaction.message.id if interaction.message is not None else None
    for ref in (job.message, *job.parts.values()):
        if ref is None or ref.message_id == pressed:
            continue
        try:
            await Routes(interaction.client).delete(ref, seconds=DELETING)
        except RouteError as failure:
            log.info("a further message of job %s was not deleted: %s", job_id, failure)
    log.info("job %s deleted by %s", job_id, actor.user_id)


def _same_guild(job: Job, interaction: discord.Interaction[ComfyBot]) -> None:
    requester = job.request.requester
    directly = interaction.guild_id is None and requester.user_id == interaction.user.id
    if requester.guild_id != interaction.guild_id and not directly:
        raise UserError("This job belongs to another server.")


async def _visible(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> Job:
    job = await interaction.client.services.jobs.get(job_id)
    _same_guild(job, interaction)
    if job.request.private and job.request.requester.user_id != interaction.user.id:
        raise UserError("This job is private.")
    return job


async def _own(interaction: discord.Interaction[ComfyBot], request: Request) -> Request:
    """Return the request as this person's: priority is asked for anew each time, never inherited."""
    return replace(request.by(await requester_of(interaction)), priority=False)
