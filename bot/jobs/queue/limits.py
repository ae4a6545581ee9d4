"""The caps a request is accepted under: pure rules over what the store counted in the accepting transaction."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.errors import Seconds, UserError
from bot.jobs.model.estimate import line_length
from bot.jobs.model.job import Job
from bot.jobs.model.ports import Standing
from bot.settings import LimitSettings


def admit(
    job: Job, standing: Standing, limits: LimitSettings, *, timings: Mapping[str, float], servers: int = 1
) -> None:
    """Let a job in, or raise `UserError` with one sentence that says what is possible."""
    if standing.active >= limits.jobs_per_user:
        raise UserError(
            "Your jobs waiting or running: {active} of {limit}. Wait for one to finish, or cancel one.",
            active=standing.active,
            limit=max(limits.jobs_per_user, standing.active),
        )
    _admit_by_time(job, standing, limits)
    if standing.queued >= limits.queue:
        raise UserError("The queue is full right now. Please try again in a few minutes.")
    wait = line_length(standing.waiting, timings, servers)
    if wait is not None and wait > limits.wait:
        raise UserError(
            "The queue is too long right now: about {wait}. Please try again later.",
            wait=Seconds(_whole_minutes(wait)),
        )


def _admit_by_time(job: Job, standing: Standing, limits: LimitSettings) -> None:
    if limits.cooldown and standing.last_at is not None:
        left = standing.last_at + limits.cooldown - job.created_at
        if left > 0:
            raise UserError("Please wait {wait} before your next job.", wait=Seconds(math.ceil(left)))
    if not limits.daily or standing.today + job.cost <= limits.daily:
        return
    wait = Seconds(_whole_minutes(_until_midnight(job.created_at)))
    free = limits.daily - standing.today
    if free > 0:
        raise UserError(
            "Pictures left today: {free} of {limit}. This job counts as {cost}. Ask for less, or try again in {wait}.",
            free=free,
            limit=limits.daily,
            cost=job.cost,
            wait=wait,
        )
    raise UserError(
        "You have used all of today's pictures ({limit}). Try again in {wait}.",
        limit=limits.daily,
        wait=wait,
    )


def day_of(now: float) -> float:
    """Return when the day began that the daily limit counts: midnight UTC, in seconds since the epoch."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.timestamp()


def _whole_minutes(seconds: float) -> float:
    """Round up to minutes: nobody counts the seconds of a long wait."""
    return math.ceil(seconds / 60) * 60


def _until_midnight(now: float) -> float:
    return day_of(now) + timedelta(days=1).total_seconds() - now
