"""New messages of a job: looked for before they are posted, and committed before anything is put into them."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import discord

from bot.jobs.model.job import Job, MessageRef
from bot.ui.cards.card import note_card
from bot.ui.cards.words import escape
from bot.ui.delivery.contexts import DeliveryContext
from bot.ui.delivery.ephemeral_state import CARD
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind

log = logging.getLogger(__name__)


def marker(job: Job, number: int) -> str:
    """Return the id by which a placeholder is found again in its channel."""
    return f"job:details:{job.id}:{number}"


class Placeholders:
    """Makes the messages that results are then edited into: a crash can leave one too many, never a second picture.

    `doubtful` says that an earlier process may have posted some already; `turn_away` is awaited before another message
    is posted in place of the card.
    """

    def __init__(
        self, context: DeliveryContext, *, doubtful: bool, turn_away: Callable[[], Awaitable[None]]
    ) -> None:
        self._context = context
        self._job = context.job
        self._doubtful = doubtful
        self._turn_away = turn_away
        self._tried: set[tuple[int, str, int]] = set()
        self._posted_by_now: Counter[tuple[int, str, int]] = Counter()
        self.found = False
        """Whether one was there already: whoever posted it had given up the card before."""

    async def in_channel(self, number: int, total: int) -> MessageRef:
        """Return a message in the channel the job was asked for in; the card's mentions the person."""
        requester = self._job.request.requester
        mention = requester.user_id if number == CARD else None
        return await self._made(number, total, requester.channel_id, "new", mention=mention)

    async def direct(self, number: int, total: int) -> MessageRef:
        """Return a direct message to the person."""
        user_id = self._job.request.requester.user_id
        channel_id = await self._context.routes.direct_channel(user_id, seconds=self._context.pace.progress)
        return await self._made(number, total, channel_id, "dm", mention=None)

    async def by_token(self, number: int, total: int, card: MessageRef) -> MessageRef:
        """Return a further answer to the interaction that `card` answers.

        Such answers take no nonce, and those for one person only cannot be looked for.
        """
        tried = (number, "token", card.channel_id)
        if card.ephemeral:
            if self._doubtful or tried in self._tried:
                self._context.counters.add("placeholders_unsure")
        elif (known := await self._earlier(tried)) is not None:
            return await self._commit(number, MessageRef(card.channel_id, known))
        self._tried.add(tried)
        view = self._view(number, total, None)
        message_id = await self._context.routes.follow_up(card, view, seconds=self._context.pace.progress)
        return await self._commit(number, replace(card, message_id=message_id))

    async def _made(
        self, number: int, total: int, channel_id: int, kind: str, *, mention: int | None
    ) -> MessageRef:
        tried = (number, kind, channel_id)
        message_id = await self._earlier(tried)
        if message_id is None:
            if number == CARD:
                await self._turn_away()
            self._tried.add(tried)
            # Another one each time that one is known to be posted: for minutes Discord answers the same with the same
            # message, though it may have been deleted.
            again = self._posted_by_now[tried] or ""
            message_id = await self._context.routes.send(
                channel_id,
                self._view(number, total, mention),
                nonce=f"{kind if number == CARD else f'{kind}{number}'}-{again}{again and '-'}{self._job.id}",
                mention=mention,
                seconds=self._context.pace.progress,
            )
            self._posted_by_now[tried] += 1
        return await self._commit(number, MessageRef(channel_id, message_id))

    async def _earlier(self, tried: tuple[int, str, int]) -> int | None:
        """Look for what was posted before: by a process that then died, or with the answer lost."""
        number, _kind, channel_id = tried
        if not self._doubtful and tried not in self._tried:
            return None
        known = await self._posted(number, channel_id)
        if known is not None:
            log.info("job %s: message %d was posted before", self._job.id, number)
            self.found = True
        return known

    async def _posted(self, number: int, channel_id: int) -> int | None:
        try:
            found, certain = await self._context.routes.find_own(
                channel_id, marker(self._job, number), seconds=self._context.pace.progress
            )
        except DeliveryError as failure:
            if failure.fault is DeliveryErrorKind.LATER:
                raise
            log.info("job %s: channel %d cannot be searched: %s", self._job.id, channel_id, failure)
            found, certain = None, False
        if not certain:
            # Once too often is better than never.
            self._context.counters.add("placeholders_unsure")
        return found

    async def _commit(self, number: int, ref: MessageRef) -> MessageRef:
        if number == CARD:
            await self._context.jobs.attach_message(self._job.id, ref)
        else:
            await self._context.jobs.attach_part(self._job.id, number, ref)
        return ref

    def _view(self, number: int, total: int, mention: int | None) -> discord.ui.LayoutView:
        if number != CARD:
            title = escape(self._job.workflow_title)
            text = self._context.lang.t(
                "{title} (part {page} of {pages})", title=title, page=number, pages=total
            )
        elif mention is not None:
            text = self._context.lang.t("<@{user}> Your result:", user=str(mention))
        else:
            text = self._context.lang.t("Your result:")
        row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
        label = self._context.lang.t("⏳ One moment …")
        row.add_item(discord.ui.Button(label=label, disabled=True, custom_id=marker(self._job, number)))
        return note_card(text).add_item(row)
