"""Deleted jobs: their files go from Discord at once, they themselves a minute later unless that is taken back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Any

import discord

from bot.i18n import Language
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.request import JobId
from bot.jobs.retry_write import retry_write
from bot.runtime import Spawn
from bot.ui.cards.buttons import UNDO, Action, job_button
from bot.ui.cards.card import note_card, title_of
from bot.ui.cards.words import escape, moment
from bot.ui.delivery.contexts import CardContext
from bot.ui.delivery_errors import GONE, DeliveryError, DeliveryErrorKind
from bot.ui.messages.message_api import Draft
from bot.ui.messages.pacing import growing

log = logging.getLogger(__name__)

TRIES = 8
"""How often a message is tried to be changed or removed before it is left to whoever clears up later."""


class Deletions:
    """Carries deletions out. Each is stored before anything is removed, so that another process can end it."""

    def __init__(
        self,
        desk: CardContext,
        spawn: Spawn,
        *,
        is_shown: Callable[[JobId], bool],
        show_again: Callable[[Job], None],
        guild_name: Callable[[int | None], str | None],
    ) -> None:
        """Make it; `is_shown` tells whether somebody still changes a job's messages."""
        self._desk = desk
        self._spawn = spawn
        self._is_shown = is_shown
        self._show_again = show_again
        self._guild_name = guild_name
        self._under_way: dict[JobId, asyncio.Task[None]] = {}

    async def recover(self) -> None:
        """Go on with what an earlier process began."""
        for job in await self._desk.jobs.being_deleted():
            self._begin(job)

    async def delete(self, job: Job, *, by: int) -> Job | None:
        """Take a job's files out of its messages, which say who did that, and let it be taken back for a minute.

        Returns None, and changes nothing, where the card cannot be changed so. Raises `UserError` for a job that has
        not ended or is deleted already.
        """
        if not self._can_be_changed(job):
            return None
        job = await self._desk.jobs.delete(job.id, by=by, seconds=self._desk.pace.undo)
        try:
            await self._empty(job, job.message)
        except DeliveryError as failure:
            log.info("job %s: its card is not changed: %s", job.id, failure)
            if failure.fault is not DeliveryErrorKind.LATER:
                await self._desk.jobs.keep(job.id)
                return None
            self._begin(job)
        else:
            self._begin(job, emptied=True)
        return job

    async def delete_at_once(self, job: Job, *, by: int) -> None:
        """Remove a job with its messages and files; raises `UserError` like `delete`."""
        job = await self._desk.jobs.delete(job.id, by=by, seconds=0.0)
        self._begin(job)

    async def undo(self, job_id: JobId) -> Job:
        """Bring a job back as it was; raises `UserError` when it is too late."""
        job = await self._desk.jobs.undelete(job_id)
        if (task := self._under_way.pop(job_id, None)) is not None:
            task.cancel()
            # An edit that empties a message must not come after the one that fills it again.
            await asyncio.wait({task})
        self._show_again(job)
        return job

    def _can_be_changed(self, job: Job) -> bool:
        card = job.message
        if card is None or card.message_id is None or job.delivered_at is None or self._is_shown(job.id):
            return False
        return not card.ephemeral or self._token_lives(card, self._desk.pace.undo)

    def _token_lives(self, ref: MessageRef, seconds: float = 0.0) -> bool:
        left = ref.token_expires - self._desk.clock.now() - self._desk.pace.token_margin
        return ref.token is not None and left > seconds

    def _begin(self, job: Job, *, emptied: bool = False) -> None:
        """Go on with it; `emptied` says that the card shows nothing any more."""
        if job.id not in self._under_way:
            refs = [*(() if emptied else (job.message,)), *job.parts.values()]
            name = f"deletion of job {job.number}"
            self._under_way[job.id] = self._spawn(self._submit_request(job, refs), name=name)

    async def _submit_request(self, job: Job, refs: Sequence[MessageRef | None]) -> None:
        """Empty these messages, wait until it is too late to take that back, and remove everything."""
        try:
            if self._left(job) > 0:
                for ref in refs:
                    # It may have been taken back before this began.
                    if not await self._is_deleted(job):
                        return
                    await self._tried(job, ref, lambda ref=ref: self._empty(job, ref))
                await asyncio.sleep(max(0.0, self._left(job)))
            if not await self._desk.jobs.condemn(job.id):
                return
            for ref in (job.message, *job.parts.values()):
                await self._remove(job, ref)
            await self._tell_owner(job)
            await self._forget(job)
        finally:
            if self._under_way.get(job.id) is asyncio.current_task():
                del self._under_way[job.id]

    def _left(self, job: Job) -> float:
        """Return for how many seconds it may still be taken back."""
        return job.deletion.until - self._desk.clock.now() if job.deletion is not None else 0.0

    async def _empty(self, job: Job, ref: MessageRef | None) -> None:
        """Leave nothing in a message but that the job was deleted, and on the card the way back; raises `DeliveryError`."""
        if ref is None or ref.message_id is None:
            return
        view = deleted_card(job, self._desk.language(job), undo=ref is job.message)
        await self._by_any_token(
            ref,
            lambda: self._desk.routes.edit_by_token(ref, Draft(view), seconds=self._desk.pace.progress),
            lambda: self._desk.routes.edit_as_bot(ref, Draft(view), seconds=self._desk.pace.progress),
        )

    async def _by_any_token(
        self, ref: MessageRef, by_token: Callable[[], Awaitable[Any]], as_bot: Callable[[], Awaitable[Any]]
    ) -> None:
        if self._token_lives(ref) or ref.ephemeral:
            try:
                await by_token()
            except DeliveryError as failure:
                if ref.ephemeral or failure.fault is not DeliveryErrorKind.TOKEN:
                    raise
            else:
                return
        await as_bot()

    async def _tried(
        self, job: Job, ref: MessageRef | None, act: Callable[[], Awaitable[None]]
    ) -> DeliveryErrorKind | None:
        """Do something with a message, again and again while Discord has a bad moment; returns what is in the way."""
        fault: DeliveryErrorKind | None = None
        for pause in islice(growing(self._desk.pace.retry), TRIES):
            try:
                await act()
            except DeliveryError as failure:
                log.info("job %s: message %s: %s", job.id, ref and ref.message_id, failure)
                fault = failure.fault
                if fault is not DeliveryErrorKind.LATER:
                    return fault
                await asyncio.sleep(failure.retry_after or pause)
            else:
                return None
        return fault

    async def _remove(self, job: Job, ref: MessageRef | None) -> None:
        if ref is None or ref.message_id is None:
            return
        routes, seconds = self._desk.routes, self._desk.pace.progress
        fault = await self._tried(
            job,
            ref,
            lambda: self._by_any_token(
                ref,
                lambda: routes.delete(ref, seconds=seconds, by_token=True),
                lambda: routes.delete(ref, seconds=seconds),
            ),
        )
        if fault is not None and fault not in GONE:
            await self._desk.leftovers.leave(job, ref, remove=True)

    async def _tell_owner(self, job: Job) -> None:
        """Tell the person who asked for a job, and nobody else, that somebody else deleted it; without its words."""
        owner = job.request.requester.user_id
        if job.deletion is None or job.deletion.by == owner:
            return
        text = _farewell(job, self._guild_name(job.request.requester.guild_id), self._desk.language(job))
        routes, seconds = self._desk.routes, self._desk.pace.progress

        async def tell() -> None:
            channel_id = await routes.direct_channel(owner, seconds=seconds)
            # The same for every attempt, so that nobody is told twice where only the answer was lost.
            await routes.send(
                channel_id, note_card(text), nonce=f"gone-{job.id}", mention=None, seconds=seconds
            )

        await self._tried(job, None, tell)

    async def _is_deleted(self, job: Job) -> bool:
        async def asked() -> bool:
            return await self._desk.jobs.deletion(job.id) is not None

        return await retry_write(
            asked, growing(self._desk.pace.retry), f"whether job {job.number} is deleted"
        )

    async def _forget(self, job: Job) -> None:
        async def forget() -> None:
            if await self._desk.jobs.deletion(job.id) is not None:
                await self._desk.jobs.forget(job.id)

        await retry_write(forget, growing(self._desk.pace.retry), f"the end of job {job.number}")
        log.info("job %s deleted by %s", job.number, job.deletion and job.deletion.by)


def deleted_card(job: Job, lang: Language, *, undo: bool) -> discord.ui.LayoutView:
    """Draw what is left of a deleted job's message: who deleted it, and the way back where `undo` says so."""
    by, until = (job.deletion.by, job.deletion.until) if job.deletion is not None else (0, 0.0)
    if not undo:
        return note_card(f"{title_of(job)}\n{lang.t('🗑️ Deleted')}")
    said = lang.t("🗑️ Deleted by {person} · gone for good {time}", person=f"<@{by}>", time=moment(until))
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    row.add_item(job_button(Action.DELETE, job.id, argument=UNDO, label=lang.t("Undo")))
    return note_card(f"{title_of(job)}\n{said}").add_item(row)


def _farewell(job: Job, guild: str | None, lang: Language) -> str:
    if guild is None:
        return lang.t("🗑️ A moderator deleted your #{number}.", number=job.number)
    return lang.t(
        "🗑️ A moderator of **{server}** deleted your #{number}. If you think that was a mistake, please ask them.",
        server=escape(guild),
        number=job.number,
    )
