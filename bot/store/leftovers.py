"""Messages that stayed behind, in the database."""

from sqlalchemy import delete, insert, select

from bot.jobs.model.leftover import Leftover
from bot.jobs.model.request import JobId
from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.tables import LeftoverRow


class SqlLeftoverStore:
    """Implements `bot.jobs.model.leftover.LeftoverStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def leave(self, leftover: Leftover) -> None:
        """Note a message; one that is known stays as it was noted first."""
        known = select(LeftoverRow.message_id).where(LeftoverRow.message_id == leftover.message_id)
        async with self._database.writing() as connection:
            if await connection.scalar(known) is None:
                await connection.execute(
                    insert(LeftoverRow).values(
                        message_id=leftover.message_id,
                        channel_id=leftover.channel_id,
                        job_id=leftover.job_id,
                        remove=leftover.remove,
                        since=leftover.since,
                    )
                )

    @transaction
    async def leftovers(self, limit: int) -> tuple[Leftover, ...]:
        """Return those noted, oldest first, at most so many."""
        row = LeftoverRow
        oldest = select(row.job_id, row.channel_id, row.message_id, row.remove, row.since)
        statement = oldest.order_by(row.since, row.message_id).limit(limit)
        async with self._database.reading() as connection:
            return tuple(
                Leftover(
                    job_id=JobId(job), channel_id=channel, message_id=message, remove=remove, since=since
                )
                for job, channel, message, remove, since in await connection.execute(statement)
            )

    @transaction
    async def cleared(self, message_id: int) -> None:
        """Forget a message."""
        async with self._database.writing() as connection:
            await connection.execute(delete(LeftoverRow).where(LeftoverRow.message_id == message_id))
