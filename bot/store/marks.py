"""Favourites and reminders in the database."""

from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.model.request import JobId
from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.tables import FavouriteRow, JobRow, ReminderRow
from bot.users.marks import Favour, Reminder


class SqlMarkStore:
    """Implements `bot.users.marks.MarkStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def favour(self, job_id: JobId, user_id: int, *, at: float) -> Favour:
        """Add the job to the person's favourites, or take it out of them; returns how it is then."""
        async with self._database.writing() as connection:
            number = await _number(connection, job_id)
            there = _favourite(number, user_id)
            if not (await connection.execute(delete(FavouriteRow).where(*there))).rowcount:
                values = {"user_id": user_id, "job_number": number, "at": at}
                await connection.execute(insert(FavouriteRow).values(**values))
            return await _favour(connection, number, user_id)

    @transaction
    async def favoured(self, job_id: JobId, user_id: int) -> Favour:
        """Return how it is."""
        async with self._database.reading() as connection:
            return await _favour(connection, await _number(connection, job_id), user_id)

    @transaction
    async def remind(self, job_id: JobId, reminder: Reminder) -> None:
        """Note that somebody wants to be told, in place of an earlier wish."""
        async with self._database.writing() as connection:
            number = await _number(connection, job_id)
            await connection.execute(
                delete(ReminderRow).where(
                    ReminderRow.job_number == number, ReminderRow.user_id == reminder.user_id
                )
            )
            await connection.execute(
                insert(ReminderRow).values(
                    job_number=number,
                    user_id=reminder.user_id,
                    locale=reminder.locale,
                    direct=reminder.direct,
                )
            )

    @transaction
    async def reminders(self, job_id: JobId) -> tuple[Reminder, ...]:
        """Return who wants to be told of the end."""
        statement = (
            select(ReminderRow.user_id, ReminderRow.locale, ReminderRow.direct)
            .join(JobRow, JobRow.number == ReminderRow.job_number)
            .where(JobRow.id == job_id)
            .order_by(ReminderRow.user_id)
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(statement)
            return tuple(
                Reminder(user_id=user, locale=locale, direct=direct) for user, locale, direct in rows
            )

    @transaction
    async def reminded(self, job_id: JobId, user_id: int) -> None:
        """Note that somebody was told, or does not want to be told any more."""
        number = select(JobRow.number).where(JobRow.id == job_id).scalar_subquery()
        async with self._database.writing() as connection:
            await connection.execute(
                delete(ReminderRow).where(ReminderRow.job_number == number, ReminderRow.user_id == user_id)
            )

    @transaction
    async def overdue(self) -> tuple[JobId, ...]:
        """Return the delivered jobs of which somebody still waits to hear."""
        waiting = select(ReminderRow.job_number)
        statement = (
            select(JobRow.id)
            .where(JobRow.number.in_(waiting), JobRow.delivered_at.is_not(None))
            .order_by(JobRow.number)
        )
        async with self._database.reading() as connection:
            return tuple(JobId(job_id) for job_id in await connection.scalars(statement))


async def _number(connection: AsyncConnection, job_id: JobId) -> int:
    number = await connection.scalar(select(JobRow.number).where(JobRow.id == job_id))
    if number is None:
        raise LookupError(f"job {job_id} is not in the database")
    return number


def _favourite(number: int, user_id: int) -> tuple[ColumnElement[Any], ...]:
    return FavouriteRow.job_number == number, FavouriteRow.user_id == user_id


async def _favour(connection: AsyncConnection, number: int, user_id: int) -> Favour:
    count = func.count()
    own = await connection.scalar(select(count).select_from(FavouriteRow).where(*_favourite(number, user_id)))
    everybody = await connection.scalar(
        select(count).select_from(FavouriteRow).where(FavouriteRow.job_number == number)
    )
    return Favour(bool(own), everybody or 0)
