"""What is stored about Discord servers, and which of them the bot was removed from."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, insert, select

from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.tables import AuditRow, BanRow, FlagRow, JobRow, LeftGuildRow


class SqlGuildStore:
    """Implements `bot.jobs.departures.GuildStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def mentioned(self) -> frozenset[int]:
        """Return the servers anything is stored of."""
        async with self._database.reading() as connection:
            found: set[int | None] = set()
            for column in (JobRow.guild_id, BanRow.guild_id, AuditRow.guild_id):
                found |= set(await connection.scalars(select(column).distinct()))
            flags = await connection.scalars(select(FlagRow.name))
            found |= {int(tail) for name in flags if (tail := name.rpartition(":")[2]).isdecimal()}
        return frozenset(guild for guild in found if guild is not None)

    @transaction
    async def left(self) -> Mapping[int, float]:
        """Return the servers the bot is not in any more, each with the time that was noticed."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(LeftGuildRow.guild_id, LeftGuildRow.since))
            return {row.guild_id: row.left_at for row in rows}

    @transaction
    async def leave(self, guilds: Collection[int], *, at: float) -> None:
        """Note that the bot is not in these servers; an earlier time stays."""
        async with self._database.writing() as connection:
            known = set(await connection.scalars(select(LeftGuildRow.guild_id)))
            for guild in set(guilds) - known:
                await connection.execute(insert(LeftGuildRow).values(guild_id=guild, since=at))

    @transaction
    async def back(self, guilds: Collection[int]) -> None:
        """Note that the bot is in these servers again."""
        async with self._database.writing() as connection:
            for guild in guilds:
                await connection.execute(delete(LeftGuildRow).where(LeftGuildRow.guild_id == guild))

    @transaction
    async def forget(self, guild_id: int) -> None:
        """Remove bans, decisions and the audit record of a server; its jobs are removed elsewhere."""
        async with self._database.writing() as connection:
            for table in (BanRow, AuditRow, LeftGuildRow):
                await connection.execute(delete(table).where(table.guild_id == guild_id))
            decisions = FlagRow.name.endswith(f":{guild_id}", autoescape=True)
            await connection.execute(delete(FlagRow).where(decisions))
