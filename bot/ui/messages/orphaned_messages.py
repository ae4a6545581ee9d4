"""Messages that stayed behind in a place that closed: they promise nothing for ever, and keep no second picture."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain

from bot.i18n import Language
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.leftover import Leftover, LeftoverStore
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.progress.progress import Snapshot
from bot.jobs.retry_write import retry_write
from bot.jobs.service import JobService
from bot.runtime import Clock, Spawn
from bot.ui.cards.card import card
from bot.ui.cards.shown import Shown
from bot.ui.delivery_errors import GONE, DeliveryError, DeliveryErrorKind
from bot.ui.messages.first_card import found_again
from bot.ui.messages.message_api import Draft, MessageApi
from bot.ui.messages.pacing import Pace, growing

log = logging.getLogger(__name__)

MOST = 1000
"""How many are tried for at a time, each ever more slowly; the others wait in the database for the next start."""


class OrphanedMessages:
    """Removes or corrects them once their place is open again, whichever process that falls to."""

    def __init__(
        self,
        routes: MessageApi,
        jobs: JobService,
        store: LeftoverStore,
        *,
        pace: Pace,
        clock: Clock,
        spawn: Spawn,
        language: Callable[[Job], Language],
    ) -> None:
        self._routes = routes
        self._jobs = jobs
        self._store = store
        self._pace = pace
        self._clock = clock
        self._spawn = spawn
        self._language = language
        self._tried: set[int] = set()
        self._staying: set[int] = set()

    async def recover(self) -> None:
        """Go on with what earlier processes noted."""
        for leftover in await self._store.leftovers(MOST):
            self._begin(leftover, chain((0.0,), growing(self._pace.rest)))

    async def leave(self, job: Job, ref: MessageRef, *, remove: bool) -> None:
        """Note a message that another one is to take the place of; committed on return.

        Once that has happened it is removed, or shows without any files how its job ended. What is shown to one
        person only cannot be changed without its interaction's token, and is left as it is. Raises `DeliveryError` with
        LATER where a message whose id nobody heard cannot be looked for now.
        """
        ref = await self._known(job, ref)
        if ref.message_id is None or ref.ephemeral:
            return
        leftover = Leftover(
            job_id=job.id,
            channel_id=ref.channel_id,
            message_id=ref.message_id,
            remove=remove,
            since=self._clock.now(),
        )
        await self._insist(lambda: self._store.leave(leftover))
        self._begin(leftover, growing(self._pace.rest))

    async def stays(self, ref: MessageRef) -> None:
        """Take back that a message stayed behind: it was filled after all. Committed on return."""
        message_id = ref.message_id
        if message_id in self._tried:
            self._staying.add(message_id)
            await self._insist(lambda: self._store.cleared(message_id))

    async def _insist(self, write: Callable[[], Awaitable[None]]) -> None:
        await retry_write(write, growing(self._pace.retry), "what stays behind")

    async def _known(self, job: Job, ref: MessageRef) -> MessageRef:
        try:
            return await found_again(self._routes, ref, job, seconds=self._pace.progress) or ref
        except DeliveryError as failure:
            if failure.fault is DeliveryErrorKind.LATER:
                raise
            return ref

    def _begin(self, leftover: Leftover, pauses: Iterator[float]) -> None:
        if leftover.message_id not in self._tried and len(self._tried) < MOST:
            self._tried.add(leftover.message_id)
            self._spawn(self._clear(leftover, pauses), name=f"leftover {leftover.message_id}")

    async def _clear(self, leftover: Leftover, pauses: Iterator[float]) -> None:
        try:
            for pause in pauses:
                await asyncio.sleep(pause)
                try:
                    if await self._done_with(leftover):
                        await self._store.cleared(leftover.message_id)
                        return
                except StoreUnavailable as error:
                    log.warning("message %d is cleared up later: %s", leftover.message_id, error)
        finally:
            self._tried.discard(leftover.message_id)
            self._staying.discard(leftover.message_id)

    async def _done_with(self, leftover: Leftover) -> bool:
        if leftover.message_id in self._staying:
            return True
        if self._clock.now() - leftover.since > self._pace.left_alone:
            log.info("message %d in channel %d stays as it is", leftover.message_id, leftover.channel_id)
            return True
        job = await self._jobs.find(leftover.job_id)
        if job is not None and _is_shown_in(job, leftover.message_id):
            if job.delivered_at is None:
                return False  # another one may take its place yet
            if not (job.unreached or job.stopped_by_owner):
                return True  # it was filled after all
        try:
            await self._clear_up(leftover, job)
        except DeliveryError as failure:
            # Somebody else may have removed it, or the whole channel.
            return failure.fault in GONE
        return True

    async def _clear_up(self, leftover: Leftover, job: Job | None) -> None:
        ref = MessageRef(leftover.channel_id, leftover.message_id)
        is_card = job is not None and job.message is not None and job.message.message_id == ref.message_id
        if job is None or (leftover.remove and not is_card):
            await self._routes.delete(ref, seconds=self._pace.progress)
            return
        try:
            await self._correct(ref, job, plain=False)
        except DeliveryError as failure:
            if failure.fault is not DeliveryErrorKind.WORDS:
                raise
            await self._correct(ref, job, plain=True)

    async def _correct(self, ref: MessageRef, job: Job, *, plain: bool) -> None:
        now = self._clock.now()
        view = card(Snapshot(job=job), self._language(job), Shown(), now=now, plain=plain)
        await self._routes.edit_as_bot(ref, Draft(view), seconds=self._pace.progress)


def _is_shown_in(job: Job, message_id: int) -> bool:
    refs = (job.message, *job.parts.values())
    return any(ref is not None and ref.message_id == message_id for ref in refs)
