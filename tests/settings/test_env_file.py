"""The file and the environment: which is read, which wins, and what is said of names nobody knows."""

import logging
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.settings import VARIABLES, load_settings
from tests.settings.reading import TOKEN, mistakes_of


def test_the_environment_wins_and_empty_values_count_as_unset(env_file: Path) -> None:
    env_file.write_text("DISCORD_TOKEN=file\nLIMITS_COUNT=7\nLIMITS_STEPS=8\nLOG_LEVEL=\n", encoding="utf-8")
    settings = load_settings({"LIMITS_COUNT": "9", "LIMITS_STEPS": "", "DISCORD_GUILDS": ""}, env_file)
    assert settings.discord.token.get_secret_value() == "file"
    assert (settings.limits.count, settings.limits.steps, settings.log.level) == (9, 8, "INFO")


def test_the_file_is_read_as_people_write_it(env_file: Path) -> None:
    text = "\ufeff# mine\r\nexport DISCORD_TOKEN='a.b.c'\r\nLOG_LEVEL = debug # much\r\nEDITOR=vi\r\nLOG_FORMAT\r\n"
    env_file.write_text(text, encoding="utf-8", newline="")
    assert "line 5" in next(iter(mistakes_of({}, env_file).values()))
    env_file.write_text(text.replace("LOG_FORMAT", ""), encoding="utf-8", newline="")
    settings = load_settings({}, env_file)
    assert (settings.discord.token.get_secret_value(), settings.log.level) == ("a.b.c", "DEBUG")


def test_a_value_is_taken_as_it_stands(env_file: Path) -> None:
    env_file.write_text(
        "DISCORD_TOKEN=x\nDATABASE_URL=postgresql+asyncpg://u:${HOME}@h/d\n", encoding="utf-8"
    )
    assert load_settings({}, env_file).database_url == "postgresql+asyncpg://u:${HOME}@h/d"


def test_a_file_that_cannot_be_read_is_a_mistake_and_a_missing_one_is_not(
    env_file: Path, tmp_path: Path
) -> None:
    assert load_settings(TOKEN, env_file).warnings == ()
    env_file.write_bytes("DISCORD_TOKEN=ä".encode("utf-16"))
    assert "UTF-8" in next(iter(mistakes_of(TOKEN, env_file).values()))
    assert "cannot be read" in next(iter(mistakes_of(TOKEN, tmp_path).values()))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("COMFYUI_URL", "COMFYUI_URLS"),
        ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"),
        ("discord_guilds", "DISCORD_GUILDS"),
        ("LIMITS_PER_USER", "LIMITS_JOBS_PER_USER"),
        ("LOG_LVL", "LOG_LEVEL"),
    ],
)
def test_an_unknown_name_with_our_prefix_in_the_file_is_an_error(
    env_file: Path, name: str, meant: str
) -> None:
    env_file.write_text(f"{name}=very-secret\n", encoding="utf-8")
    mistakes = mistakes_of(TOKEN, env_file)
    assert f"did you mean {meant}?" in mistakes[name]
    assert "very-secret" not in str(mistakes)


def test_near_misses_in_the_environment_are_warnings_and_foreign_names_are_nothing(env_file: Path) -> None:
    env_file.write_text("COMFY_URLS=http://x\nPATH=/bin\nLOG_LEVEL=INFO\nLOG_LEVEL=DEBUG\n", encoding="utf-8")
    foreign = (
        "DATABASE_POOL",
        "LOG_DIR",
        "DATABASE_USER",
        "METRICS_HOST",
        "HOME",
        "DISCORD_WEBHOOK",
        "LOG_FILE",
    )
    settings = load_settings(TOKEN | {"DISCORD_TOKN": "very-secret"} | dict.fromkeys(foreign, "x"), env_file)
    told = "\n".join(settings.warnings)
    assert "DISCORD_TOKN in the environment is unknown and ignored; did you mean DISCORD_TOKEN?" in told
    assert "did you mean COMFYUI_URLS?" in told
    assert "more than once" in told
    assert len(settings.warnings) == 3
    assert "very-secret" not in told


def test_the_real_environment_is_read_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISCORD_TOKEN", "from-outside")
    (tmp_path / ".env").write_text("LIMITS_COUNT=2", encoding="utf-8")
    settings = load_settings()
    assert (settings.discord.token.get_secret_value(), settings.limits.count) == ("from-outside", 2)


def test_nothing_is_logged_while_reading(env_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    env_file.write_text("???\n", encoding="utf-8")
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigError):
        load_settings(TOKEN, env_file)
    assert not caplog.records
