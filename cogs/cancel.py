"""/cancel: end a waiting or running job."""

import logging
from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.job import Job
from bot.jobs.service import CancelOutcome
from bot.policy.actor import Actor
from bot.ui.listing.titles import titled
from bot.ui.people import actor_of
from bot.ui.pressing import Answer, present
from bot.ui.replies import language
from bot.ui.suggestions import fitting

log = logging.getLogger(__name__)

ALL = "all"
EVERYTHING = "everything"


class Cancel(commands.Cog):
    """Cancels jobs: one's own, or as a moderator anybody's of the same server."""

    @app_commands.command(name="cancel", description="Cancel a job that is waiting or running")
    @app_commands.describe(job="Which one: choose from the list, or type its number")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def cancel(self, interaction: discord.Interaction[ComfyBot], job: str) -> None:
        """End one job, all of mine, or (moderators) everything in this server."""
        await present(interaction, self._answer(interaction, job.strip().casefold()))

    async def _answer(self, interaction: discord.Interaction[ComfyBot], wanted: str) -> Answer:
        actor, lang = await actor_of(interaction), language(interaction)
        return Answer(text=await self._cancelled(interaction.client, actor, wanted, lang))

    async def _cancelled(self, bot: ComfyBot, actor: Actor, wanted: str, lang: Language) -> str:
        active = bot.services.jobs.active()
        if wanted == ALL:
            mine = [job for job in active if job.request.requester.user_id == actor.user_id]
            return await _end_each(bot, actor, mine, lang)
        if wanted == EVERYTHING:
            if not actor.may_moderate:
                raise UserError(
                    "Only moderators can cancel everything. With `all` you cancel all jobs of yours."
                )
            here = [job for job in active if job.request.requester.guild_id == actor.guild_id]
            return await _end_each(bot, actor, here, lang)
        found = await bot.services.jobs.find(wanted)
        if found is None or not _may_see(actor, found):
            raise UserError("I do not know that job. Choose one from the list that opens as you type.")
        return _told(found, await _end(bot, actor, found), lang)

    @cancel.autocomplete("job")
    async def jobs(
        self, interaction: discord.Interaction[ComfyBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer what this person may cancel, from memory."""
        actor = await actor_of(interaction)
        lang = language(interaction)
        active = interaction.client.services.jobs.active()
        mine = [job for job in active if job.request.requester.user_id == actor.user_id]
        others = [job for job in active if job not in mine and _may_cancel(actor, job)]
        library = interaction.client.services.library
        candidates = [
            (_name(titled(job, library, lang), actor, lang), str(job.id)) for job in (*mine, *others)
        ]
        if len(mine) > 1:
            candidates.insert(0, (lang.t("All my jobs ({count})", count=len(mine)), ALL))
        if actor.may_moderate and others:
            candidates.append((lang.t("Everything in this server"), EVERYTHING))
        return fitting(current, candidates)


def _may_cancel(actor: Actor, job: Job) -> bool:
    requester = job.request.requester
    return requester.user_id == actor.user_id or (
        actor.may_moderate and requester.guild_id == actor.guild_id and requester.guild_id is not None
    )


def _may_see(actor: Actor, job: Job) -> bool:
    """Whether to say more than that the job is unknown: not of other servers, nor of others' private jobs."""
    return _may_cancel(actor, job) or (
        job.request.requester.guild_id == actor.guild_id and not job.request.private
    )


async def _end(bot: ComfyBot, actor: Actor, job: Job) -> CancelOutcome:
    outcome = await bot.services.jobs.cancel(job.id, by=actor.user_id, moderator=_may_cancel(actor, job))
    owner = job.request.requester.user_id
    if owner != actor.user_id and outcome is not CancelOutcome.FINISHED:
        await bot.services.policy.note(actor, "cancel", subject=str(owner), detail=f"job #{job.number}")
    return outcome


async def _end_each(bot: ComfyBot, actor: Actor, jobs: Sequence[Job], lang: Language) -> str:
    ended = 0
    for job in jobs:
        try:
            ended += await _end(bot, actor, job) is not CancelOutcome.FINISHED
        except UserError as error:
            # It ended by itself in the meantime; the others are still to be cancelled.
            log.info("job %s not cancelled: %s", job.id, error)
    if not ended:
        return lang.t("There is nothing to cancel.")
    return lang.n("One job is cancelled.", "{n} jobs are cancelled.", ended)


def _told(job: Job, outcome: CancelOutcome, lang: Language) -> str:
    number = str(job.number)
    match outcome:
        case CancelOutcome.CANCELLED:
            return lang.t("Job #{number} is cancelled.", number=number)
        case CancelOutcome.STOPPING:
            return lang.t("Job #{number} is being stopped.", number=number)
        case CancelOutcome.FINISHED:
            return lang.t("Job #{number} has already ended.", number=number)


def _name(job: Job, actor: Actor, lang: Language) -> str:
    """Return what the list shows of a job; a moderator does not get to read what is private."""
    requester = job.request.requester
    title = f"#{job.number} · {job.workflow_title}"
    if requester.user_id != actor.user_id and job.request.private:
        return lang.t("{job} · private", job=title)
    prompt = " ".join(str(job.request.values.get("prompt", "")).split())
    return f"{title} · {prompt}" if prompt else title


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Cancel())
