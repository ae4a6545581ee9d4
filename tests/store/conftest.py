"""A database of its own for every test."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import Database
from tests.migrated import lay_database

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "postgresql" and not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL database to test with")
    url = POSTGRES if request.param == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/data/bot.db"
    if request.param == "sqlite":
        await asyncio.to_thread(lay_database, tmp_path / "data")
    database = Database(url)
    await database.open()
    yield database
    if request.param == "postgresql":
        await _empty(database)
    await database.close()


async def _empty(database: Database) -> None:
    from bot.store.tables import Base

    async with database.writing() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())
