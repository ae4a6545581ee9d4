"""What the buttons of a card do, for whom `check_press` has found may do it."""

from dataclasses import replace

import discord

from bot.client import ComfyBot
from bot.jobs.model.request import JobId, Request
from bot.jobs.service import CancelOutcome
from bot.ui.interactions.people import requester_of
from bot.ui.interactions.replies import language, reply
from bot.ui.interactions.rights import note_on_card, permit_on_card
from bot.ui.requests.command_input import JobInput, still_taken
from bot.ui.requests.form_open import ask_again
from bot.ui.requests.submission import submit_request


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
    await note_on_card(interaction, "cancel", job)
    await interaction.response.defer()


async def again(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Make the same again with a new seed, as a job of whoever pressed."""
    services = interaction.client.services
    job = await services.jobs.get(job_id)
    request = still_taken(job.request.without("seed"), services.library.get(job.request.workflow))
    await submit_request(interaction, JobInput(request=await _own(interaction, request)))


async def edit(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Open a form with everything the job used; what is changed there becomes a job of whoever pressed."""
    job = await interaction.client.services.jobs.get(job_id)
    workflow = interaction.client.services.library.get(job.request.workflow)
    await ask_again(interaction, job, workflow)


async def _own(interaction: discord.Interaction[ComfyBot], request: Request) -> Request:
    """Return the request as this person's: priority is asked for anew each time, never inherited."""
    return replace(request.by(await requester_of(interaction)), priority=False)
