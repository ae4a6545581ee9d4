"""What the buttons of a card do, for whom `check_press` has found may do it."""

from dataclasses import replace

import discord

from bot.client import ComfyBot
from bot.jobs.request import JobId, Request
from bot.jobs.service import CancelOutcome
from bot.ui.asking import ask_again
from bot.ui.faults import RouteError
from bot.ui.people import actor_of, requester_of
from bot.ui.replies import language, log, reply
from bot.ui.rights import permit_on_card
from bot.ui.routes import Routes
from bot.ui.submission import carry_out
from bot.ui.wishing import Wish, still_taken

DELETING = 20.0
"""Seconds one further message may take to be deleted."""


async def check_press(interaction: discord.Interaction[ComfyBot], action: str, job_id: JobId) -> None:
    """Raise `UserError` unless this person may do that with that job."""
    await permit_on_card(interaction, action, await interaction.client.services.jobs.get(job_id))


async def cancel(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """End this job; the card itself tells the rest."""
    jobs = interaction.client.services.jobs
    job = await jobs.get(job_id)
    outcome = await jobs.cancel(job_id, by=interaction.user.id)
    if outcome is CancelOutcome.FINISHED:
        await reply(interaction, language(interaction).t("This job has already ended."))
        return
    owner = job.request.requester.user_id
    if owner != interaction.user.id:
        policy, actor = interaction.client.services.policy, await actor_of(interaction)
        await policy.note(actor, "cancel", subject=str(owner), detail=f"job #{job.number}")
    await interaction.response.defer()


async def again(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Make the same again with a new seed, as a job of whoever pressed."""
    services = interaction.client.services
    job = await services.jobs.get(job_id)
    request = still_taken(job.request.without("seed"), services.library.get(job.request.workflow))
    await carry_out(interaction, Wish(request=await _own(interaction, request)))


async def edit(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Open a form with everything the job used; what is changed there becomes a job of whoever pressed."""
    job = await interaction.client.services.jobs.get(job_id)
    workflow = interaction.client.services.library.get(job.request.workflow)
    await ask_again(interaction, job, workflow)


async def delete(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Remove the card and what we keep of the job."""
    services = interaction.client.services
    job = await services.jobs.get(job_id)
    await services.jobs.forget(job_id)
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
    log.info("job %s deleted by %s", job_id, interaction.user.id)


async def _own(interaction: discord.Interaction[ComfyBot], request: Request) -> Request:
    """Return the request as this person's: priority is asked for anew each time, never inherited."""
    return replace(request.by(await requester_of(interaction)), priority=False)
