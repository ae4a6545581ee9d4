"""What the buttons for a job's pictures do; with several pictures, which one is asked first."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import discord

from bot.client import ComfyBot
from bot.comfy import ComfyError
from bot.errors import UserError
from bot.i18n import N_
from bot.jobs.model.job import Job, JobOutput
from bot.jobs.model.request import JobId
from bot.ui.actions.image_form import ask_what_to_make
from bot.ui.actions.picker import ENTRIES, picker
from bot.ui.actions.reuse import Picture, Plan, go_on, make_larger
from bot.ui.actions.variation import variation
from bot.ui.cards.buttons import Action
from bot.ui.cards.links import card_address
from bot.ui.interactions.components import Answer, beside, fetched
from bot.ui.interactions.replies import language, log
from bot.ui.requests import sources
from bot.ui.requests.usable_workflows import usable
from bot.users.form_drafts import JobPicture

Interaction = discord.Interaction[ComfyBot]
SMALL_WITHIN = 6.0
"""Seconds in all after which the numbers are shown without the pictures that are still missing."""
QUESTIONS = {
    Action.VARY: N_("Which one should I vary?"),
    Action.UPSCALE: N_("Which one should I upscale?"),
    Action.USE: N_("Which one should I use?"),
}


def intended(argument: str) -> Action:
    """Return what a picture is chosen for; raises `UserError` for what we never offered."""
    name = re.split(r"[./]", argument, maxsplit=1)[0]
    if name not in set(QUESTIONS):
        raise UserError("This button no longer works. Please press the one on the card again.")
    return Action(name)


async def pick(interaction: Interaction, job_id: JobId, argument: str) -> None:
    """Do with the picture that was chosen what it was chosen for: `<action>.<number>` or `<action>/….<number>`."""
    await ACTS[intended(argument)](interaction, job_id, argument.rpartition(".")[2])


async def upscale(interaction: Interaction, job_id: JobId, argument: str) -> None:
    """Make a picture larger, by the server's upscale workflow."""
    job = await interaction.client.services.jobs.get(job_id)
    if (number := await _which(interaction, job, Action.UPSCALE, argument)) is not None:
        await make_larger(interaction, _picture(job, number))


async def use(interaction: Interaction, job_id: JobId, argument: str) -> None:
    """Open the form for what a picture is to become."""
    job = await interaction.client.services.jobs.get(job_id)
    if (number := await _which(interaction, job, Action.USE, argument)) is not None:
        await ask_what_to_make(interaction, _picture(job, number))


async def vary(interaction: Interaction, job_id: JobId, argument: str) -> None:
    """Make something that is nearly the same."""
    services = interaction.client.services
    job = await services.jobs.get(job_id)
    pictures = sources.pictures_of(job)
    number = await _which(interaction, job, Action.VARY, argument) if pictures else None
    if pictures and number is None:
        return
    allowed = {each.name for each in await usable(interaction)}
    varied = variation(
        job,
        pictures[number] if number is not None else None,
        services.library,
        secrets.randbelow,
        may=lambda workflow: workflow.name in allowed,
    )
    await go_on(
        interaction,
        _picture(job, number),
        Plan(
            kind=varied.kind,
            workflow=varied.workflow,
            parameter=varied.picture,
            values=dict(varied.values),
            inputs=varied.inputs,
            count=varied.count,
        ),
    )


ACTS: dict[Action, Callable[[Interaction, JobId, str], Awaitable[None]]] = {
    Action.VARY: vary,
    Action.UPSCALE: upscale,
    Action.USE: use,
}


async def _which(interaction: Interaction, job: Job, action: Action, argument: str) -> int | None:
    """Return the number of the picture that is meant; None when the person was asked first."""
    pictures = sources.pictures_of(job)
    if argument.isdecimal() and int(argument) in pictures:
        return int(argument)
    if not pictures:
        raise UserError("This job has made no picture to go on from.")
    if len(pictures) == 1:
        return next(iter(pictures))
    await beside(interaction, _ask(interaction, job, action, pictures))
    return None


async def _ask(interaction: Interaction, job: Job, action: Action, pictures: dict[int, JobOutput]) -> Answer:
    lang = language(interaction)
    small = await _copies(interaction.client, job, dict(list(pictures.items())[:ENTRIES]))

    def custom_id(number: int | None, first: int) -> str:
        return f"job:pick:{job.id}:{action}" + (f".{number}" if number is not None else f"/{first}")

    sheet = await interaction.client.services.decoder.sheet(small, person=interaction.user.id)
    return picker(lang.t(QUESTIONS[action]), tuple(pictures), sheet, lang, custom_id, spoiler=job.spoiler)


async def _copies(bot: ComfyBot, job: Job, pictures: dict[int, JobOutput]) -> dict[int, Path]:
    """Return where copies of the pictures lie, of those that can be had soon."""

    async def copy(made: JobOutput) -> Path | None:
        try:
            return await fetched(bot, bot.services.jobs.fetch(made, job_id=job.id), within=SMALL_WITHIN)
        except (UserError, ComfyError, OSError) as error:
            log.info("no small picture of job %s: %s", job.id, error)
            return None

    paths = await asyncio.gather(*map(copy, pictures.values()))
    return {number: path for number, path in zip(pictures, paths, strict=True) if path is not None}


def _picture(job: Job, number: int | None) -> Picture:
    return Picture(
        source=JobPicture(job=job.id, ordinal=number or 0),
        prompt=str(job.values.get("prompt") or job.request.words),
        private=job.request.private,
        spoiler=job.spoiler,
        job=job.number,
        ordinal=number if len(sources.pictures_of(job)) > 1 else None,
        address=card_address(job),
    )
