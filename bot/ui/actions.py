"""What the buttons of a card do."""

from dataclasses import replace

import discord

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.job import Job
from bot.jobs.request import JobId, Request, Value
from bot.jobs.service import CancelOutcome
from bot.ui.extras import parse_extra, typed, written
from bot.ui.faults import RouteError
from bot.ui.forms import Form
from bot.ui.people import actor_of, place_of, requester_of
from bot.ui.replies import language, log, reply
from bot.ui.routes import Routes
from bot.ui.submission import Wish, carry_out
from bot.workflows.workflow import Workflow

SEED_LENGTH = 20
DELETING = 20.0
"""Seconds one further message may take to be deleted."""
OTHERS = (
    "model", "vae", "lora", "lora_strength", "cfg", "guidance", "sampler", "scheduler", "denoise", "width", "height",
    "length", "fps", "seconds", "batch",
)  # fmt: skip


UNDOING = frozenset({"cancel", "delete"})
"""What a person may do with their own even where they may do nothing else any more."""


async def check_press(interaction: discord.Interaction[ComfyBot], action: str, job_id: JobId) -> None:
    """Raise `UserError` unless this person may do that with that job here."""
    job = await _visible(interaction, job_id)
    actor, owner = await actor_of(interaction), job.request.requester.user_id
    if action in UNDOING and actor.user_id == owner:
        return
    await interaction.client.services.policy.may_press(actor, place_of(interaction), action, owner=owner)


async def cancel(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """End this job, if it is the person's own or the person moderates; the card itself tells the rest."""
    jobs = interaction.client.services.jobs
    actor = await actor_of(interaction)
    job = await jobs.get(job_id)
    _same_guild(job, interaction)
    outcome = await jobs.cancel(job_id, by=actor.user_id, moderator=actor.may_moderate)
    if outcome is CancelOutcome.FINISHED:
        await reply(interaction, language(interaction).t("This job has already ended."))
        return
    await interaction.response.defer()


async def again(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Make the same again with a new seed, as a job of whoever pressed."""
    job = await _visible(interaction, job_id)
    await carry_out(interaction, Wish(request=await _own(interaction, job.request.without("seed"))))


async def edit(interaction: discord.Interaction[ComfyBot], job_id: JobId) -> None:
    """Open a form with everything the job used; what is changed there becomes a job of whoever pressed."""
    job = await _visible(interaction, job_id)
    workflow = interaction.client.services.library.get(job.request.workflow)
    await interaction.response.send_modal(EditForm(job, workflow, language(interaction), interaction.id))


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
    if job.request.requester.guild_id != interaction.guild_id:
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


class EditForm(Form):
    """A job's values to change: the most used ones in fields, all others as `name=value` lines."""

    def __init__(self, job: Job, workflow: Workflow, lang: Language, nonce: int) -> None:
        super().__init__(lang.t("Change and make again"), f"job:edit-form:{nonce}")
        self.job = job
        self.workflow = workflow
        used = {**job.request.values, **job.values}
        self.fields: dict[str, discord.ui.TextInput[discord.ui.LayoutView]] = {}
        if workflow.takes("prompt"):
            self._add("prompt", lang.t("Prompt"), used, paragraph=True)
        if workflow.takes("negative_prompt"):
            self._add("negative_prompt", lang.t("Negative prompt"), used, paragraph=True)
        if workflow.takes("seed"):
            self._add("seed", lang.t("Seed"), used, hint=lang.t("Empty draws a new one."), limit=SEED_LENGTH)
        if workflow.takes("steps"):
            self._add("steps", lang.t("Steps"), used, limit=6)
        self.others = self.add_text(
            lang.t("Other settings"),
            default=written(_others(job, workflow, used)),
            paragraph=True,
            description=lang.t("One name=value a line"),
        )

    def _add(
        self,
        name: str,
        label: str,
        used: dict[str, Value],
        *,
        paragraph: bool = False,
        hint: str | None = None,
        limit: int = 4000,
    ) -> None:
        default = "" if used.get(name) is None else str(used[name])
        self.fields[name] = self.add_text(
            label, default=default, paragraph=paragraph, limit=limit, description=hint
        )

    async def submitted(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Make a job of what the form says now."""
        texts = {name: field.value.strip() for name, field in self.fields.items()}
        texts |= parse_extra(self.others.value)
        kept = {name: text for name, text in texts.items() if text or name in {"prompt", "negative_prompt"}}
        named = {
            name: value for name, value in self.job.request.values.items() if _is_file(self.workflow, name)
        }
        values = typed(self.workflow, kept, guild_id=interaction.guild_id)
        request = replace(self.job.request, values=named | values)
        await carry_out(interaction, Wish(request=await _own(interaction, request)))


def _others(job: Job, workflow: Workflow, used: dict[str, Value]) -> dict[str, Value]:
    """Return what the last field shows: the usual settings as they were used, and whatever else was asked for."""
    fielded = {"prompt", "negative_prompt", "seed", "steps", "aspect"}
    names = [name for name in OTHERS if name in used] + [
        name for name in job.request.values if name not in OTHERS
    ]
    return {
        name: used[name]
        for name in names
        if name not in fielded
        and workflow.takes(name)
        and (name in job.request.values or not workflow.parameters[name].hidden)
        and not _is_file(workflow, name)
    }


def _is_file(workflow: Workflow, name: str) -> bool:
    return name in workflow.parameters and workflow.parameters[name].type.is_file
