"""Shows every job: one renderer for each that was accepted or recovered, and none for any other."""

import asyncio
import logging

from bot.client import ComfyBot
from bot.comfy import Fleet
from bot.i18n import Language, language_for
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.leftover import LeftoverStore
from bot.jobs.model.request import JobId
from bot.jobs.service import JobService
from bot.observe import Counters
from bot.runtime import Clock, Spawn
from bot.ui.cards.links import output_links
from bot.ui.delivery.contexts import CardContext
from bot.ui.delivery.deletions import Deletions
from bot.ui.delivery.renderer import Renderer
from bot.ui.messages.media import Smaller, nothing_smaller
from bot.ui.messages.message_api import MessageApi
from bot.ui.messages.orphaned_messages import OrphanedMessages
from bot.ui.messages.pacing import ChannelBudget, Pace, growing

log = logging.getLogger(__name__)


class Delivery:
    """The only editor of cards."""

    def __init__(
        self,
        bot: ComfyBot,
        *,
        jobs: JobService,
        fleet: Fleet,
        spawn: Spawn,
        clock: Clock,
        public_url: str | None = None,
        pace: Pace | None = None,
        leftovers: LeftoverStore,
        smaller: Smaller = nothing_smaller,
        counters: Counters | None = None,
        previews: bool = True,
    ) -> None:
        pace = pace or Pace()
        routes = MessageApi(bot)
        self._bot = bot
        self._spawn = spawn
        self._leftovers = OrphanedMessages(
            routes, jobs, leftovers, pace=pace, clock=clock, spawn=spawn, language=self._language
        )
        self._desk = CardContext(
            jobs=jobs,
            routes=routes,
            budget=ChannelBudget(pace.gap, clock),
            pace=pace,
            clock=clock,
            counters=counters or Counters(),
            leftovers=self._leftovers,
            link=output_links(fleet, public_url),
            smaller=smaller,
            previews=previews,
            language=self._language,
        )
        self._deletions = Deletions(
            self._desk,
            spawn,
            is_shown=lambda job_id: job_id in self._renderers,
            show_again=self._show_again,
            guild_name=self._guild_name,
        )
        self._began = clock.now()
        self._renderers: dict[JobId, Renderer] = {}
        self._empty = asyncio.Event()
        self._draining = False
        jobs.on_accepted(self.show)

    def _language(self, job: Job) -> Language:
        """Return the one its owner has set since, else the one it was asked for in."""
        requester = job.request.requester
        return language_for(self._bot.services.profiles.language(requester.user_id), requester.locale)

    async def recover(self) -> None:
        """Clear up what earlier processes left behind, and end the deletions they began."""
        await self._leftovers.recover()
        await self._deletions.recover()

    @property
    def showing(self) -> tuple[JobId, ...]:
        """The jobs whose cards are being kept up to date."""
        return tuple(self._renderers)

    def show(self, job: Job) -> None:
        """Keep this job's card up to date until it is delivered; asked twice, once is enough."""
        if job.id in self._renderers:
            return
        self._take_up(job, recovered=job.created_at < self._began)
        self._spawn(self._render(job.id), name=f"card {job.id}")

    def _take_up(self, job: Job, *, recovered: bool) -> None:
        renderer = self._renderers[job.id] = Renderer(job, self._desk, recovered=recovered)
        if self._draining:
            renderer.stop()

    def opened(self, job_id: JobId, message: MessageRef, *, drawn: bool) -> None:
        """Say where this job is shown, and whether the message shows its card already."""
        if job_id in self._renderers:
            self._renderers[job_id].opened(message, drawn=drawn)

    async def delete(self, job: Job, *, by: int) -> Job | None:
        """Delete a job so that it can be taken back for a minute; None, and nothing, where its card cannot say so."""
        return await self._deletions.delete(job, by=by)

    async def delete_at_once(self, job: Job, *, by: int) -> None:
        """Delete a job for good."""
        await self._deletions.delete_at_once(job, by=by)
        if job.id in self._renderers:
            self._renderers[job.id].forget()

    async def undelete(self, job_id: JobId) -> Job:
        """Take back that a job was deleted; its messages are filled again."""
        return await self._deletions.undo(job_id)

    def _show_again(self, job: Job) -> None:
        """Deliver a job once more, whose messages are as an earlier process might have left them."""
        if job.id not in self._renderers:
            self._take_up(job, recovered=True)
            self._spawn(self._render(job.id), name=f"card {job.id}")

    def _guild_name(self, guild_id: int | None) -> str | None:
        guild = self._bot.get_guild(guild_id) if guild_id is not None else None
        return guild.name if guild is not None else None

    async def drain(self) -> None:
        """Tell everybody who waits that the bot restarts, and let the edits under way end.

        Whoever calls bounds the time; what is not delivered then is delivered after the next start.
        """
        self._draining = True
        for renderer in self._renderers.values():
            renderer.stop()
        while self._renderers:
            self._empty.clear()
            await self._empty.wait()

    async def _render(self, job_id: JobId) -> None:
        failed = False
        try:
            for pause in growing(self._desk.pace.retry):
                try:
                    if not failed or await self._begun_anew(job_id):
                        await self._renderers[job_id].run()
                except Exception:
                    log.exception("job %s: something unexpected; it is taken up anew", job_id)
                else:
                    return
                failed = True
                await asyncio.sleep(pause)
        finally:
            self._renderers.pop(job_id, None)
            self._empty.set()
            self._desk.budget.tidy()

    async def _begun_anew(self, job_id: JobId) -> bool:
        """Begin as the next start would, which looks for what was posted before; False where nothing is left to do."""
        job = await self._desk.jobs.find(job_id)
        if self._draining or job is None or job.delivered_at is not None:
            return False
        self._take_up(job, recovered=True)
        return True
