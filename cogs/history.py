"""/history: what was made, with pictures; private jobs only to their owner, other servers' jobs never."""

import asyncio
import io
import logging
from dataclasses import replace
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import ComfyBot
from bot.comfy import ComfyError, FileRef, OutputKind
from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.job import Job, JobOutput
from bot.jobs.ports import HistoryQuery
from bot.jobs.request import JobId
from bot.ui.card import card, further_card
from bot.ui.listing.history import SIZE, HistoryPage, history_view, title_of, with_way_back
from bot.ui.listing.sheet import clamp
from bot.ui.listing.titles import titled
from bot.ui.media import Page, emptied, hasty, pages
from bot.ui.people import place_of
from bot.ui.pressing import Answer, Control, fetched, ids, numbered, permit, present
from bot.ui.replies import language
from bot.ui.routes import Draft
from bot.ui.shown import Shown
from bot.ui.suggestions import MOST, fitting
from bot.ui.thumbnails import thumbnail

log = logging.getLogger(__name__)

SMALLER_WITHIN = 3.0
"""Seconds in all after which files too large for Discord are named rather than made smaller."""
THUMBNAILS_WITHIN = 4.0
"""Seconds in all after which a page is shown without the small pictures that are still missing."""


class HistoryControl(Control, template=ids("history", "page", "refresh", "back", "show")):
    """Turns pages, and goes to one job and back."""

    async def used(self, interaction: discord.Interaction[ComfyBot]) -> None:
        """Show what was asked for."""
        await permit(interaction)
        page, user = numbered(self.argument)
        user_id = int(user) if user.isdecimal() else interaction.user.id
        if self.action == "show":
            await present(interaction, _one(interaction, self.chosen, page, user_id))
        else:
            await present(interaction, _list(interaction, user_id, page))


class History(commands.Cog):
    """Shows what was made in this server."""

    @app_commands.command(name="history", description="See what you or others have made here")
    @app_commands.describe(user="Whose: without this, yours", job="One job: choose it, or type its number")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def history(
        self,
        interaction: discord.Interaction[ComfyBot],
        user: discord.User | None = None,
        job: str | None = None,
    ) -> None:
        """Answer with a page of jobs, or with one."""
        await permit(interaction)
        user_id = user.id if user is not None else interaction.user.id
        if job is not None and job.strip():
            await present(interaction, _one(interaction, job.strip(), 0, user_id))
        else:
            await present(interaction, _list(interaction, user_id, 0))

    @history.autocomplete("job")
    async def jobs(
        self, interaction: discord.Interaction[ComfyBot], current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the newest jobs of the person asked about."""
        user = getattr(interaction.namespace, "user", None)
        user_id = user.id if user is not None else interaction.user.id
        query = HistoryQuery(
            viewer=interaction.user.id, guild_id=interaction.guild_id, user_id=user_id, limit=2 * MOST
        )
        services = interaction.client.services
        found = await services.jobs.history(query)
        lang, library = language(interaction), services.library
        candidates = [
            (title_of(titled(job, library, lang), lang, hidden=_hidden(interaction, job)), str(job.id))
            for job in found.jobs
        ]
        return fitting(current, candidates)


async def _list(interaction: discord.Interaction[ComfyBot], user_id: int, page: int) -> Answer:
    bot = interaction.client
    query = HistoryQuery(
        viewer=interaction.user.id,
        guild_id=interaction.guild_id,
        user_id=user_id,
        offset=page * SIZE,
        limit=SIZE,
    )
    found = await bot.services.jobs.history(query)
    if page and not found.jobs:
        # Jobs were deleted since the page was turned: go to the last one there is.
        return await _list(interaction, user_id, clamp(page, found.total, SIZE))
    hidden = frozenset(job.id for job in found.jobs if _hidden(interaction, job))
    pictures = await _thumbnails(bot, [job for job in found.jobs if job.id not in hidden])
    lang = language(interaction)
    history = HistoryPage(
        user_id=user_id,
        own=user_id == interaction.user.id,
        page=page,
        total=found.total,
        jobs=tuple(titled(job, bot.services.library, lang) for job in found.jobs),
        hidden=hidden,
        thumbnails={job_id: f"{job_id}.webp" for job_id in pictures},
    )
    files = tuple(discord.File(io.BytesIO(data), f"{job_id}.webp") for job_id, data in pictures.items())
    return Answer(history_view(history, lang), files)


async def _one(interaction: discord.Interaction[ComfyBot], key: str, page: int, user_id: int) -> Answer:
    bot = interaction.client
    services = bot.services
    job = await services.jobs.find(key)
    if job is None or not _visible(interaction, job):
        raise UserError("I do not know that job. Choose one from the list that opens as you type.")
    if _hidden(interaction, job):
        raise UserError("This job can be shown in age-restricted channels only.")
    lang = language(interaction)
    snapshot = await services.jobs.snapshot(job.id)
    snapshot = replace(snapshot, job=titled(snapshot.job, services.library, lang))
    made = await _files(bot, job, interaction.filesize_limit)
    now = services.clock.now()

    def drawn(shown: Shown) -> discord.ui.LayoutView:
        return with_way_back(card(snapshot, lang, shown, now=now), job, page, user_id, lang)

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
        lang.t("The files cannot be had at the moment. Please look again in a few minutes.")
    )


def _visible(interaction: discord.Interaction[ComfyBot], job: Job) -> bool:
    requester = job.request.requester
    return requester.guild_id == interaction.guild_id and (
        requester.user_id == interaction.user.id or not job.request.private
    )


def _hidden(interaction: discord.Interaction[ComfyBot], job: Job) -> bool:
    """Whether the job belongs into age-restricted channels, and this is none."""
    if place_of(interaction).nsfw:
        return False
    channel = interaction.client.get_channel(job.request.requester.channel_id)
    if isinstance(channel, discord.TextChannel | discord.VoiceChannel | discord.Thread) and channel.is_nsfw():
        return True
    workflow = interaction.client.services.library.find(job.request.workflow)
    # Where the workflow was removed, the channel is all that is known.
    return workflow is not None and workflow.nsfw


async def _thumbnails(bot: ComfyBot, jobs: list[Job]) -> dict[JobId, bytes]:
    pictures = await asyncio.gather(*(_thumbnail(bot, job) for job in jobs))
    return {job.id: picture for job, picture in zip(jobs, pictures, strict=True) if picture is not None}


async def _thumbnail(bot: ComfyBot, job: Job) -> bytes | None:
    output = next((made for made in job.outputs if made.output.kind is OutputKind.IMAGE), None)
    if output is None:
        return None

    async def make(output: JobOutput) -> bytes | None:
        return await thumbnail(await bot.services.jobs.fetch(output, job_id=job.id))

    try:
        return await fetched(bot, make(output), within=THUMBNAILS_WITHIN)
    except (ComfyError, UserError, OSError) as error:
        log.info("no thumbnail of job %s: %s", job.id, error)
        return None


async def _files(bot: ComfyBot, job: Job, limit: int) -> tuple[Page, ...] | None:
    """Return the job's outputs, message by message; None if the server does not give them in time."""
    services = bot.services

    def link(ref: FileRef) -> str | None:
        base = services.comfyui.public_url
        return services.fleet.servers[0].client.view_url(ref, base=base) if base else None

    async def fetch(output: JobOutput):
        return await services.jobs.fetch(output, job_id=job.id)

    try:
        smaller = hasty(services.smaller, SMALLER_WITHIN)
        asking = pages(job, job.outputs, fetch=fetch, link=link, limit=limit, smaller=smaller)
        return await fetched(bot, asking)
    except (ComfyError, UserError) as error:
        log.info("no files of job %s: %s", job.id, error)
        return None


async def setup(bot: ComfyBot) -> None:
    """Add the cog and its controls."""
    bot.add_dynamic_items(HistoryControl)
    await bot.add_cog(History())
