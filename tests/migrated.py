"""A database with its tables made and nothing in it: made once, copied for each test."""

import asyncio
import functools
import tempfile
from pathlib import Path

from bot.store import Database


def lay_database(folder: Path) -> None:
    """Put an empty database into a folder, which is made; blocks, and needs a thread without a running loop."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bot.db").write_bytes(_empty())


@functools.cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bot.db")
        asyncio.run(_make(file))
        return file.read_bytes()


async def _make(file: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    await database.close()
