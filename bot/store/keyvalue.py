"""Small facts the bot wants to find again after a restart, such as the commands it last registered."""

from sqlalchemy import delete, insert, or_, select

from bot.runtime import Clock
from bot.store.connection.database import Database
from bot.store.connection.transaction import transaction
from bot.store.tables import KeyValueRow


class SqlKeyValues:
    """Text by key; every method commits before it returns."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @transaction
    async def get(self, key: str) -> str | None:
        """Return what is stored under the key, unless its time is over."""
        valid = or_(KeyValueRow.expires_at.is_(None), KeyValueRow.expires_at > self._clock.now())
        async with self._database.reading() as connection:
            return await connection.scalar(select(KeyValueRow.value).where(KeyValueRow.key == key, valid))

    @transaction
    async def set(self, key: str, value: str | None, *, until: float | None = None) -> None:
        """Store a text, until then if a time is given, or remove what is there with None.

        Storing something for a time also removes everything whose time is over.
        """
        over = KeyValueRow.expires_at <= self._clock.now()
        async with self._database.writing() as connection:
            gone = KeyValueRow.key == key
            await connection.execute(delete(KeyValueRow).where(gone if until is None else or_(gone, over)))
            if value is not None:
                row = {"key": key, "value": value, "expires_at": until}
                await connection.execute(insert(KeyValueRow).values(row))
