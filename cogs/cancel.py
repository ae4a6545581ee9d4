"""/cancel: end a waiting or running job."""

import logging
from collections.abc import Sequence

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.model.job import Job
from bot.jobs.model.visibility import sees
from bot.jobs.service import CancelOutcome
from bot.policy.actor import Actor
from bot.ui.cards.buttons import Action
from bot.ui.cards.titles import titled
from bot.ui.forms.suggestions import fitting
from bot.ui.interactions.components import Answer, permit_moderator, present
from bot.ui.interactions.people import actor_of, place_of
from bot.ui.interactions.replies import language
from bot.ui.interactions.rights import card_of, note_on_card, permit_against, permit_on_card, viewer_among

Interaction = discord.Interaction[ComfyBot]
log = logging.getLogger(__name__)

ALL = "all"
EVERYTHING = "everything"


class Cancel(commands.Cog):
    """Cancels jobs: one's own, or as a moderator anybody's of the same server."""

    @app_commands.command(name="cancel", description="Cancel a job that is waiting or running")
    @app_commands.describe(job="Which one: choose from the list, or type its number")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def cancel(self, interaction: Interaction, job: str) -> None:
        """End one job, all of mine, or (moderators) everything in this server."""
        await present(interaction, self._answer(interaction, job.strip().casefold()))

    async def _answer(self, interaction: Interaction, wanted: str) -> Answer:
        jobs, lang = interaction.client.services.jobs, language(interaction)
        requester = [(job, job.request.requester) for job in jobs.active()]
        if wanted == ALL:
            mine = [job for job, who in requester if who.user_id == interaction.user.id]
            return Answer(text=await _end_each(interaction, mine, lang))
        if wanted == EVERYTHING:
            try:
                await permit_moderator(interaction)
            except UserError:
                raise UserError(
                    "Only moderators can cancel everything. With `all` you cancel all jobs of yours."
                ) from None
            here = [job for job, who in requester if who.guild_id == interaction.guild_id]
            return Answer(text=await _end_each(interaction, here, lang))
        found = await jobs.find(wanted)
        if found is None or not await _knows(interaction, found):
            raise UserError("I cannot find that job. Choose one from the list that opens as you type.")
        await permit_on_card(interaction, Action.CANCEL, found)
        return Answer(text=_told(found, await _end(interaction, found), lang))

    @cancel.autocomplete("job")
    async def jobs(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer what this person may cancel."""
        services, lang, own = interaction.client.services, language(interaction), interaction.user.id
        active = services.jobs.active()
        mine = [job for job in active if job.request.requester.user_id == own]
        others = await _cancellable(interaction, [job for job in active if job not in mine])
        viewer = await viewer_among(interaction, others)
        hidden = [job for job in others if not sees(viewer, job)]
        candidates = [
            (
                _hidden_name(job, lang) if job in hidden else _name(titled(job, services.library, lang)),
                str(job.id),
            )
            for job in (*mine, *others)
        ]
        if len(mine) > 1:
            candidates.insert(0, (lang.t("All my jobs ({count})", count=len(mine)), ALL))
        if others and await _moderates_all(interaction):
            candidates.append((lang.t("Everything in this server"), EVERYTHING))
        return fitting(current, candidates)


async def _moderates_all(interaction: Interaction) -> bool:
    try:
        await permit_moderator(interaction)
    except UserError:
        return False
    return True


async def _cancellable(interaction: Interaction, jobs: Sequence[Job]) -> list[Job]:
    """Return those of other people's jobs that this person may cancel, by the channel each was asked for in."""
    allowed: dict[int, bool] = {}
    found: list[Job] = []
    for job in jobs:
        requester = job.request.requester
        if requester.guild_id != interaction.guild_id:
            continue
        if requester.channel_id not in allowed:
            allowed[requester.channel_id] = await _may_cancel(interaction, job)
        if allowed[requester.channel_id]:
            found.append(job)
    return found


async def _may_cancel(interaction: Interaction, job: Job) -> bool:
    """Whether to offer somebody else's job; who stands above whom is told when it is chosen."""
    actor = await actor_of(interaction)
    try:
        await interaction.client.services.policy.may_act_on_card(
            actor, place_of(interaction), Action.CANCEL, await card_of(interaction, job)
        )
    except UserError:
        return False
    return True


async def _knows(interaction: Interaction, job: Job) -> bool:
    """Whether to say more than that the job is unknown: to who may see it, and to who may cancel it."""
    card = await card_of(interaction, job)
    return card.visible or await _may_cancel(interaction, job)


async def _end(interaction: Interaction, job: Job) -> CancelOutcome:
    outcome = await interaction.client.services.jobs.cancel(job.id, by=interaction.user.id)
    if outcome is not CancelOutcome.FINISHED:
        await note_on_card(interaction, "cancel", job)
    return outcome


async def _end_each(interaction: Interaction, jobs: Sequence[Job], lang: Language) -> str:
    """End what may be ended, and say how many were left to people who stand as high."""
    actor, ended, above = await actor_of(interaction), 0, 0
    ranks: dict[int, bool] = {}
    for job in jobs:
        owner = job.request.requester.user_id
        if owner not in ranks:
            ranks[owner] = await _stands_below(interaction, actor, owner)
        if not ranks[owner]:
            above += 1
            continue
        try:
            ended += await _end(interaction, job) is not CancelOutcome.FINISHED
        except UserError as error:
            # It ended by itself in the meantime; the others are still to be cancelled.
            log.info("job %s not cancelled: %s", job.id, error)
    told = lang.n("One job is cancelled.", "{n} jobs are cancelled.", ended) if ended else ""
    left = lang.n(
        "One job stays: the highest role of its owner is not below yours.",
        "{n} jobs stay: the highest role of their owners is not below yours.",
        above,
    )
    return " ".join(filter(None, (told, left if above else ""))) or lang.t("There is nothing to cancel.")


async def _stands_below(interaction: Interaction, actor: Actor, user_id: int) -> bool:
    try:
        await permit_against(interaction, actor, user_id)
    except UserError:
        return False
    return True


def _told(job: Job, outcome: CancelOutcome, lang: Language) -> str:
    number = str(job.number)
    match outcome:
        case CancelOutcome.CANCELLED:
            return lang.t("Job #{number} is cancelled.", number=number)
        case CancelOutcome.STOPPING:
            return lang.t("Job #{number} is being stopped.", number=number)
        case CancelOutcome.FINISHED:
            return lang.t("Job #{number} has already ended.", number=number)


def _name(job: Job) -> str:
    title = f"#{job.number} · {job.workflow_title}"
    prompt = " ".join(str(job.request.values.get("prompt", "")).split())
    return f"{title} · {prompt}" if prompt else title


def _hidden_name(job: Job, lang: Language) -> str:
    """Return what is shown of a job that cannot be seen: its number and whose it is, no more."""
    requester = job.request.requester
    person = requester.name or str(requester.user_id)
    return lang.t("#{number} · hidden · {person}", number=str(job.number), person=person)


async def setup(bot: ComfyBot) -> None:
    """Add the cog."""
    await bot.add_cog(Cancel())
