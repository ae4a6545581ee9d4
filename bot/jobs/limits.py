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
    _admit_to_own_share(job, standing, limits)
    _admit_by_time(job, standing, limits)
    if standing.queued + job.weight > limits.queue:
        raise UserError("The line is full right now. Please try again in a few minutes.")
    wait = line_length(standing.waiting, timings, servers)
    if wait is not None and wait > limits.wait:
        raise UserError(
            "The wait is about {minutes} minutes right now, and no more requests are taken. Please try again later.",
            minutes=math.ceil(wait / 60),
        )


def _admit_to_own_share(job: Job, standing: Standing, limits: LimitSettings) -> None:
    free = limits.jobs_per_user - standing.active
    # Somebody with nothing in the works may always have one job: its own size is capped by LIMITS_COUNT.
    if job.weight <= free or standing.active == 0:
        return
    if free <= 0:
        raise UserError(
            "You already have {active} of {limit} pictures in the works. Wait for one to finish, or cancel one.",
            active=standing.active,
            limit=max(limits.jobs_per_user, standing.active),
        )
    raise UserError(
        "You can have {limit} pictures in the works at a time. Ask for {free} or fewer now.",
        limit=limits.jobs_per_user,
        free=free,
    )


def _admit_by_time(job: Job, standing: Standing, limits: LimitSettings) -> None:
    if limits.cooldown and standing.last_at is not None:
        left = standing.last_at + limits.cooldown - job.created_at
        if left > 0:
            raise UserError(
                "Please wait {seconds} seconds before your next request.", seconds=math.ceil(left)
            )
    if not limits.daily or standing.today + job.weight <= limits.daily:
        return
    free = limits.daily - standing.today
    if free > 0:
        raise UserError(
            "You have {free} of {limit} pictures left today. Ask for {free} or fewer.",
            free=free,
            limit=limits.daily,
        )
    raise UserError(
        "You have had all {limit} pictures of today. There are new ones in {hours} hours.",
        limit=limits.daily,
        hours=math.ceil(_until_midnight(job.created_at) / 3600),
    )


def _until_midnight(now: float) -> float:
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1)).timestamp() - now
