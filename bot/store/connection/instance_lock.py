"""One bot process per database and shard: the second is refused, and whoever dies lets go at once."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import ConfigError
from bot.store.connection.engine import make_engine
from bot.store.connection.filelock import Held, hold

PATIENCE = 3.0
"""Seconds a predecessor that is about to end is waited for."""

_EVERY = 0.2
_GATE, _SHARD = 0x636F6D67, 0x636F6D68  # any numbers of our own, beside the one that serialises acceptance


@asynccontextmanager
async def instance_lock(
    url: str, shards: Collection[int] = (), *, patience: float = PATIENCE
) -> AsyncGenerator[None]:
    """Be the only process that serves these shards (none: all of them) from this database, for the length of the block.

    The operating system, or the database server, lets go when the process dies, however it dies. Raises
    `ConfigError` when another process serves one of them, or the database cannot be reached.
    """
    location = make_url(url)
    if location.get_backend_name() != "sqlite":
        async with _on_server(url, shards, patience):
            yield
    elif not location.database or location.database == ":memory:":
        yield
    else:
        async with _on_disk(Path(location.database), shards, patience):
            yield


@asynccontextmanager
async def _on_disk(database: Path, shards: Collection[int], patience: float) -> AsyncGenerator[None]:
    path = database.with_name(f"{database.name}.lock")
    try:
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        held = await _patiently(lambda: hold(path, shards), patience)
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be made beside the database: {error.strerror}.") from error
    if held is None:
        raise _refused()
    try:
        yield
    finally:
        await asyncio.to_thread(held.close)


@asynccontextmanager
async def _on_server(url: str, shards: Collection[int], patience: float) -> AsyncGenerator[None]:
    # A connection of its own, kept for as long as the process lives: the locks belong to its session.
    engine = make_engine(url, pooled=False).execution_options(isolation_level="AUTOCOMMIT")
    try:
        try:
            connection = await engine.connect()
        except (SQLAlchemyError, OSError) as error:
            raise ConfigError(
                f"The database cannot be opened ({type(error).__name__}). Check DATABASE_URL."
            ) from error
        try:
            deadline = asyncio.get_running_loop().time() + patience
            while not await _take(connection, shards):
                if asyncio.get_running_loop().time() >= deadline:
                    raise _refused()
                await asyncio.sleep(_EVERY)
            yield
        finally:
            await connection.invalidate()
    finally:
        await engine.dispose()


async def _take(connection: AsyncConnection, shards: Collection[int]) -> bool:
    """Take the lock of every shard; who serves them all keeps everybody else out, and is kept out by anybody."""
    kind = "_shared" if shards else ""
    wanted = [
        (f"pg_try_advisory_lock{kind}", _GATE, 0),
        *(("pg_try_advisory_lock", _SHARD, n) for n in shards),
    ]
    for function, key, number in wanted:
        taken = await connection.scalar(
            text(f"SELECT {function}(:key, :number)"), {"key": key, "number": number}
        )
        if not taken:
            await connection.execute(text("SELECT pg_advisory_unlock_all()"))
            return False
    return True


async def _patiently(attempt: Callable[[], Held | None], patience: float) -> Held | None:
    deadline = asyncio.get_running_loop().time() + patience
    while (held := await asyncio.to_thread(attempt)) is None:
        if asyncio.get_running_loop().time() >= deadline:
            return None
        await asyncio.sleep(_EVERY)
    return held


def _refused() -> ConfigError:
    return ConfigError(
        "Another process of this bot already serves these shards from this database. Stop that one first, "
        "or give each process shards of its own (DISCORD_SHARD_IDS), or a database of its own (DATA_DIR, DATABASE_URL)."
    )
