"""The last edit of a card: by whatever route is left, again and again, until the person has got the result."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import discord

from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.job import JobState, MessageRef
from bot.jobs.progress import Snapshot
from bot.jobs.service import JobService
from bot.observe import Counters
from bot.runtime import Clock
from bot.ui.card import card
from bot.ui.faults import Fault, RouteError
from bot.ui.media import Link, Page, Smaller, nothing_smaller
from bot.ui.pacing import Pace
from bot.ui.placeholders import CARD, Placeholders
from bot.ui.routes import Draft, Routes, find_attachments
from bot.ui.sequel import Sequel
from bot.ui.sizes import SizeLadder

log = logging.getLogger(__name__)

TOLD_AFTER = 3
"""After so many bad moments on the way of further files the person is told which are still to come."""

GIVEN_UP = 24 * 3600.0
"""So many seconds after a job has ended, files that no way is open for are left to the history."""

MOST_SURPRISES = 3
"""How often something that nobody foresaw may happen on one route before another one is taken."""


class FinalDelivery:
    """Delivers one ended job: token, then the bot's own edit, then a new message, then a direct one.

    A private job never reaches the channel. Words that a server's filter stops are left out, files that are refused
    are made smaller, a bad moment of Discord's is waited out.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        lang: Language,
        ref: MessageRef | None,
        *,
        jobs: JobService,
        routes: Routes,
        pace: Pace,
        clock: Clock,
        link: Link,
        kept: Mapping[str, discord.Attachment],
        token_dead: bool,
        plain: bool,
        wanted: Callable[[], bool],
        counters: Counters,
        smaller: Smaller = nothing_smaller,
        recovered: bool = False,
    ) -> None:
        """Make a delivery; `recovered` says that an earlier process may have begun it."""
        self._snapshot = snapshot
        self._job = snapshot.job
        self._lang = lang
        self._ref = ref
        self._jobs = jobs
        self._routes = routes
        self._pace = pace
        self._clock = clock
        self._kept: Mapping[str, discord.Attachment] = kept
        self._closed: set[Fault | str] = {"token"} if token_dead else set()
        self._wanted = wanted
        self._surprises: Counter[str] = Counter()
        self._fetch_until = clock.monotonic() + pace.fetch
        self._way = self._tired = ""
        self._sizes = SizeLadder(snapshot, routes, jobs, link, smaller)
        self._plain = plain
        self._stopping = asyncio.Event()
        self._hitches = 0
        self._missing: tuple[str, ...] = ()
        self._face: tuple[int | None, Page, bool] | None = None
        self._counters = counters
        self._places = Placeholders(
            self._job, lang, jobs=jobs, routes=routes, pace=pace, counters=counters, doubtful=recovered
        )
        self._sequel = Sequel(
            self._job, lang, jobs=jobs, routes=routes, pace=pace, clock=clock, places=self._places
        )

    async def run(self) -> None:
        """Return once the result is delivered, or certain not to be deliverable at all, or not wanted any more.

        Raises `UserError` when the job itself was removed meanwhile.
        """
        attempt = 0
        while self._wanted():
            try:
                ref = await self._through_any_route()
            except RouteError as failure:
                pause = failure.retry_after or self._pace.retry[min(attempt, len(self._pace.retry) - 1)]
                log.warning(
                    "job %s: result not delivered yet (%s), again in %.0f s", self._job.id, failure, pause
                )
                attempt += 1
                if await self._stopped_within(pause):
                    return
            else:
                await self._note(ref)
                return

    def stop(self) -> None:
        """Let the attempt under way end, and begin no other; the next start goes on."""
        self._stopping.set()

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()

    async def _note(self, ref: MessageRef | None) -> None:
        """Store that it is delivered, unless something still has to be; what is missing is tried at the next start."""
        late = self._clock.now() - (self._job.finished_at or 0.0) > GIVEN_UP
        if self._missing and not late:
            self._counters.add("deliveries", way="partly")
            log.error("job %s: not delivered: %s", self._job.id, ", ".join(self._missing))
            return
        reached = (ref is not None and not self._missing) or self._known
        if not reached:
            log.warning("job %s: no way to the person is open; the result waits in /history", self._job.id)
        self._counters.add("deliveries", way=(self._way or "none") if reached else "history")
        await self._jobs.delivered(self._job.id, reached=reached)

    async def _through_any_route(self) -> MessageRef | None:
        """Try every route that is left; raises `RouteError` with LATER when it is worth trying all again."""
        while (route := self._next_route()) is not None:
            try:
                self._way = route
                return await self._take(route)
            except RouteError as failure:
                if failure.fault is Fault.LATER:
                    raise
                self._learn(route, failure)
            except UserError:
                raise
            except Exception as error:
                log.exception("job %s: route %s: something unexpected", self._job.id, route)
                self._surprises[route] += 1
                if self._surprises[route] < MOST_SURPRISES:
                    raise RouteError(Fault.LATER, f"unexpected {type(error).__name__}") from error
                self._closed.add(route)
        return None

    def _next_route(self) -> str | None:
        ref, private = self._ref, self._job.request.private
        wanted = not self._known
        possible = {
            "token": ref is not None
            and ref.token is not None
            and ref.token_expires - self._clock.now() > self._pace.token_margin,
            "bot": ref is not None and ref.message_id is not None and not ref.ephemeral,
            "new": not private and wanted,
            "direct": wanted,
        }
        ways = [name for name, is_open in possible.items() if is_open and name not in self._closed]
        if ways[:2] == ["token", "bot"] and self._tired == "token" and self._sizes.suits_the_bot:
            # The same message by the other way: what is wrong with one may not be wrong with both.
            return "bot"
        return ways[0] if ways else None

    @property
    def _known(self) -> bool:
        """Whether the person ended the job, and knows; who did not has to be told, by whatever way is left."""
        by_oneself = self._job.cancel_requested_by == self._job.request.requester.user_id
        return by_oneself and self._job.state is JobState.CANCELLED

    def _learn(self, route: str, failure: RouteError) -> None:
        log.info("job %s: route %s: %s %s", self._job.id, route, failure.fault, failure)
        self._kept, self._face, self._tired = {}, None, ""
        if failure.fault is Fault.SIZE and self._sizes.refuse():
            return
        if failure.fault is Fault.WORDS and not self._plain:
            self._plain = True
        elif failure.fault is Fault.MESSAGE:
            self._closed |= {"token", "bot"} if route in {"token", "bot"} else {route}
        else:
            self._closed.add(route)

    async def _take(self, route: str) -> MessageRef:
        ref = self._ref
        match route:
            case "token" | "bot" if ref is not None:
                await self._fill(ref, by_token=route == "token")
                return ref
            case "new":
                ref = await self._places.in_channel(CARD, 1)
            case _:
                ref = await self._places.direct(CARD, 1)
        self._kept, self._face = {}, None
        self._ref = ref
        self._closed -= {"bot"}
        self._closed |= {"token", route}
        await self._fill(ref, by_token=False)
        return ref

    async def _fill(self, ref: MessageRef, *, by_token: bool) -> None:
        """Put the final card into a message, and everything the job made into it and further ones."""
        parts = await self._sizes.pages(ref, by_token=by_token, plain=self._plain)
        first = parts[0]
        if first.shown.later and self._clock.monotonic() < self._fetch_until:
            raise RouteError(Fault.LATER, "the image server does not give the files now")
        await self._show(ref, first, by_token=by_token)
        try:
            missing = await self._sequel.deliver(parts, ref, plain=self._plain)
        except RouteError as failure:
            self._hitches += failure.fault is Fault.LATER
            if self._hitches == TOLD_AFTER:
                await self._show(ref, first, by_token=by_token, delayed=self._sequel.waiting(parts))
            raise
        self._missing = missing
        await self._show(ref, first, by_token=by_token, missing=missing)

    async def _show(self, ref: MessageRef, page: Page, *, by_token: bool, **remarks: tuple[str, ...]) -> None:
        """Edit the card, unless that is how it stands already."""
        shown = replace(page.shown, **remarks)
        face = (ref.message_id, replace(page, shown=shown), self._plain)
        if face == self._face:
            return
        view = card(self._snapshot, self._lang, shown, now=self._clock.now(), plain=self._plain)
        keep = tuple(self._kept[item.name] for item in page.uploads if item.name in self._kept)
        fresh = tuple(item for item in page.uploads if item.name not in self._kept)
        edit = self._routes.edit_by_token if by_token else self._routes.edit_as_bot
        self._tired = "token" if by_token else "bot"
        attached = await edit(ref, Draft(view, keep, fresh), seconds=self._pace.final)
        self._tired = ""
        self._kept = find_attachments(attached, [item.name for item in page.uploads])
        self._face = face
