"""Check what lies on this machine: the data folder, the database, the list of blocked words."""

import asyncio
import tempfile
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import inspect, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.check.findings import Finding, error, fine, note, warning
from bot.errors import ConfigError
from bot.policy.words import read_words
from bot.settings import Settings
from bot.store.connection.database import MIGRATIONS
from bot.store.connection.engine import make_engine
from bot.store.connection.permissions import is_open_to_others, make_private_folder

PATIENCE = 15.0


async def check_places(settings: Settings) -> list[Finding]:
    """Look at everything local; nothing is changed but a file that comes and goes in the data folder."""
    findings = [
        await asyncio.to_thread(_data_folder, settings.data_dir),
        await _database(settings.database_url),
    ]
    words = settings.moderation.blocked_words
    if words is not None:
        findings.append(await asyncio.to_thread(_words, words))
    return findings


def _data_folder(folder: Path) -> Finding:
    try:
        make_private_folder(folder)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as problem:
        return error(
            "DATA_DIR",
            f"the folder {folder} cannot be written ({_reason(problem)})",
            "Give the bot's user the right to write there, or set DATA_DIR to another folder.",
        )
    if is_open_to_others(folder):
        return warning(
            "DATA_DIR",
            f"other users of this machine can look into {folder.resolve()}, which holds what people typed and attached",
            f"Run: chmod 700 {folder.resolve()}",
        )
    return fine("DATA_DIR", f"{folder.resolve()} can be written")


def _words(file: Path) -> Finding:
    topic = "MODERATION_BLOCKED_WORDS"
    try:
        read_words(file)
    except ConfigError as problem:
        remedy = "Put a text file in UTF-8 with one word or /pattern/ a line there, or unset the variable."
        return error(topic, str(problem).removeprefix(f"{topic}, ").removeprefix(f"{topic} "), remedy)
    return fine(topic, f"{file} can be read")


async def _database(url: str) -> Finding:
    topic = "DATABASE_URL"
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and _is_new(address.database):
            return fine(topic, "the database will be made at the first start")
        async with asyncio.timeout(PATIENCE):
            engine = make_engine(url, pooled=False)
            try:
                async with engine.connect() as connection:
                    version = await connection.run_sync(_version)
            finally:
                await engine.dispose()
    except ModuleNotFoundError:
        return error(
            topic, "the driver for this database is not installed", 'Run: pip install -e ".[postgres]"'
        )
    except (SQLAlchemyError, OSError, ValueError, TimeoutError) as problem:
        return error(
            topic,
            f"the database cannot be opened ({_reason(problem)})",
            "Check that the database runs and that user, password and name in DATABASE_URL are right.",
        )
    return _judge_version(topic, version)


def _is_new(database: str | None) -> bool:
    return database is None or database == ":memory:" or not Path(database).exists()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _judge_version(topic: str, version: str | None) -> Finding:
    scripts = ScriptDirectory(str(MIGRATIONS))
    newest = scripts.get_current_head()
    if version == newest:
        return fine(topic, "the database is there and up to date")
    try:
        if version is not None:
            scripts.get_revision(version)
    except CommandError:
        return error(
            topic,
            "the database was made by a newer version of this bot",
            "Update the bot, or give it another DATABASE_URL.",
        )
    return note(topic, "the database is there and will be brought up to date at the next start")


def _reason(problem: Exception) -> str:
    """Say what kind of problem it is, without the text: a driver's text may repeat the address and its password."""
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return type(problem).__name__
