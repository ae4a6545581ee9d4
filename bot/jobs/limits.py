"""The caps a request is accepted under: pure rules over what the store counted in the accepting transaction."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.errors import UserError
from bot.jobs.estimate import line_length
from bot.jobs.job import Job
from bot.jobs.ports import Standing
from bot.settings import LimitSettings


def admit(
    job: Job, standing: Standing, limits: LimitSettings, *, timings: Mapping[str, float], servers: int = 1
) -> None:
    """Let a job in, or raise `UserError` with one sentence that says what is possible."""
    if standing.active >= limits.jobs_per_user:
        raise UserError(
            "You already have {active} of {limit} jobs waiting or running. Wait for one to finish, or cancel one.",
            active=standing.active,
            limit=max(limits.jobs_per_user, standing.active),
        )
    _admit_by_time(job, standing, limits)
    if standing.queued >= limits.queue:
        raise UserError("The line is full right now. Please try again in a few minutes.")
    wait = line_length(standing.waiting, timings, servers)
    if wait is not None and wait > limits.wait:
        raise UserError(
            "The wait is about {minutes} minutes right now, and no more requests are taken. Please try again later.",
            minutes=math.ceil(wait / 60),
        )


def _admit_by_time(job: Job, standing: Standing, limits: LimitSettings) -> None:
    if limits.cooldown and standing.last_at is not None:
        left = standing.last_at + limits.cooldown - job.created_at
        if left > 0:
            raise UserError(
                "Please wait {seconds} seconds before your next request.", seconds=math.ceil(left)
            )
    if not limits.daily or standing.today + job.cost <= limits.daily:
        return
    hours = math.ceil(_until_midnight(job.created_at) / 3600)
    free = limits.daily - standing.today
    if free > 0:
        raise UserError(
            "You have {free} of {limit} pictures left today, and this counts as {cost}. Ask for less, or wait "
            "{hours} hours for new ones.",
            free=free,
            limit=limits.daily,
            cost=job.cost,
            hours=hours,
        )
    raise UserError(
        "You have had all {limit} pictures of today. There are new ones in {hours} hours.",
        limit=limits.daily,
        hours=hours,
    )


def day_of(now: float) -> float:
    """Return when the day began that the daily limit counts: midnight UTC, in seconds since the epoch."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.timestamp()


def _until_midnight(now: float) -> float:
    return day_of(now) + timedelta(days=1).total_seconds() - now
