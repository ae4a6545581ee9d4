"""The last edit of a card: by whatever route is left, again and again, until the person has got the result."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import discord

from bot.errors import UserError
from bot.i18n import Language
from bot.jobs.job import JobOutput, JobState, MessageRef
from bot.jobs.progress import Snapshot
from bot.jobs.service import JobService
from bot.runtime import Clock
from bot.ui.card import card, further_card, note_card
from bot.ui.media import Link, Page, emptied, pages
from bot.ui.pacing import Pace
from bot.ui.routes import DEFAULT_LIMIT, Draft, Fault, RouteError, Routes

log = logging.getLogger(__name__)

SHRINKING = (1.0, 0.5, 0.2, 0.05)
"""Parts of the limit that are tried, one after the other, when Discord says that a file is too large."""

FURTHER_ATTEMPTS = 4

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
    ) -> None:
        self._snapshot = snapshot
        self._job = snapshot.job
        self._lang = lang
        self._ref = ref
        self._jobs = jobs
        self._routes = routes
        self._pace = pace
        self._clock = clock
        self._link = link
        self._kept: Mapping[str, discord.Attachment] = kept
        self._closed: set[Fault | str] = {"token"} if token_dead else set()
        self._wanted = wanted
        self._surprises: Counter[str] = Counter()
        self._fetch_until = clock.monotonic() + pace.fetch
        self._step = 0
        self._plain = plain

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
                await asyncio.sleep(pause)
                continue
            if ref is None:
                log.warning(
                    "job %s: no way to reach the person; the result waits in the history", self._job.id
                )
            await self._jobs.delivered(self._job.id)
            return

    async def _through_any_route(self) -> MessageRef | None:
        """Try every route that is left; raises `RouteError` with LATER when it is worth trying all again."""
        while (route := self._next_route()) is not None:
            try:
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
        # Who ended a job oneself knows; who did not has to be told, by whatever way is left.
        wanted = self._job.cancel_requested_by != self._job.request.requester.user_id or (
            self._job.state is not JobState.CANCELLED
        )
        possible = {
            "token": ref is not None
            and ref.token is not None
            and ref.token_expires - self._clock.now() > self._pace.token_margin,
            "bot": ref is not None and ref.message_id is not None and not ref.ephemeral,
            "new": not private and wanted,
            "direct": wanted,
        }
        return next(
            (name for name, is_open in possible.items() if is_open and name not in self._closed), None
        )

    def _learn(self, route: str, failure: RouteError) -> None:
        log.info("job %s: route %s: %s %s", self._job.id, route, failure.fault, failure)
        self._kept = {}
        if failure.fault is Fault.SIZE and self._step < len(SHRINKING):
            self._step += 1
        elif failure.fault is Fault.WORDS and not self._plain:
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
                ref = await self._new_message()
            case _:
                ref = await self._direct_message()
        self._ref = ref
        self._closed -= {"bot"}
        self._closed |= {"token", route}
        await self._fill(ref, by_token=False)
        return ref

    async def _new_message(self) -> MessageRef:
        """Post a placeholder that mentions the person, and commit its id before anything is put into it."""
        requester = self._job.request.requester
        text = self._lang.t("<@{user}> Your result:", user=str(requester.user_id))
        message = await self._routes.send(
            requester.channel_id,
            Draft(note_card(text)),
            nonce=f"new-{self._job.id}",
            mention=requester.user_id,
            seconds=self._pace.progress,
        )
        return await self._commit(MessageRef(requester.channel_id, message.id))

    async def _direct_message(self) -> MessageRef:
        requester = self._job.request.requester
        message = await self._routes.send_direct(
            requester.user_id,
            Draft(note_card(self._lang.t("Your result:"))),
            nonce=f"dm-{self._job.id}",
            seconds=self._pace.progress,
        )
        return await self._commit(MessageRef(message.channel.id, message.id))

    async def _commit(self, ref: MessageRef) -> MessageRef:
        self._kept = {}
        await self._jobs.attach_message(self._job.id, ref)
        return ref

    async def _fill(self, ref: MessageRef, *, by_token: bool) -> None:
        """Put the final card, with everything the job made, into a message."""
        parts = await self._pages(ref)
        first = parts[0]
        if first.shown.later and self._clock.monotonic() < self._fetch_until:
            raise RouteError(Fault.LATER, "the image server does not give the files now")
        view = card(self._snapshot, self._lang, first.shown, now=self._clock.now(), plain=self._plain)
        keep = tuple(self._kept[item.name] for item in first.uploads if item.name in self._kept)
        fresh = tuple(item for item in first.uploads if item.name not in self._kept)
        draft = Draft(view, keep, fresh)
        if by_token:
            await self._routes.edit_by_token(ref, draft, seconds=self._pace.final)
        else:
            await self._routes.edit_as_bot(ref, draft, seconds=self._pace.final)
        for number, part in enumerate(parts[1:], start=2):
            await self._further(ref, part, number, len(parts), by_token=by_token)

    async def _pages(self, ref: MessageRef) -> tuple[Page, ...]:
        in_guild = ref.channel_id == self._job.request.requester.channel_id
        limit = (
            self._routes.limit(self._job.request.requester.guild_id if in_guild else None) or DEFAULT_LIMIT
        )
        shrink = SHRINKING[min(self._step, len(SHRINKING) - 1)]
        outputs = self._job.outputs or self._snapshot.outputs
        parts = await pages(
            self._job,
            outputs,
            fetch=self._fetch,
            link=self._link,
            limit=int(limit * shrink),
            plain=self._plain,
        )
        if self._step >= len(SHRINKING):
            return (emptied(replace(parts[0])),)
        return parts

    async def _fetch(self, output: JobOutput) -> Path:
        return await self._jobs.fetch(output, job_id=self._job.id)

    async def _further(self, ref: MessageRef, part: Page, number: int, total: int, *, by_token: bool) -> None:
        """Send one more message; one that cannot be sent is missing, but does not undo what was delivered."""
        view = further_card(self._job, self._lang, part.shown, page=number, pages=total, plain=self._plain)
        draft = Draft(view, (), part.uploads)
        for attempt in range(FURTHER_ATTEMPTS):
            try:
                if ref.ephemeral or (by_token and attempt % 2 == 1):
                    await self._routes.follow_up(ref, draft, seconds=self._pace.final)
                else:
                    nonce = f"{number}-{self._job.id}"
                    await self._routes.send(
                        ref.channel_id, draft, nonce=nonce, mention=None, seconds=self._pace.final
                    )
            except RouteError as failure:
                log.warning("job %s: part %d of %d not sent: %s", self._job.id, number, total, failure)
                await asyncio.sleep(self._pace.retry[min(attempt, len(self._pace.retry) - 1)])
            else:
                return
