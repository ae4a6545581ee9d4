"""Small facts the bot wants to find again after a restart, such as the commands it last registered."""

from sqlalchemy import delete, insert, select

from bot.store.database import Database
from bot.store.tables import KeyValueRow
from bot.store.whole import whole


class SqlKeyValues:
    """Text by key; every method commits before it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def get(self, key: str) -> str | None:
        """Return what is stored under the key."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(KeyValueRow.value).where(KeyValueRow.key == key))

    @whole
    async def set(self, key: str, value: str | None) -> None:
        """Store a text, or remove what is there with None."""
        async with self._database.writing() as connection:
            await connection.execute(delete(KeyValueRow).where(KeyValueRow.key == key))
            if value is not None:
                await connection.execute(insert(KeyValueRow).values(key=key, value=value))
