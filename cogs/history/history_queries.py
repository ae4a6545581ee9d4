"""What was made before, looked up for one person: a page of jobs with their pictures, or one job whole."""

import asyncio
import io
import logging
from dataclasses import replace
from functools import partial
from pathlib import Path

import discord

from bot.client import ComfyBot
from bot.comfy import ComfyError, OutputKind
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.model.job import Job, JobOutput
from bot.jobs.model.ports import HistoryQuery
from bot.jobs.model.request import JobId
from bot.ui.cards.card import card, further_card
from bot.ui.cards.links import output_links
from bot.ui.cards.sheet import clamp
from bot.ui.cards.shown import Shown
from bot.ui.cards.titles import titled
from bot.ui.interactions.components import Answer, fetched
from bot.ui.interactions.people import place_of
from bot.ui.interactions.replies import language
from bot.ui.interactions.rights import seen_here, viewer_here
from bot.ui.messages.media import Page, emptied, hasty, pages
from bot.ui.messages.message_api import Draft
from bot.ui.requests.usable_workflows import usable
from cogs.history.filters import Filter
from cogs.history.view import HistoryPage, Where, history_view, with_way_back

log = logging.getLogger(__name__)

Interaction = discord.Interaction[ComfyBot]
LARGER = 384
"""Pixels of a side of a picture on a page of pictures."""
SMALLER_WITHIN = 3.0
"""Seconds in all after which files too large for Discord are named rather than made smaller."""
SIDE = 192
"""Pixels of a side of a picture beside a line."""
THUMBNAILS_WITHIN = 4.0
"""Seconds in all after which a page is shown without the small pictures that are still missing."""


async def listed(interaction: Interaction, where: Where, narrowed: Filter) -> Answer:
    """Return a page of jobs as this person may see them here."""
    bot = interaction.client
    services, lang = bot.services, language(interaction)
    viewer = await viewer_here(interaction)
    query = HistoryQuery(
        viewer=viewer.user_id,
        guild_id=viewer.guild_id,
        channels=viewer.channels,
        everything=viewer.everything,
        user_id=where.user_id or None,
        text=narrowed.text,
        workflows=narrowed.workflows,
        favourites=narrowed.favourites,
        since=narrowed.begins(services.clock.now()),
        offset=where.page * where.size,
        limit=where.size,
    )
    found = await services.jobs.history(query)
    if where.page and not found.jobs:
        # Jobs were deleted since the page was turned: go to the last one there is.
        page = clamp(where.page, found.total, where.size)
        return await listed(interaction, replace(where, page=page), narrowed)
    hidden = frozenset(job.id for job in found.jobs if hidden_here(interaction, job))
    shown = [job for job in found.jobs if job.id not in hidden]
    side = LARGER if where.pictures else SIDE
    pictures = await _thumbnails(bot, shown, side, interaction.user.id)
    history = HistoryPage(
        where=where,
        viewer=interaction.user.id,
        total=found.total,
        jobs=tuple(titled(job, services.library, lang) for job in found.jobs),
        hidden=hidden,
        thumbnails={job_id: f"{job_id}.webp" for job_id in pictures},
        filter=narrowed,
        workflows=[(each.name, each.title.in_(lang.code) or each.name) for each in await usable(interaction)],
    )
    files = tuple(discord.File(io.BytesIO(data), f"{job_id}.webp") for job_id, data in pictures.items())
    return Answer(history_view(history, lang), files)


async def one(interaction: Interaction, key: str, where: Where, narrowed: Filter) -> Answer:
    """Return one job whole, by its id or number; raises `UserError` where it may not be seen here."""
    bot = interaction.client
    services = bot.services
    job = await services.jobs.find(key)
    if job is None or not await seen_here(interaction, job):
        raise UserError("I cannot find that job. Choose one from the list that opens as you type.")
    if hidden_here(interaction, job):
        raise UserError("This job can be shown in age-restricted channels only.")
    lang = language(interaction)
    snapshot = await services.jobs.snapshot(job.id)
    snapshot = replace(snapshot, job=titled(snapshot.job, services.library, lang))
    made = await _files(bot, job, interaction.filesize_limit)
    now = services.clock.now()

    def drawn(shown: Shown) -> discord.ui.LayoutView:
        return with_way_back(card(snapshot, lang, shown, now=now), job, where, lang, narrowed)

    if made is None:
        return Answer(drawn(Shown()).add_item(_without_files(lang)))

    def further(number: int, part: Page) -> Answer:
        def shown(part: Page) -> discord.ui.LayoutView:
            return further_card(snapshot.job, lang, part.shown, page=number, pages=len(made or ()))

        view = shown(part)
        return Answer(view, tuple(Draft(view, (), part.uploads).files()), bare=shown(emptied(part)))

    view = drawn(made[0].shown)
    return Answer(
        view,
        tuple(Draft(view, (), made[0].uploads).files()),
        bare=drawn(emptied(made[0]).shown),
        more=tuple(partial(further, number, part) for number, part in enumerate(made[1:], start=2)),
    )


def _without_files(lang: Language) -> discord.ui.TextDisplay[discord.ui.LayoutView]:
    return discord.ui.TextDisplay(
        lang.t("The files are not available at the moment. Please look again in a few minutes.")
    )


def hidden_here(interaction: Interaction, job: Job) -> bool:
    """Whether the job belongs into age-restricted channels, and this is none."""
    if place_of(interaction).nsfw:
        return False
    if interaction.client.channels.is_nsfw(interaction.guild, job.request.requester.channel_id):
        return True
    workflow = interaction.client.services.library.find(job.request.workflow)
    # Where the workflow was removed, the channel is all that is known.
    return workflow is not None and workflow.nsfw


async def _thumbnails(bot: ComfyBot, jobs: list[Job], side: int, person: int) -> dict[JobId, bytes]:
    """Return small pictures of the jobs' first pictures, of those that can be had soon."""
    paths = await asyncio.gather(*(_first_picture(bot, job) for job in jobs))
    there = {job.id: path for job, path in zip(jobs, paths, strict=True) if path is not None}
    making = bot.services.decoder.small(tuple(there.values()), side, person=person)
    try:
        small = await fetched(bot, making, within=THUMBNAILS_WITHIN)
    except UserError:
        log.info("no thumbnails in time for user %s", person)
        return {}
    return {job_id: data for job_id, data in zip(there, small, strict=True) if data is not None}


async def _first_picture(bot: ComfyBot, job: Job) -> Path | None:
    output = next((made for made in job.outputs if made.output.kind is OutputKind.IMAGE), None)
    if output is None:
        return None
    try:
        return await fetched(bot, bot.services.jobs.fetch(output, job_id=job.id), within=THUMBNAILS_WITHIN)
    except (ComfyError, UserError, OSError) as error:
        log.info("no thumbnail of job %s: %s", job.id, error)
        return None


async def _files(bot: ComfyBot, job: Job, limit: int) -> tuple[Page, ...] | None:
    """Return the job's outputs, message by message; None if the server does not give them in time."""
    services = bot.services
    link = output_links(services.fleet, services.comfyui.public_url)

    async def fetch(output: JobOutput):
        return await services.jobs.fetch(output, job_id=job.id)

    try:
        smaller = hasty(services.smaller, SMALLER_WITHIN)
        asking = pages(job, job.outputs, fetch=fetch, link=link, limit=limit, smaller=smaller)
        return await fetched(bot, asking)
    except (ComfyError, UserError) as error:
        log.info("no files of job %s: %s", job.id, error)
        return None
