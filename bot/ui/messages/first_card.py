"""The first card of a job, where nobody heard its id: the answer was lost, or the bot died when Discord had shown it."""

import logging
from dataclasses import replace

from bot.jobs.model.job import Job, MessageRef
from bot.jobs.service import JobService
from bot.ui.cards.buttons import Action, job_button
from bot.ui.delivery_errors import DeliveryError
from bot.ui.messages.message_api import MessageApi

log = logging.getLogger(__name__)


async def looked_for(
    routes: MessageApi, jobs: JobService, ref: MessageRef | None, job: Job, *, seconds: float
) -> MessageRef | None:
    """Return where the card is, committed if that was not known; what was known where it is not found now."""
    try:
        found = await found_again(routes, ref, job, seconds=seconds)
    except DeliveryError as failure:
        log.info("job %s: its card is not looked for now: %s", job.id, failure)
        return ref
    return ref if found is None else (await jobs.attach_first(job.id, found)).message


async def found_again(
    routes: MessageApi, ref: MessageRef | None, job: Job, *, seconds: float
) -> MessageRef | None:
    """Return where the card is, if its id is missing, everybody sees it and it is there; raises `DeliveryError`.

    It is known by the button that every card has, before the job has ended or after.
    """
    if ref is None or ref.ephemeral or ref.message_id is not None:
        return None
    buttons = [job_button(action, job.id).custom_id or "" for action in (Action.CANCEL, Action.DETAILS)]
    message_id, _ = await routes.find_own(ref.channel_id, *buttons, seconds=seconds, sent_at=job.created_at)
    return None if message_id is None else replace(ref, message_id=message_id)
