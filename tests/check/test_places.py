"""Local things that are wrong are named before the bot starts."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.check.findings import Finding, Level
from bot.check.places import check_places
from bot.settings import ModerationSettings, Settings
from bot.store import Database
from bot.store.connection.engine import make_engine


def by_topic(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.topic: finding for finding in findings}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


async def test_a_new_place_is_fine_and_nothing_is_left_behind(settings: Settings) -> None:
    found = by_topic(await check_places(settings))
    assert {finding.level for finding in found.values()} == {Level.FINE}
    assert list(settings.data_dir.iterdir()) == []


async def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    found = by_topic(await check_places(Settings(data_dir=tmp_path / "file" / "data")))
    assert found["DATA_DIR"].level is Level.ERROR
    assert "DATA_DIR" in found["DATA_DIR"].remedy


async def test_a_database_of_this_version_is_fine_and_one_of_a_newer_is_not(settings: Settings) -> None:
    settings.data_dir.mkdir()
    database = Database(settings.database_url)
    await database.open()
    await database.close()
    assert "up to date" in by_topic(await check_places(settings))["DATABASE_URL"].text
    engine = make_engine(settings.database_url, pooled=False)
    async with engine.connect() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
        await connection.commit()
    await engine.dispose()
    finding = by_topic(await check_places(settings))["DATABASE_URL"]
    assert (finding.level, "newer" in finding.text) == (Level.ERROR, True)


async def test_an_empty_database_will_be_made_ready(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "bot.db").touch()
    assert by_topic(await check_places(settings))["DATABASE_URL"].level is Level.NOTE


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://bot:hunter2@127.0.0.1:1/bot", "sqlite+aiosqlite:///{}"]
)
async def test_a_database_that_cannot_be_opened_is_an_error_without_its_password(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "x.db").write_text(
        "this is no database, not at all, whatever its name says", encoding="utf-8"
    )
    settings = Settings(data_dir=tmp_path, database_url=url.format(tmp_path / "x.db"))
    finding = by_topic(await check_places(settings))["DATABASE_URL"]
    assert finding.level is Level.ERROR
    assert "hunter2" not in finding.text + finding.remedy


async def test_a_missing_driver_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(url: str, *, pooled: bool) -> None:
        raise ModuleNotFoundError("asyncpg")

    monkeypatch.setattr("bot.check.places.make_engine", missing)
    wanted = settings.model_copy(update={"database_url": "postgresql+asyncpg://h/d"})
    assert "[postgres]" in by_topic(await check_places(wanted))["DATABASE_URL"].remedy


async def test_the_list_of_blocked_words_has_to_be_readable(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    settings = Settings(data_dir=tmp_path, moderation=ModerationSettings(blocked_words=words))
    assert by_topic(await check_places(settings))["MODERATION_BLOCKED_WORDS"].level is Level.ERROR
    words.write_text("one\n\n/two/\n", encoding="utf-8")
    assert by_topic(await check_places(settings))["MODERATION_BLOCKED_WORDS"].level is Level.FINE
    words.write_text("one\n/(/\n", encoding="utf-8")
    assert "line 2" in by_topic(await check_places(settings))["MODERATION_BLOCKED_WORDS"].text
    words.write_bytes(b"\xff\xfe\x00")
    assert by_topic(await check_places(settings))["MODERATION_BLOCKED_WORDS"].level is Level.ERROR


@pytest.mark.skipif(os.name != "posix", reason="Windows has permissions of its own")
async def test_a_folder_that_others_can_look_into_is_warned_of(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "letters.txt").touch()
    settings.data_dir.chmod(0o755)
    finding = by_topic(await check_places(settings))["DATA_DIR"]
    assert finding.level is Level.WARNING
    assert f"chmod 700 {settings.data_dir.resolve()}" in finding.remedy
