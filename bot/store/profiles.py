"""People's settings in the database."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.counters import counted
from bot.store.forgetting import forget_person
from bot.store.tables import DefaultsRow, FavouriteRow, JobRow, ProfileRow, RunRow
from bot.users.profile import Defaults, Notify, Profile, Usage


class SqlProfileStore:
    """Implements `bot.users.profile.ProfileStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def profile(self, user_id: int) -> Profile:
        """Return the person's settings; those nobody made are the usual ones."""
        of_person = select(ProfileRow.language, ProfileRow.notify).where(ProfileRow.user_id == user_id)
        of_workflows = (
            select(DefaultsRow.workflow, DefaultsRow.chosen, DefaultsRow.private)
            .where(DefaultsRow.user_id == user_id)
            .order_by(DefaultsRow.workflow)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(of_person)).first()
            rows = (await connection.execute(of_workflows)).all()
        defaults = {workflow: Defaults(chosen, private) for workflow, chosen, private in rows}
        if row is None:
            return Profile(defaults=defaults)
        return Profile(language=row.language, notify=Notify(row.notify), defaults=defaults)

    async def set_language(self, user_id: int, language: str | None) -> None:
        """Keep the person's language; None for Discord's."""
        await self._set(user_id, language=language)

    async def set_notify(self, user_id: int, notify: Notify) -> None:
        """Keep how the person wants to be told."""
        await self._set(user_id, notify=notify.value)

    @transaction
    async def set_defaults(self, user_id: int, workflow: str, defaults: Defaults) -> None:
        """Keep them in place of earlier ones; empty ones are removed."""
        there = DefaultsRow.user_id == user_id, DefaultsRow.workflow == workflow
        async with self._database.writing() as connection:
            await connection.execute(delete(DefaultsRow).where(*there))
            if defaults:
                await connection.execute(
                    insert(DefaultsRow).values(
                        user_id=user_id,
                        workflow=workflow,
                        chosen=dict(defaults.values),
                        private=defaults.private,
                    )
                )

    @transaction
    async def languages(self) -> Mapping[int, str]:
        """Return everybody's language, by person."""
        statement = select(ProfileRow.user_id, ProfileRow.language).where(ProfileRow.language.is_not(None))
        async with self._database.reading() as connection:
            return {user: language for user, language in await connection.execute(statement) if language}

    @transaction
    async def usage(self, user_id: int, *, midnight: float) -> Usage:
        """Return what the person has used; `midnight` is when the day began."""
        mine = JobRow.user_id == user_id
        seconds = (
            select(func.sum(RunRow.finished_at - RunRow.started_at))
            .join(JobRow, JobRow.number == RunRow.job_number)
            .where(mine, RunRow.finished_at.is_not(None), RunRow.started_at.is_not(None))
        )
        async with self._database.reading() as connection:
            jobs = await connection.scalar(select(func.count()).select_from(JobRow).where(mine))
            used = await counted(connection, user_id, midnight)
            worked = await connection.scalar(seconds)
            favourites = await connection.scalar(
                select(func.count()).select_from(FavouriteRow).where(FavouriteRow.user_id == user_id)
            )
        return Usage(
            jobs=jobs or 0, today=used.pictures, seconds=float(worked or 0.0), favourites=favourites or 0
        )

    @transaction
    async def forget(self, user_id: int) -> tuple[str, ...]:
        """Remove all about the person but their jobs and bans; returns the forms that were begun."""
        async with self._database.writing() as connection:
            return await forget_person(connection, user_id)

    @transaction
    async def scrub(self) -> None:
        """Overwrite what was removed where the database would keep it for a while; see `Database.scrub`."""
        await self._database.scrub()

    @transaction
    async def _set(self, user_id: int, **values: Any) -> None:
        async with self._database.writing() as connection:
            changed = await connection.execute(
                update(ProfileRow).where(ProfileRow.user_id == user_id).values(**values)
            )
            if not changed.rowcount:
                first = {"user_id": user_id, "notify": Notify.NEVER.value, **values}
                await connection.execute(insert(ProfileRow).values(**first))
