"""What people have used up, counted from their jobs and from what is kept of jobs that were removed.

What is kept names nobody: it stands under an HMAC of the person's id, whose key goes when nothing is kept any more.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.model.job import ENDINGS, JobState
from bot.jobs.model.request import JobId
from bot.jobs.queue.limits import day_of
from bot.store.connection.engine import serialize
from bot.store.tables import CounterRow, JobRow, KeyValueRow

KEY = "counters:key"
"""Under which name the key of the codes is stored."""

# What was cancelled before it started does not count.
_SPENT = (JobRow.state != JobState.CANCELLED.value) | JobRow.started_at.is_not(None)


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts against a person's limits."""

    pictures: int
    """Since the day began."""
    last_at: float | None
    """When the newest job was accepted."""


async def counted(connection: AsyncConnection, user_id: int, midnight: float) -> Counted:
    """Return what a person has used since the day began that is given."""
    mine = JobRow.user_id == user_id
    pictures = await connection.scalar(
        select(func.sum(JobRow.cost)).where(mine, JobRow.created_at >= midnight, _SPENT)
    )
    newest = await connection.scalar(select(func.max(JobRow.created_at)).where(mine, _SPENT))
    secret = await connection.scalar(select(KeyValueRow.value).where(KeyValueRow.key == KEY))
    if secret is None:  # nothing is kept of anybody
        return Counted(int(pictures or 0), newest)
    removed = CounterRow.person == _code(secret, user_id)
    gone = await connection.scalar(
        select(func.sum(CounterRow.pictures)).where(removed, CounterRow.day >= midnight)
    )
    last = await connection.scalar(select(func.max(CounterRow.last_at)).where(removed))
    times = [time for time in (newest, last) if time is not None]
    return Counted(int(pictures or 0) + int(gone or 0), max(times, default=None))


async def keep_counted(connection: AsyncConnection, job_id: JobId) -> None:
    """Keep what a job counts as; to be called in the transaction that removes it."""
    # One that has not ended was never accepted as far as anybody heard: see `JobRepository.tidy`.
    ended = JobRow.state.in_([state.value for state in ENDINGS])
    job = select(JobRow.user_id, JobRow.cost, JobRow.created_at).where(JobRow.id == job_id, ended, _SPENT)
    await serialize(connection)
    row = (await connection.execute(job)).first()
    if row is None:
        return
    user_id, cost, created_at = row
    person, day = _code(await _secret(connection), user_id), day_of(created_at)
    there = (CounterRow.person == person) & (CounterRow.day == day)
    known = (await connection.execute(select(CounterRow.pictures, CounterRow.last_at).where(there))).first()
    if known is None:
        first = {"person": person, "day": day, "pictures": cost, "last_at": created_at}
        await connection.execute(insert(CounterRow).values(**first))
        return
    pictures, last_at = known
    more = {"pictures": pictures + cost, "last_at": max(last_at, created_at)}
    await connection.execute(update(CounterRow).where(there).values(**more))


async def forget_counters(connection: AsyncConnection, *, day: float, last: float) -> None:
    """Remove what is kept of days before `day` whose newest job is from before `last`; with the last one, the key."""
    await serialize(connection)
    await connection.execute(delete(CounterRow).where(CounterRow.day < day, CounterRow.last_at < last))
    if not await connection.scalar(select(func.count()).select_from(CounterRow)):
        await connection.execute(delete(KeyValueRow).where(KeyValueRow.key == KEY))


async def _secret(connection: AsyncConnection) -> str:
    secret = await connection.scalar(select(KeyValueRow.value).where(KeyValueRow.key == KEY))
    if secret is None:
        secret = secrets.token_hex(32)
        await connection.execute(insert(KeyValueRow).values(key=KEY, value=secret))
    return secret


def _code(secret: str, user_id: int) -> str:
    return hmac.new(bytes.fromhex(secret), str(user_id).encode(), hashlib.sha256).hexdigest()
