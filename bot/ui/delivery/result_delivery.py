"""The last edit of a card: by whatever route is left, again and again, until the person has got the result."""

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import discord

from bot.errors import UserError
from bot.jobs.model.job import MessageRef
from bot.jobs.progress.progress import Snapshot
from bot.ui.delivery.contexts import DeliveryContext
from bot.ui.delivery.editor import CardEditor
from bot.ui.delivery.ephemeral_state import EphemeralState
from bot.ui.delivery.extra_messages import ExtraMessages
from bot.ui.delivery.late_edits import LateEdits
from bot.ui.delivery.placeholders import CARD, Placeholders
from bot.ui.delivery.route_selector import RouteSelector
from bot.ui.delivery.sizes import SizeLadder
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.media import Link, Made, Page, Smaller, beyond, nothing_smaller
from bot.ui.messages.pacing import Stopping, growing

log = logging.getLogger(__name__)

TOLD_AFTER = 3
"""After so many bad moments on the way of further files the person is told which are still to come."""


class ResultDelivery:
    """Delivers one ended job: token, then the bot's own edit, then a new message, then a direct one.

    A private job never reaches the channel, nor does one whose card somebody deleted there. Words that a server's filter stops are left out, files that are refused
    are made smaller, a bad moment of Discord's is waited out.
    """

    def __init__(
        self,
        context: DeliveryContext,
        snapshot: Snapshot,
        ref: MessageRef | None,
        *,
        link: Link,
        kept: Mapping[Made | None, discord.Attachment],
        token_dead: bool,
        plain: bool,
        wanted: Callable[[], bool],
        smaller: Smaller = nothing_smaller,
        private: EphemeralState,
        belated: LateEdits,
        recovered: bool = False,
    ) -> None:
        """Make a delivery; an earlier process may have posted for it (`recovered`)."""
        self._context = context
        self._snapshot = snapshot
        self._job = context.job
        self._pace = context.pace
        self._ref = ref
        self._wanted = wanted
        self._fetch_until = context.clock.monotonic() + context.pace.fetch
        self._way = ""
        self._selector = RouteSelector(context, token_dead=token_dead)
        self._sizes = SizeLadder(context, snapshot, link, smaller)
        self._plain = plain
        self._stopping = Stopping()
        self._belated = belated
        self._unsure = belated.left > 0
        self._hitches = 0
        self._parts: tuple[Page, ...] = ()
        self._missing: tuple[str, ...] = ()
        self._places = Placeholders(context, doubtful=recovered, turn_away=self._turn_away)
        self._private = private
        if not self._selector.can_edit(ref):
            private.lost()
        self._editor = CardEditor(context, snapshot, self._selector, private, kept)
        self._extra_messages = ExtraMessages(context, self._places)

    async def run(self) -> None:
        """Return once the result is delivered, or certain not to be deliverable at all, or not wanted any more.

        Raises `UserError` when the job itself was removed meanwhile.
        """
        pauses = growing(self._pace.retry)
        while self._wanted():
            try:
                ref = await self._through_any_route()
            except DeliveryError as failure:
                pause = failure.retry_after or next(pauses)
                log.warning(
                    "job %s: result not delivered yet (%s), again in %.0f s", self._job.id, failure, pause
                )
                if await self._stopping.within(pause):
                    return
            else:
                await self._bring_the_rest()
                if ref is not None or self._wanted():
                    await self._note(ref)
                return

    def _next_way(self) -> str | None:
        held = self._private.holds(self._ref)
        return self._selector.next(self._ref, suits_the_bot=self._sizes.suits_the_bot, held=held)

    def stop(self) -> None:
        """Let the attempt under way end, and begin no other; the next start goes on."""
        self._stopping.set()

    async def _bring_the_rest(self) -> None:
        """Try ever more slowly what no way was open for; the card itself is left as it is until all has come."""
        slow, quick = growing(self._pace.rest), growing(self._pace.retry)
        pause = next(slow)
        while self._missing and self._wanted() and not self._context.late:
            if await self._stopping.within(pause):
                return
            try:
                await self._bring_more()
            except DeliveryError as failure:
                pause = failure.retry_after or next(quick)
                log.warning(
                    "job %s: not all delivered yet (%s), again in %.0f s", self._job.id, failure, pause
                )
            else:
                pause, quick = next(slow), growing(self._pace.retry)

    async def _bring_more(self) -> None:
        ref = self._ref
        if ref is None:
            return
        self._extra_messages.try_closed_ways()
        try:
            missing = await self._extra_messages.deliver(self._parts, ref, plain=self._plain)
        except DeliveryError as failure:
            if failure.fault is DeliveryErrorKind.WORDS:
                self._plain = True
            elif failure.fault is DeliveryErrorKind.SIZE and self._sizes.refuse():
                smaller = await self._sizes.pages(ref, by_token=False, plain=self._plain)
                self._parts = beyond(self._parts[0], smaller)
            raise
        if not missing:
            await self._editor.take_back(ref, self._parts[0], plain=self._plain)
        self._missing = missing

    async def _note(self, ref: MessageRef | None) -> None:
        """Store that it is delivered, unless something still has to be; the next start goes on with what is missing."""
        if self._missing and not self._context.late:
            self._context.counters.add("deliveries", way="partly")
            log.error("job %s: not delivered: %s", self._job.id, ", ".join(self._missing))
            return
        nothing_to_bring = self._context.known and not self._job.outputs
        reached = (ref is not None and not self._missing) or nothing_to_bring
        if not reached:
            log.warning("job %s: no way to the person is open; the result waits in /history", self._job.id)
        self._context.counters.add("deliveries", way=(self._way or "none") if reached else "history")
        if ref is not None:
            await self._context.leftovers.stays(ref)
        else:
            with contextlib.suppress(DeliveryError):
                await self._leave(self._ref)
        await self._context.jobs.delivered(self._job.id, reached=reached)

    async def _through_any_route(self) -> MessageRef | None:
        """Try every route that is left; raises `DeliveryError` with LATER when it is worth trying all again."""
        while (route := self._next_way()) is not None:
            try:
                self._way = route
                return await self._take(route)
            except DeliveryError as failure:
                if failure.fault is DeliveryErrorKind.LATER:
                    raise
                self._learn(route, failure)
                if not self._wanted():
                    break
            except UserError:
                raise
            except Exception as error:
                log.exception("job %s: route %s: something unexpected", self._job.id, route)
                if self._selector.surprised(route):
                    raise DeliveryError(
                        DeliveryErrorKind.LATER, f"unexpected {type(error).__name__}"
                    ) from error
        return None

    def _learn(self, route: str, failure: DeliveryError) -> None:
        log.info("job %s: route %s: %s %s", self._job.id, route, failure.fault, failure)
        self._private.lost()
        self._editor.forget()
        self._selector.tired = ""
        if failure.fault is DeliveryErrorKind.SIZE and self._sizes.refuse():
            return
        if failure.fault is DeliveryErrorKind.WORDS and not self._plain:
            self._plain = True
        else:
            self._selector.learn(route, failure.fault, self._ref)

    async def _take(self, route: str) -> MessageRef:
        ref = self._ref
        match route:
            case "token" | "bot" if ref is not None:
                await self._fill(ref, by_token=route == "token")
                await self._see_it_stand(ref, by_token=route == "token")
                return ref
            case "new":
                await self._leave(ref)
                fresh = await self._places.in_channel(CARD, 1)
            case _:
                await self._leave(ref)
                if self._selector.deleted:
                    await self._context.jobs.card_deleted(self._job.id)
                fresh = await self._places.direct(CARD, 1)
        if self._places.found:
            self._private.given_up()
        self._editor.forget()
        self._ref = fresh
        self._selector.moved(route)
        await self._fill(fresh, by_token=False)
        return fresh

    async def _turn_away(self) -> None:
        if self._private.turned_away():
            await self._context.jobs.files_astray(self._job.id, CARD)

    async def _leave(self, ref: MessageRef | None) -> None:
        """Let the message that could not be filled go: a placeholder disappears, a card shows how its job ended.

        That is committed before another takes its place: an edit that failed may have put files there all the same.
        """
        if ref is not None and not self._selector.gone:
            # Only the answer to a command has, or had, a token; everything else was posted to be filled.
            await self._context.leftovers.leave(self._job, ref, remove=ref.token is None)

    async def _fill(self, ref: MessageRef, *, by_token: bool) -> None:
        """Put the final card into a message, and everything the job made into it and further ones."""
        parts = await self._sizes.pages(ref, by_token=by_token, plain=self._plain)
        first = parts[0] if ref.ephemeral else self._private.rest(parts[0])
        home = self._job.request.requester.channel_id
        if self._selector.deleted and ref.channel_id != home:
            first = replace(first, shown=replace(first.shown, deleted_in=home))
        self._parts = parts = (first, *parts[1:])
        if first.shown.later and self._context.clock.monotonic() < self._fetch_until:
            raise DeliveryError(DeliveryErrorKind.LATER, "the image server does not give the files now")
        show = partial(self._editor.show, ref, first, by_token=by_token, plain=self._plain)
        await show()
        try:
            missing = await self._extra_messages.deliver(parts, ref, plain=self._plain)
        except DeliveryError as failure:
            self._hitches += failure.fault is DeliveryErrorKind.LATER
            if self._hitches == TOLD_AFTER:
                await show(delayed=self._extra_messages.waiting(parts))
            raise
        self._missing = missing
        await show(missing=missing)

    async def _see_it_stand(self, ref: MessageRef, *, by_token: bool) -> None:
        """Make sure that no edit given up while the job ran takes the result's place; raises `DeliveryError` as an edit does."""
        if not self._unsure:
            return
        if self._belated.left and await self._stopping.within(self._belated.left):
            raise DeliveryError(DeliveryErrorKind.LATER, "stopped while an earlier edit might still come")
        await self._editor.check(ref, by_token=by_token)
        self._unsure = False
