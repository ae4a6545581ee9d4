"""Runs migrations on the connection that `Database.open` hands over, or on DATABASE_URL for Alembic's own command."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from bot.store.connection.engine import WRITING, make_engine
from bot.store.tables import Base


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def _migrate_by_url() -> None:
    engine = make_engine(os.environ["DATABASE_URL"], pooled=False)
    async with engine.execution_options(**{WRITING: True}).begin() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    _migrate(handed_over)
else:
    asyncio.run(_migrate_by_url())
