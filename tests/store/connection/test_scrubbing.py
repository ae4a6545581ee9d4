"""What was removed from an SQLite database is not in its files any more."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import Database, SqlJobStore
from bot.store.connection.scrubbing import empty_log, overwrite_from_now_on
from tests.jobs.samples import a_job, a_request

SECRET = "zyxomma"


def there(file: Path) -> bool:
    files = [path for path in file.parent.iterdir() if path.is_file()]
    return any(SECRET.encode() in path.read_bytes() for path in files)


def left_by_an_older_version(file: Path) -> None:
    """Write and remove something the way it was done before removed content was overwritten."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE things (said TEXT)")
        connection.executemany(
            "INSERT INTO things VALUES (?)", [(f"{SECRET} {each}" * 50,) for each in range(99)]
        )
        connection.execute("DELETE FROM things")


async def test_what_an_older_version_removed_goes_when_the_database_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    await asyncio.to_thread(left_by_an_older_version, file)
    assert there(file)
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    await database.close()
    assert not there(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.executemany("INSERT INTO things VALUES (?)", [(SECRET,)] * 9)
        connection.commit()
    await asyncio.to_thread(overwrite_from_now_on, file)
    assert there(file), "it is rebuilt once only"


async def test_what_is_removed_now_is_overwritten_while_somebody_reads(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    store = SqlJobStore(database)
    jobs = [
        await store.accept(a_job(a_request(values={"prompt": SECRET * each})), lambda _standing: None)
        for each in (1, 500, 5000)
    ]
    for job in jobs:
        await store.forget(job.id)
    assert there(file), "in the log of changes"

    async def read() -> None:
        while True:
            await store.unfinished()

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        reader = group.create_task(read())
        await database.scrub()
        reader.cancel()
    assert not there(file)
    await database.close()


async def test_a_reader_that_never_ends_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.connection.scrubbing._TRIES", 1)
    file = tmp_path / "bot.db"
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    store = SqlJobStore(database)
    job = await store.accept(a_job(), lambda _standing: None)
    async with database.reading() as connection:
        await connection.exec_driver_sql("SELECT * FROM jobs")
        await store.forget(job.id)
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(empty_log, file)
    await database.scrub()
    await database.close()
