"""What jobs gave out, in the database."""

from sqlalchemy import insert, select

from bot.jobs.model.job import Job
from bot.jobs.model.request import JobId
from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.jobs import load
from bot.store.tables import JobRow, ResultRow, RunRow

MOST = 20
"""Jobs of one seed that are looked at."""


class SqlResultStore:
    """Implements `bot.jobs.recognition.ResultStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def note_result(self, job_id: JobId, sha256: str) -> None:
        """Keep that a job gave out a file of this content; nothing where the job was removed, or it is known."""
        number = select(JobRow.number).where(JobRow.id == job_id)
        known = select(ResultRow.sha256).where(
            ResultRow.sha256 == sha256, ResultRow.job_number.in_(number.scalar_subquery())
        )
        async with self._database.writing() as connection:
            found = await connection.scalar(number)
            if found is not None and await connection.scalar(known) is None:
                await connection.execute(insert(ResultRow).values(sha256=sha256, job_number=found))

    @transaction
    async def results(self, guild_id: int, sha256: str) -> tuple[Job, ...]:
        """Return the jobs of a guild that gave out a file of this content."""
        numbers = select(ResultRow.job_number).where(ResultRow.sha256 == sha256)
        here = select(JobRow.__table__).where(JobRow.guild_id == guild_id, JobRow.number.in_(numbers))
        async with self._database.reading() as connection:
            return await load(connection, here.order_by(JobRow.number.desc()))

    @transaction
    async def seeded(self, guild_id: int, seed: int) -> tuple[Job, ...]:
        """Return jobs of a guild with a run of this seed, the newest first."""
        numbers = select(RunRow.job_number).where(RunRow.seed == str(seed))
        here = select(JobRow.__table__).where(JobRow.guild_id == guild_id, JobRow.number.in_(numbers))
        async with self._database.reading() as connection:
            return await load(connection, here.order_by(JobRow.number.desc()).limit(MOST))
