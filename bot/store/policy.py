"""Bans, flags and the audit record in the database."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.policy.ports import AuditEntry, Ban
from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.tables import AuditRow, BanRow, FlagRow


class SqlPolicyStore:
    """Implements `bot.policy.ports.PolicyStore`; an act and its audit entry are committed together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def ban(self, ban: Ban, entry: AuditEntry) -> None:
        """Add or renew a ban."""
        async with self._database.writing() as connection:
            await connection.execute(_the_ban(ban.guild_id, ban.user_id))
            await connection.execute(insert(BanRow).values(**asdict(ban)))
            await _record(connection, entry)

    @transaction
    async def unban(self, guild_id: int, user_id: int, entry: AuditEntry) -> bool:
        """Remove a ban; returns whether there was one (and records the act only then)."""
        async with self._database.writing() as connection:
            removed = (await connection.execute(_the_ban(guild_id, user_id))).rowcount > 0
            if removed:
                await _record(connection, entry)
        return removed

    @transaction
    async def banned(self, guild_id: int, user_id: int) -> bool:
        """Whether the person is banned in that guild."""
        statement = select(BanRow.at).where(BanRow.guild_id == guild_id, BanRow.user_id == user_id)
        async with self._database.reading() as connection:
            return await connection.scalar(statement) is not None

    @transaction
    async def bans(self, guild_id: int) -> tuple[Ban, ...]:
        """Return a guild's bans, newest first."""
        statement = select(BanRow.guild_id, BanRow.user_id, BanRow.by, BanRow.at, BanRow.reason)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                statement.where(BanRow.guild_id == guild_id).order_by(BanRow.at.desc())
            )
            return tuple(
                Ban(guild_id=guild, user_id=user, by=by, at=at, reason=reason)
                for guild, user, by, at, reason in rows
            )

    @transaction
    async def set_flag(self, name: str, value: str | None, entry: AuditEntry) -> bool:
        """Set a flag, or clear it with None; returns whether that changed anything (recorded only then)."""
        async with self._database.writing() as connection:
            if await connection.scalar(select(FlagRow.value).where(FlagRow.name == name)) == value:
                return False
            await connection.execute(delete(FlagRow).where(FlagRow.name == name))
            if value is not None:
                await connection.execute(insert(FlagRow).values(name=name, value=value))
            await _record(connection, entry)
        return True

    @transaction
    async def flag(self, name: str) -> str | None:
        """Return a flag's value; None when it is not set."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(FlagRow.value).where(FlagRow.name == name))

    @transaction
    async def record(self, entry: AuditEntry) -> None:
        """Add an entry that belongs to no change in the database."""
        async with self._database.writing() as connection:
            await _record(connection, entry)

    @transaction
    async def audit(self, guild_id: int | None, limit: int) -> tuple[AuditEntry, ...]:
        """Return the newest entries of a guild (None: of all), newest first."""
        statement = select(
            AuditRow.at,
            AuditRow.actor_id,
            AuditRow.action,
            AuditRow.guild_id,
            AuditRow.subject,
            AuditRow.detail,
        )
        if guild_id is not None:
            statement = statement.where(AuditRow.guild_id == guild_id)
        async with self._database.reading() as connection:
            rows = await connection.execute(statement.order_by(AuditRow.id.desc()).limit(limit))
            return tuple(
                AuditEntry(
                    at=at, actor_id=actor, action=action, guild_id=guild, subject=subject, detail=detail
                )
                for at, actor, action, guild, subject, detail in rows
            )


def _the_ban(guild_id: int, user_id: int) -> Any:
    return delete(BanRow).where(BanRow.guild_id == guild_id, BanRow.user_id == user_id)


async def _record(connection: AsyncConnection, entry: AuditEntry) -> None:
    await connection.execute(insert(AuditRow).values(**asdict(entry)))
