"""The database: opened with its schema brought up to date, closed at the end."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import ConfigError
from bot.store.connection.engine import WRITING, make_engine
from bot.store.connection.permissions import make_private_file
from bot.store.connection.scrubbing import empty_log, overwrite_from_now_on

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parents[1] / "migrations"

CLOSING = 5.0
"""Seconds that transactions under way are waited for at the end."""


class Database:
    """One database, by its SQLAlchemy URL (`sqlite+aiosqlite://…` or `postgresql+asyncpg://…`)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: AsyncEngine | None = None
        self._writer: AsyncEngine | None = None
        # SQLite has one writer at a time: better to wait here than in threads that ask again and again.
        sqlite = make_url(url).get_backend_name() == "sqlite"
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if sqlite else nullcontext()
        self._in_use = 0
        self._given_back = asyncio.Condition()

    async def open(self) -> None:
        """Connect and run the migrations that are missing; raises ConfigError when that cannot be done."""
        try:
            await asyncio.to_thread(_upgrade, self.url)
        except CommandError as error:
            raise ConfigError(
                "The database was made by a newer version of this bot. Update the bot, or give it another DATABASE_URL."
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise ConfigError(
                f"The database cannot be opened ({type(error).__name__}). Check DATABASE_URL and DATA_DIR."
            ) from error
        if (file := self._file) is not None:
            await asyncio.to_thread(overwrite_from_now_on, file)
        self._engine = make_engine(self.url)
        self._writer = self._engine.execution_options(**{WRITING: True})

    async def scrub(self) -> None:
        """Empty SQLite's log of changes, which keeps what was removed for a while; other databases see to it themselves.

        Raises TimeoutError, which is an OSError, when somebody reads the whole time.
        """
        if (file := self._file) is not None:
            async with self._turn:
                await asyncio.to_thread(empty_log, file)

    @property
    def _file(self) -> Path | None:
        url = make_url(self.url)
        kept = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
        return Path(url.database or "") if kept else None

    async def close(self) -> None:
        """Let nobody begin anything more, wait a while for those who have begun, and close every connection."""
        engine, self._engine, self._writer = self._engine, None, None
        if engine is None:
            return
        # The engine closes only what has been given back; the rest would stay open with nobody to close it.
        try:
            async with asyncio.timeout(CLOSING), self._given_back:
                await self._given_back.wait_for(lambda: not self._in_use)
        except TimeoutError:
            log.warning("%d connections to the database are in use and stay open", self._in_use)
        await engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Give a connection for looking things up."""
        async with self._used(self._engine) as engine, engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Give a connection in a transaction that is committed at the end of the block, or not at all."""
        async with self._used(self._writer) as engine, self._turn, engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def _used(self, engine: AsyncEngine | None) -> AsyncGenerator[AsyncEngine]:
        if engine is None:
            raise RuntimeError("the database is not open")
        self._in_use += 1
        try:
            yield engine
        finally:
            self._in_use -= 1
            async with self._given_back:
                self._given_back.notify_all()


def _upgrade(url: str) -> None:
    """Run in a thread of its own, with a loop and an engine of its own: scripts are read and tables built."""
    location = make_url(url)
    if location.get_backend_name() == "sqlite" and location.database and location.database != ":memory:":
        _make_private(Path(location.database))
    asyncio.run(_upgrade_async(url))


def _make_private(file: Path) -> None:
    """Let nobody else read the database; SQLite gives the files it makes beside it the same permissions."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private_file(file)
    for beside in (file.with_name(f"{file.name}{ending}") for ending in ("-wal", "-shm")):
        if beside.exists():
            make_private_file(beside)


async def _upgrade_async(url: str) -> None:
    engine = make_engine(url, pooled=False)
    try:
        async with engine.execution_options(**{WRITING: True}).begin() as connection:
            await connection.run_sync(_run_migrations)
    finally:
        await engine.dispose()


def _run_migrations(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
