"""One job's card kept up to date: paced while it runs, and whatever it takes once it has ended."""

import asyncio
import logging
from pathlib import Path

import discord

from bot.errors import UserError
from bot.jobs.model.job import Job, JobOutput, MessageRef
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.progress.latest_value import LatestValue
from bot.jobs.progress.progress import Snapshot
from bot.ui.delivery.contexts import CardContext
from bot.ui.delivery.ephemeral_state import EphemeralState
from bot.ui.delivery.late_edits import LateEdits
from bot.ui.delivery.progress_view import ProgressFace
from bot.ui.delivery.result_delivery import ResultDelivery
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.first_card import looked_for
from bot.ui.messages.message_api import Draft
from bot.ui.messages.pacing import growing

log = logging.getLogger(__name__)


class Renderer:
    """Shows one job from acceptance to delivery. The only place its card is edited from."""

    def __init__(self, job: Job, desk: CardContext, *, recovered: bool = False) -> None:
        """Make a renderer; `recovered` says that an earlier process may have begun to deliver."""
        self.job_id = job.id
        self._taken_up = job
        self._desk = desk
        self._recovered = recovered
        self._private = EphemeralState(job)
        self._belated = LateEdits(desk.clock, desk.pace.belated, recovered=recovered)
        self._delivery: ResultDelivery | None = None
        self._stopping = False
        self._ref = job.message
        self._ready = asyncio.Event()
        self._ended = asyncio.Event()
        self._news = asyncio.Event()
        self._newest: Snapshot | None = None
        self._face = ProgressFace(
            desk.language(job),
            self.fetch,
            desk.link,
            desk.clock,
            previews=desk.previews,
        )
        self._silent = False
        self._wanted = True
        self._token_dead = self._parting = False
        self._first_edit = desk.clock.monotonic()
        if job.message is not None and job.message.message_id is not None:
            self._ready.set()

    def opened(self, ref: MessageRef, *, drawn: bool) -> None:
        """Take the message that shows the job; a card already drawn there is left alone for a moment."""
        self._ref = ref
        if drawn:
            self._first_edit = self._desk.clock.monotonic() + self._desk.pace.first
        self._ready.set()

    def forget(self) -> None:
        """Touch the card no more: somebody who may has deleted it. What is being done now is let end."""
        self._wanted = False
        self._ended.set()
        self._news.set()

    def stop(self) -> None:
        """End soon: show that the bot restarts, or let the delivery that is under way end."""
        self._stopping = True
        if self._delivery is not None:
            self._delivery.stop()
        self._ready.set()
        self._ended.set()
        self._news.set()

    async def run(self) -> None:
        """Follow the job until the person has got the result."""
        for pause in growing(self._desk.pace.retry):
            try:
                await self._run()
            except UserError as error:
                log.info("job %s: not shown any more: %s", self.job_id, error)
            except StoreUnavailable as error:
                log.warning("job %s is shown when the database works again: %s", self.job_id, error)
                await asyncio.sleep(pause)
                continue
            return

    async def _run(self) -> None:
        async with self._desk.jobs.watch(self.job_id) as cell, asyncio.TaskGroup() as group:
            following = group.create_task(self._follow(cell))
            await self._opened()
            parting = group.create_task(self._part())
            while not self._ended.is_set():
                await self._turn()
                if self._ended.is_set() or self._newest is None:
                    break
                await self._edit_while_it_lasts(group, self._newest)
            following.cancel()
            parting.cancel()
        snapshot = self._newest or await self._desk.jobs.snapshot(self.job_id)
        if not self._wanted:
            return
        if snapshot.job.state.is_final:
            await self._finish(snapshot)
        elif self._stopping:
            await self._progress(snapshot)

    async def _follow(self, cell: LatestValue[Snapshot]) -> None:
        try:
            while (snapshot := await cell.next()) is not None:
                self._newest = snapshot
                self._news.set()
                if snapshot.job.state.is_final:
                    return
        finally:
            self._ended.set()
            self._news.set()

    async def _opened(self) -> None:
        try:
            async with asyncio.timeout(self._desk.pace.opening):
                await self._ready.wait()
        except TimeoutError:
            log.info("job %s: nobody heard that its first card was shown", self.job_id)
            desk, seconds = self._desk, self._desk.pace.progress
            self._ref = await looked_for(desk.routes, desk.jobs, self._ref, self._taken_up, seconds=seconds)

    async def _part(self) -> None:
        """Let a private card say that it changes no more, while its token still lives."""
        ref = self._ref
        if ref is None or not ref.ephemeral:
            return
        left = (
            ref.token_expires
            - self._desk.pace.token_margin
            - self._desk.pace.parting
            - self._desk.clock.now()
        )
        if left > 0:
            await asyncio.sleep(left)
            self._parting = True
            self._news.set()

    async def _turn(self) -> None:
        """Wait until there is something new and the channel has room, or the job has ended."""
        await self._news.wait()
        self._news.clear()
        wait = max(0.0, self._first_edit - self._desk.clock.monotonic())
        if self._ref is not None:
            wait = max(wait, self._desk.budget.book(self._ref.channel_id))
        try:
            async with asyncio.timeout(wait):
                await self._ended.wait()
        except TimeoutError:
            self._news.clear()

    async def _edit_while_it_lasts(self, group: asyncio.TaskGroup, snapshot: Snapshot) -> None:
        """Edit, but let go of the edit soon after the job has ended: the final one must not wait behind it."""
        editing = group.create_task(self._progress(snapshot))
        ending = group.create_task(self._ended.wait())
        await asyncio.wait({editing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not editing.done():
            await asyncio.wait({editing}, timeout=self._desk.pace.grace)
            editing.cancel()
        ending.cancel()

    async def _progress(self, snapshot: Snapshot) -> None:
        if self._silent or self._ref is None:
            return
        try:
            await self._show_progress(self._ref, snapshot)
        except DeliveryError as failure:
            self._learn(failure)
        except Exception:
            log.exception("job %s: progress not shown", self.job_id)
            self._silent = True

    async def _show_progress(self, ref: MessageRef, snapshot: Snapshot) -> None:
        if self._desk.clock.now() - snapshot.job.created_at > self._desk.pace.old:
            self._silent = True
            return
        draft = await self._face.draft(
            snapshot, limit=self._most(), restarting=self._stopping, parting=self._parting
        )
        if draft is not None:
            with self._belated.editing(), self._private.editing(ref, self._face.shows):
                attached = await self._edit(ref, draft)
            self._face.stands(attached)

    def _most(self) -> int:
        guild_id = self._taken_up.request.requester.guild_id
        if self._ref is not None and self.token_alive(self._ref):
            return self._desk.routes.limit_by_token(self._ref, guild_id)
        return self._desk.routes.limit(guild_id)

    async def _edit(self, ref: MessageRef, draft: Draft) -> list[discord.Attachment]:
        if self.token_alive(ref):
            return await self._desk.routes.edit_by_token(ref, draft, seconds=self._desk.pace.progress)
        if ref.ephemeral:
            self._silent = True
            raise DeliveryError(DeliveryErrorKind.TOKEN, "a private card can no longer be edited")
        return await self._desk.routes.edit_as_bot(ref, draft, seconds=self._desk.pace.progress)

    def token_alive(self, ref: MessageRef) -> bool:
        """Whether the interaction's token may still be used, with a margin for the time an edit takes."""
        left = ref.token_expires - self._desk.clock.now()
        return ref.token is not None and not self._token_dead and left > self._desk.pace.token_margin

    def _learn(self, failure: DeliveryError) -> None:
        log.info("job %s: progress not shown: %s %s", self.job_id, failure.fault, failure)
        self._face.unknown()
        if failure.fault is DeliveryErrorKind.TOKEN:
            self._token_dead = True
        elif failure.fault is DeliveryErrorKind.WORDS and not self._face.plain:
            self._face.plain = True
        elif failure.fault is not DeliveryErrorKind.LATER:
            self._silent = True

    async def fetch(self, output: JobOutput) -> Path:
        """Return where an output's bytes lie."""
        return await self._desk.jobs.fetch(output, job_id=self.job_id)

    async def _finish(self, snapshot: Snapshot) -> None:
        delivery = self._delivery = ResultDelivery(
            self._desk.context(snapshot.job, self._face.lang),
            snapshot,
            self._ref,
            link=self._desk.link,
            smaller=self._desk.smaller,
            kept=self._face.kept,
            token_dead=self._token_dead,
            plain=self._face.plain,
            wanted=lambda: self._wanted,
            private=self._private,
            belated=self._belated,
            recovered=self._recovered,
        )
        if self._stopping:
            delivery.stop()
        if self._ref is not None:
            self._desk.budget.note(self._ref.channel_id)
        # Nothing of the pictures that were growing is held while ways are tried, perhaps for hours.
        self._face.unknown()
        await delivery.run()
