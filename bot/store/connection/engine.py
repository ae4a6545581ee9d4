"""Connections that behave alike on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

WRITING = "writing"
"""Execution option: the transaction is going to write. On SQLite it takes the write lock at its start, so that
nothing it reads can change before it writes, and it never fails for having read too early."""

BUSY_TIMEOUT = 30_000
"""Milliseconds a transaction waits for another one's lock."""

CACHE = 256
"""Kilobytes of the database that each SQLite connection keeps in memory; the system's own cache has the rest.

By default it is two megabytes for each of several connections, and they fill slowly, as jobs come in: that looked like
a leak.
"""

_ACCEPT_LOCK = 0x636F6D66  # any number of our own


def make_engine(url: str, *, pooled: bool = True) -> AsyncEngine:
    """Return an engine; nothing is opened yet."""
    options: dict[str, Any] = {} if pooled else {"poolclass": NullPool}
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT / 1000}, **options)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    return create_async_engine(url, pool_pre_ping=True, **options)


async def serialize(connection: AsyncConnection) -> None:
    """Let nobody else accept anything until this transaction has ended; a SQLite writer is alone as it is."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ACCEPT_LOCK})


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late (only before a write) and never as IMMEDIATE: we say it ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is removed is overwritten, not left in the file until its place is needed.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute(f"PRAGMA cache_size = -{CACHE}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
