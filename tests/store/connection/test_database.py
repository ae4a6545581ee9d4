"""The database opens itself up to date, refuses what it cannot use, and has the tables the code thinks it has."""

import asyncio
import random
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

import bot.store.migrations
from bot.errors import ConfigError
from bot.jobs.model.job import JobState
from bot.jobs.model.ports import HistoryQuery
from bot.jobs.model.request import InputRef
from bot.runtime import SystemClock
from bot.store import Database, SqlJobStore, SqlKeyValues, SqlResultStore
from bot.store.tables import Base
from tests.jobs.samples import a_job, a_request, a_run, an_output


async def test_what_is_stored_for_a_while_is_gone_afterwards(database: Database) -> None:
    clock = SteppedClock()
    values = SqlKeyValues(database, clock)
    await values.set("for good", "a")
    await values.set("for a while", "b", until=10.0)
    clock.time = 9.0
    assert await values.get("for a while") == "b"
    clock.time = 10.0
    assert await values.get("for a while") is None
    await values.set("another", "c", until=20.0)
    async with database.reading() as connection:
        left = {row.key for row in await connection.execute(text("SELECT key FROM key_values"))}
    assert left == {"for good", "another"}
    assert await values.get("for good") == "a"


class SteppedClock(SystemClock):
    """A clock that is set."""

    time = 0.0

    def now(self) -> float:
        return self.time


async def test_the_migrations_make_exactly_the_tables(database: Database):
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_twice_changes_nothing_and_keeps_what_is_there(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path}/deep/er/bot.db"
    for expected in (None, "hash"):
        database = Database(url)
        await database.open()
        values = SqlKeyValues(database, SystemClock())
        assert await values.get("commands") == expected
        await values.set("commands", "hash")
        await database.close()


async def test_jobs_of_an_old_database_know_their_channel_and_results(tmp_path: Path) -> None:
    url, channel = f"sqlite+aiosqlite:///{tmp_path}/bot.db", 2**62 + 1
    database = Database(url)
    await database.open()
    request = a_request(1)
    request = request.by(replace(request.requester, channel_id=channel))
    job = await SqlJobStore(database).accept(a_job(request), lambda _: None)
    kept = replace(an_output(), kept=InputRef("cd" * 32, "png", 9))
    job = job.to(JobState.SUBMITTING).with_run(
        a_run().to(JobState.SUBMITTED).to(JobState.SUCCEEDED, outputs=(kept,))
    )
    await SqlJobStore(database).save(job)
    await database.close()
    engine = create_engine(f"sqlite:///{tmp_path}/bot.db")
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        assert "channel_id" not in {each["name"] for each in inspect(connection).get_columns("jobs")}
    engine.dispose()
    database = Database(url)
    await database.open()
    store = SqlJobStore(database)
    assert await store.channels_of(10) == {channel}
    query = HistoryQuery(viewer=2, guild_id=10, channels=frozenset({channel}))
    assert (await store.listed(query)).jobs == (job,)
    assert await SqlResultStore(database).results(10, "cd" * 32) == (job,), "and their results"
    await database.close()


async def test_values_can_be_removed(database: Database):
    values = SqlKeyValues(database, SystemClock())
    await values.set("a", "1")
    await values.set("a", "2")
    assert await values.get("a") == "2"
    await values.set("a", None)
    assert await values.get("a") is None


async def test_sqlite_is_set_up_for_several_connections(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await database.open()
    async with database.reading() as connection:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
            ("busy_timeout", 30_000),
            ("cache_size", -256),
        ):
            assert await connection.scalar(text(f"PRAGMA {pragma}")) == value
    await database.close()


async def test_a_database_of_a_newer_version_is_refused_in_words(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    database = Database(url)
    await database.open()
    await database.close()
    with sqlite3.connect(tmp_path / "bot.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(ConfigError, match="newer version"):
        await Database(url).open()


async def test_what_is_no_database_is_refused_in_words(tmp_path: Path):
    (tmp_path / "bot.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        await Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db").open()
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="DATA_DIR"):
        await Database(f"sqlite+aiosqlite:///{tmp_path}/file/bot.db").open()


async def test_closing_waits_for_whoever_has_begun(tmp_path: Path) -> None:
    """Or their connection stays open, and what they write is lost."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await database.open()

    async def write(table: str) -> None:
        async with database.writing() as connection:
            await connection.execute(text(f"CREATE TABLE {table} (x)"))
            begun.set()
            await go_on.wait()

    async with asyncio.TaskGroup() as group:
        for table in ("first", "waits_for_the_first"):
            group.create_task(write(table))
        await begun.wait()
        closing = group.create_task(database.close())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="not open"):
            async with database.reading():
                pass
        assert not closing.done()
        go_on.set()
    with sqlite3.connect(tmp_path / "bot.db") as connection:
        assert connection.execute("SELECT first.x FROM first, waits_for_the_first").fetchall() == []
    connection.close()


async def test_nothing_works_before_it_is_open():
    database = Database("sqlite+aiosqlite:///x.db")
    with pytest.raises(RuntimeError):
        async with database.reading():
            pass
    with pytest.raises(RuntimeError):
        async with database.writing():
            pass
    await database.close()


async def test_whoever_is_cancelled_in_a_transaction_leaves_no_lock_behind(database: Database) -> None:
    values = SqlKeyValues(database, SystemClock())
    dice = random.Random(7)
    for number in range(40):
        waiting = [asyncio.ensure_future(values.set(f"{number}-{each}", "x")) for each in range(4)]
        await asyncio.sleep(dice.random() * 0.006)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(10):
        await values.set("last", "written")
        assert await values.get("last") == "written"
