"""Tells those who asked for it that a job has ended: with a mention where it is shown, or directly."""

import asyncio
import logging
from typing import Any

import discord

from bot.client import ComfyBot
from bot.discord_errors import DISCORD_ERRORS
from bot.i18n import Language, language_for
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.service import JobService
from bot.runtime import Spawn
from bot.ui.cards.links import card_address
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind, failure_of
from bot.users.marks import MarkStore, Reminder

log = logging.getLogger(__name__)

SENDING = 20.0
RETRY = (2.0, 10.0, 60.0)
"""Pauses between attempts; whoever is not reached then is told after the next start."""


class Reminders:
    """Tells everybody once, or rather twice than never: a wish is struck off only after it was fulfilled."""

    def __init__(
        self,
        bot: ComfyBot,
        *,
        jobs: JobService,
        marks: MarkStore,
        spawn: Spawn,
        retry: tuple[float, ...] = RETRY,
    ) -> None:
        self._bot = bot
        self._jobs = jobs
        self._marks = marks
        self._spawn = spawn
        self._retry = retry
        jobs.on_delivered(self._ended)

    async def recover(self) -> None:
        """Tell those who an earlier process did not get to tell."""
        for job_id in await self._marks.overdue():
            if (job := await self._jobs.find(job_id)) is not None:
                self._ended(job)

    def _ended(self, job: Job) -> None:
        self._spawn(self._tell_all(job), name=f"reminders of job {job.number}")

    async def _tell_all(self, job: Job) -> None:
        try:
            for reminder in await self._marks.reminders(job.id):
                if await self._tell(job, reminder):
                    await self._marks.reminded(job.id, reminder.user_id)
        except StoreUnavailable as error:
            log.warning("who waits for job %s is told after the next start: %s", job.number, error)

    async def _tell(self, job: Job, reminder: Reminder) -> bool:
        """Tell one person; returns False where it is worth trying again after the next start."""
        if job.state is JobState.CANCELLED and job.cancel_requested_by == reminder.user_id:
            return True
        selector = (
            [self._directly, self._in_channel] if reminder.direct else [self._in_channel, self._directly]
        )
        if job.request.private or _moved(job):
            selector = [self._directly]
        for way in selector:
            for pause in (*self._retry, None):
                try:
                    await way(job, reminder)
                except DeliveryError as failure:
                    log.info("job %s: %s not told: %s", job.number, reminder.user_id, failure)
                    if failure.fault is not DeliveryErrorKind.LATER:
                        break
                    if pause is None:
                        return False
                    await asyncio.sleep(failure.retry_after or pause)
                else:
                    return True
        log.warning("job %s: no way to tell %s is open", job.number, reminder.user_id)
        return True

    def _language(self, reminder: Reminder) -> Language:
        chosen = self._bot.services.profiles.language(reminder.user_id)
        return language_for(chosen, reminder.locale)

    async def _in_channel(self, job: Job, reminder: Reminder) -> None:
        requester = job.request.requester
        text = f"<@{reminder.user_id}> {_sentence(job, self._language(reminder))}"
        await self._send(requester.channel_id, text, reminder, job, _card_in(requester.channel_id, job))

    async def _directly(self, job: Job, reminder: Reminder) -> None:
        lang, address = self._language(reminder), card_address(job)
        if _moved(job) and reminder.user_id != job.request.requester.user_id:
            address = None  # nobody else can follow it
        text = _sentence(job, lang)
        if address is not None:
            text = f"{text}\n{address}"
        try:
            async with asyncio.timeout(SENDING):
                channel = await self._bot.create_dm(discord.Object(reminder.user_id))
        except DISCORD_ERRORS as error:
            raise failure_of(error) from error
        await self._send(channel.id, text, reminder, job, None)

    async def _send(
        self,
        channel_id: int,
        text: str,
        reminder: Reminder,
        job: Job,
        reference: discord.MessageReference | None,
    ) -> None:
        allowed = discord.AllowedMentions(
            users=[discord.Object(reminder.user_id)], everyone=False, roles=False, replied_user=False
        )
        channel = self._bot.get_partial_messageable(channel_id)
        options: dict[str, Any] = {} if reference is None else {"reference": reference}
        # The same for every attempt: where only the answer was lost, nobody is told twice.
        nonce = f"{job.id[:12]}{reminder.user_id % 10**12}"
        try:
            async with asyncio.timeout(SENDING):
                await channel.send(text, nonce=nonce, allowed_mentions=allowed, **options)
        except DISCORD_ERRORS as error:
            raise failure_of(error) from error


def _card_in(channel_id: int, job: Job) -> discord.MessageReference | None:
    """Return the card to reply to, if it stands in this channel for everybody."""
    card = job.message
    if card is None or card.message_id is None or card.ephemeral or card.channel_id != channel_id:
        return None
    return discord.MessageReference(
        message_id=card.message_id, channel_id=channel_id, fail_if_not_exists=False
    )


def _moved(job: Job) -> bool:
    """Whether the result was brought to its person directly: nothing of it is to be said where its card was."""
    card = job.message
    return job.card_deleted or (card is not None and card.channel_id != job.request.requester.channel_id)


def _sentence(job: Job, lang: Language) -> str:
    match job.state:
        case JobState.SUCCEEDED:
            return lang.t("🔔 #{number} is done.", number=job.number)
        case JobState.CANCELLED if job.stopped_by_moderator:
            return lang.t("🔔 #{number} was cancelled by a moderator.", number=job.number)
        case JobState.CANCELLED:
            return lang.t("🔔 #{number} was cancelled.", number=job.number)
        case _:
            return lang.t("🔔 #{number} has failed. The card says why.", number=job.number)
