"""The further messages of a job that made more files than one message takes."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.jobs.model.job import MessageRef
from bot.ui.cards.card import further_card
from bot.ui.delivery.contexts import DeliveryContext
from bot.ui.delivery.ephemeral_state import EphemeralState
from bot.ui.delivery.placeholders import Placeholders
from bot.ui.delivery_errors import GONE, DeliveryError, DeliveryErrorKind
from bot.ui.messages.media import Page
from bot.ui.messages.message_api import DEFAULT_LIMIT, Draft

log = logging.getLogger(__name__)

MOST_POSTS = 3
"""How often one of the messages is posted at most, when somebody keeps deleting it."""

BY_TOKEN = frozenset({"token", "token instead", "edit by token"})
"""The ways that take an interaction's token."""


class ExtraMessages:
    """Fills messages 2, 3 … with what they are to show, each by whatever way is open."""

    def __init__(self, context: DeliveryContext, places: Placeholders) -> None:
        self._context = context
        self._job = context.job
        self._places = places
        self._refs = dict(context.job.parts)
        self._posts: dict[int, int] = {}
        self._filled: dict[int, tuple[int | None, Page, int]] = {}
        self._closed: set[str] = set()
        self._private: dict[int, EphemeralState] = {}
        self._home = context.job.request.requester.channel_id
        self._deleted: set[int] = set()
        """Messages that somebody deleted; what they held goes to the person directly."""

    async def deliver(self, pages: Sequence[Page], card: MessageRef, *, plain: bool) -> tuple[str, ...]:
        """Bring every page after the first to the person; returns the files no way is open for.

        Raises `DeliveryError` with LATER, SIZE or WORDS when it is worth doing again, with what that says changed.
        """
        missing: list[str] = []
        for number, page in enumerate(pages[1:], start=2):
            if not await self._bring(number, page, card, total=len(pages), plain=plain):
                missing += page.names
        for number in [number for number in self._refs if number > len(pages)]:
            await self._remove(number)
        return tuple(missing)

    def try_closed_ways(self) -> None:
        """Try every way again that was refused; time has passed."""
        self._closed.clear()

    def waiting(self, pages: Sequence[Page]) -> tuple[str, ...]:
        """Return the files of the pages that are not delivered yet."""
        return tuple(
            upload.name
            for number, page in enumerate(pages[1:], start=2)
            if number not in self._filled
            for upload in page.uploads
        )

    async def _bring(self, number: int, page: Page, card: MessageRef, *, total: int, plain: bool) -> bool:
        while True:
            ref = self._refs.get(number)
            if ref is not None and ref.ephemeral and not self._token_alive(ref):
                if self._filled.get(number) == (ref.message_id, page, total):
                    return True  # nobody could take it back: it is not sent again
                private = self._held_by(number)
                private.lost()
                if private.turned_away():
                    await self._context.jobs.files_astray(self._job.id, number)
                await self._forget(number)
            if (way := self._way(number, page, card)) is None:
                break
            try:
                await self._take(way, number, page, card, total=total, plain=plain)
            except DeliveryError as failure:
                if failure.fault in {DeliveryErrorKind.LATER, DeliveryErrorKind.SIZE} or (
                    failure.fault is DeliveryErrorKind.WORDS and not plain
                ):
                    raise
                await self._learn(way, number, failure)
            else:
                return True
        log.error("job %s: no way is open for part %d of %d", self._job.id, number, total)
        return False

    def _way(self, number: int, page: Page, card: MessageRef) -> str | None:
        ref = self._refs.get(number)
        if ref is not None:
            possible = {"edit by token": self._token_alive(ref), "edit": not ref.ephemeral}
        elif self._posts.get(number, 0) >= MOST_POSTS:
            return None
        elif number in self._deleted:
            possible = {"direct": True}
        else:
            large = any(upload.size > self._limit("channel", None) for upload in page.uploads)
            answers = self._token_alive(card)
            possible = {
                "token": answers and (self._job.request.private or large),
                "channel": not self._job.request.private and card.channel_id == self._home,
                "token instead": answers,
                "direct": True,
            }
        return next((way for way, is_open in possible.items() if is_open and way not in self._closed), None)

    async def _take(
        self, way: str, number: int, page: Page, card: MessageRef, *, total: int, plain: bool
    ) -> None:
        ref = self._refs.get(number)
        if ref is None:
            ref = self._refs[number] = await self._post(way, number, card, total=total)
            self._posts[number] = self._posts.get(number, 0) + 1
        way = "edit by token" if self._token_alive(ref) else "edit"
        private = self._held_by(number)
        page = page if ref.ephemeral else private.rest(page)
        if number in self._deleted:
            page = replace(page, shown=replace(page.shown, deleted_in=self._home))
        if self._filled.get(number) == (ref.message_id, page, total):
            return
        if any(upload.size > self._limit(way, ref) for upload in page.uploads):
            raise DeliveryError(DeliveryErrorKind.SIZE, f"part {number} is too large for this route")
        view = further_card(self._job, self._context.lang, page.shown, page=number, pages=total, plain=plain)
        draft = Draft(view, (), page.uploads)
        edit = (
            self._context.routes.edit_by_token if way == "edit by token" else self._context.routes.edit_as_bot
        )
        with private.editing(ref, (upload.made for upload in page.uploads)):
            await edit(ref, draft, seconds=self._context.pace.final)
        self._filled[number] = (ref.message_id, page, total)

    async def _post(self, way: str, number: int, card: MessageRef, *, total: int) -> MessageRef:
        match way:
            case "channel":
                return await self._places.in_channel(number, total)
            case "direct":
                return await self._places.direct(number, total)
            case _:
                return await self._places.by_token(number, total, card)

    async def _learn(self, way: str, number: int, failure: DeliveryError) -> None:
        log.warning("job %s: part %d: %s: %s %s", self._job.id, number, way, failure.fault, failure)
        ref = self._refs.get(number)
        if failure.fault is DeliveryErrorKind.TOKEN and way in BY_TOKEN:
            self._closed |= BY_TOKEN
        elif ref is None:
            self._closed.add(way)
        elif way != "edit by token" or failure.fault is DeliveryErrorKind.MESSAGE:
            await self._give_up(number, ref, failure.fault)
        else:
            self._closed.add(way)

    async def _give_up(self, number: int, ref: MessageRef, fault: DeliveryErrorKind) -> None:
        """Take in that a message can be filled no more: another one is needed, elsewhere if it was the place."""
        if fault not in GONE:
            await self._context.leftovers.leave(self._job, ref, remove=True)
        if fault is DeliveryErrorKind.MESSAGE and not ref.ephemeral:
            # Somebody deleted it: it is not put there again. It stays stored until another one has taken its place,
            # so that the next process learns the same.
            self._deleted.add(number)
            self._refs.pop(number, None)
            self._filled.pop(number, None)
            return
        await self._forget(number)
        if fault is not DeliveryErrorKind.MESSAGE:
            self._closed.add("channel" if ref.channel_id == self._home else "direct")

    async def _forget(self, number: int) -> None:
        self._refs.pop(number, None)
        self._filled.pop(number, None)
        await self._context.jobs.attach_part(self._job.id, number, None)

    async def _remove(self, number: int) -> None:
        """Take away a message whose files now stand elsewhere."""
        try:
            await self._context.routes.delete(self._refs[number], seconds=self._context.pace.progress)
        except DeliveryError as failure:
            if failure.fault is DeliveryErrorKind.LATER:
                raise
            log.info("job %s: part %d cannot be removed now: %s", self._job.id, number, failure)
            if failure.fault not in GONE:
                await self._context.leftovers.leave(self._job, self._refs[number], remove=True)
        await self._forget(number)

    def _held_by(self, number: int) -> EphemeralState:
        """Return what is known of the files that one of the messages has where only the person sees it."""
        if number not in self._private:
            self._private[number] = EphemeralState(self._job, number)
        return self._private[number]

    def _token_alive(self, ref: MessageRef) -> bool:
        left = ref.token_expires - self._context.clock.now()
        return (
            ref.token is not None
            and left > self._context.pace.token_margin
            and "edit by token" not in self._closed
        )

    def _limit(self, way: str, ref: MessageRef | None) -> int:
        requester = self._job.request.requester
        if way == "edit by token" and ref is not None:
            return self._context.routes.limit_by_token(ref, requester.guild_id)
        home = ref is None or ref.channel_id == requester.channel_id
        return self._context.routes.limit(requester.guild_id) if home else DEFAULT_LIMIT
