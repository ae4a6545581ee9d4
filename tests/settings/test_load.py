"""What operators may write, and what they are told when it is wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import VARIABLES, Settings, load_settings
from tests.settings.reading import TOKEN, mistakes_of


def test_the_defaults_are_those_of_the_documentation() -> None:
    settings = load_settings(TOKEN, None)
    assert settings.discord.token.get_secret_value() == "abc.def.ghi"
    assert (settings.discord.dev_guild, settings.discord.guilds) == (None, ())
    assert (settings.discord.shard_count, settings.discord.shard_ids) == (None, ())
    assert settings.comfyui.urls == ("http://127.0.0.1:8188",)
    assert (dict(settings.comfyui.headers), settings.comfyui.public_url) == ({}, None)
    assert (settings.comfyui.depth, settings.comfyui.previews) == (2, True)
    assert settings.data_dir == Path("data")
    assert settings.database_url == "sqlite+aiosqlite:///data/bot.db"
    assert (settings.workflows.directory, settings.workflows.default) == (Path("workflows"), "txt2img")
    limits = settings.limits
    assert (limits.jobs_per_user, limits.queue, limits.wait, limits.cooldown, limits.daily) == (
        3,
        100,
        1800,
        0,
        0,
    )
    assert (limits.count, limits.pixels, limits.steps) == (4, 2_200_000, 60)
    assert (limits.stall, limits.job_timeout) == (600, 1800)
    assert settings.moderation.blocked_words is None
    assert (settings.log.level, settings.log.format) == ("INFO", "text")
    assert (settings.metrics_port, settings.warnings) == (None, ())


def test_every_variable_is_read() -> None:
    settings = load_settings(
        TOKEN
        | {
            "DISCORD_DEV_GUILD": "5",
            "DISCORD_GUILDS": " 1, 2,",
            "DISCORD_SHARD_COUNT": "4",
            "DISCORD_SHARD_IDS": "0,3",
            "COMFYUI_URLS": "https://me:p%40ss@gpu.example/comfy/, http://[::1]:8188",
            "COMFYUI_HEADERS": '{"X-Key": "ä secret"}',
            "COMFYUI_PUBLIC_URL": "https://pictures.example/",
            "COMFYUI_DEPTH": "3",
            "COMFYUI_PREVIEWS": "false",
            "DATA_DIR": "/var/lib/bot",
            "WORKFLOWS_DIR": "~/flows",
            "WORKFLOWS_DEFAULT": "portrait.json",
            "WORKFLOWS_ALLOW_NODES": "Image Save, Flux*",
            "LIMITS_STALL": "0.5",
            "MODERATION_BLOCKED_WORDS": "words.txt",
            "LOG_LEVEL": "warning",
            "LOG_FORMAT": "JSON",
            "METRICS_PORT": "9100",
        },
        None,
    )
    assert (settings.discord.dev_guild, settings.discord.guilds) == (5, (1, 2))
    assert (settings.discord.shard_count, settings.discord.shard_ids) == (4, (0, 3))
    assert settings.comfyui.urls == ("https://me:p%40ss@gpu.example/comfy", "http://[::1]:8188")
    assert dict(settings.comfyui.headers) == {"X-Key": "ä secret"}
    assert settings.comfyui.public_url == "https://pictures.example"
    assert (settings.comfyui.depth, settings.comfyui.previews) == (3, False)
    assert settings.database_url == "sqlite+aiosqlite:////var/lib/bot/bot.db"
    assert settings.workflows.directory == Path.home() / "flows"
    assert settings.workflows.default == "portrait"
    assert settings.workflows.allow_nodes == ("Image Save", "Flux*")
    assert settings.limits.stall == 0.5
    assert settings.moderation.blocked_words == Path("words.txt")
    assert (settings.log.level, settings.log.format, settings.metrics_port) == ("WARNING", "json", 9100)
    assert settings.warnings == ("METRICS_PORT is set, but this version serves no metrics yet",)


WRONG = {
    "DISCORD_TOKEN": ["Bot very-secret", "a\nb"],
    "DISCORD_DEV_GUILD": ["mine", "0", "-3"],
    "DISCORD_GUILDS": ["1,two", "1;2", "99999999999999999999999"],
    "DISCORD_SHARD_COUNT": ["0", "many"],
    "DISCORD_SHARD_IDS": ["1", "-1"],
    "COMFYUI_URLS": [
        "http://me:12/secret@gpu.example",
        "gpu:8188",
        "ftp://me:secret@gpu",
        "http://",
        "http://gpu:port",
        "http://gpu:99999",
        "http://me:pass#word@gpu",
        "http://gpu, http://gpu/",
        ",",
        "http://a b",
        "http://[::1",
    ],
    "COMFYUI_HEADERS": ["secret", "[1]", '{"X Key": "a"}', '{"X": 1}', '{"X": "a\\r\\nb"}'],
    "COMFYUI_PUBLIC_URL": ["pictures.example", "https://me:secret@pictures.example"],
    "COMFYUI_DEPTH": ["0", "2.5", "1000"],
    "COMFYUI_PREVIEWS": ["maybe"],
    "DATABASE_URL": ["mysql://root:secret@db", "sqlite:///bot.db", "postgresql://u:secret@h/d", "bot.db"],
    "WORKFLOWS_DEFAULT": ["../portrait", "a\\b"],
    "LIMITS_JOBS_PER_USER": ["0", "three"],
    "LIMITS_QUEUE": ["0"],
    "LIMITS_WAIT": ["0", "-5", "nan", "inf"],
    "LIMITS_COOLDOWN": ["-1"],
    "LIMITS_DAILY": ["-1", "1.5"],
    "LIMITS_COUNT": ["0", "101"],
    "LIMITS_PIXELS": ["0"],
    "LIMITS_STEPS": ["0"],
    "LIMITS_STALL": ["0"],
    "LIMITS_JOB_TIMEOUT": ["soon"],
    "LOG_LEVEL": ["loud"],
    "LOG_FORMAT": ["xml"],
    "METRICS_PORT": ["0", "70000"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_told_by_name_and_expectation_without_the_value(name: str, value: str) -> None:
    mistakes = mistakes_of(TOKEN | {name: value})
    assert list(mistakes) == [name]
    assert VARIABLES[name].expected in mistakes[name]
    assert "the environment" in mistakes[name]
    if len(value) > 7:
        assert value not in mistakes[name]
    assert "secret" not in mistakes[name]


def test_every_mistake_is_told_at_once(env_file: Path) -> None:
    env_file.write_text("COMFYUI_URL=http://x\nLIMITS_COUNT=no\nthis is not a setting\n", encoding="utf-8")
    environ = {
        name: values[0] for name, values in WRONG.items() if name not in ("DISCORD_TOKEN", "LIMITS_COUNT")
    }
    mistakes = mistakes_of(environ, env_file)
    expected = set(WRONG) | {"COMFYUI_URL"}
    # Whether the shard ids fit cannot be said while their count is wrong.
    assert expected - set(mistakes) == {"DISCORD_SHARD_IDS"}
    assert "COMFYUI_URLS?" in mistakes["COMFYUI_URL"]
    assert str(env_file) in mistakes["LIMITS_COUNT"]
    assert any("line 3" in line for line in mistakes.values())


def test_shards_have_to_exist_once() -> None:
    for ids in ("2", "0,0"):
        assert list(mistakes_of(TOKEN | {"DISCORD_SHARD_COUNT": "2", "DISCORD_SHARD_IDS": ids})) == [
            "DISCORD_SHARD_IDS"
        ]


def test_a_missing_token_is_a_mistake_only_where_it_is_needed() -> None:
    assert "missing" in mistakes_of({})["DISCORD_TOKEN"]
    assert "missing" in mistakes_of({"DISCORD_TOKEN": "  "})["DISCORD_TOKEN"]
    assert not load_settings({}, None, require_token=False).discord.token.get_secret_value()


def test_nothing_secret_is_in_the_representation_and_nothing_can_be_changed() -> None:
    secret = "hidden-secret"
    settings = load_settings(
        {
            "DISCORD_TOKEN": secret,
            "COMFYUI_URLS": f"http://me:{secret}@gpu",
            "COMFYUI_HEADERS": f'{{"X": "{secret}"}}',
            "DATABASE_URL": f"postgresql+asyncpg://u:{secret}@h/d",
        },
        None,
    )
    assert secret not in repr(settings)
    with pytest.raises(ValidationError):
        settings.limits.count = 5
    with pytest.raises(ValidationError):
        settings.data_dir = Path("elsewhere")


def test_the_tree_can_be_made_without_an_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMITS_COUNT", "3")
    monkeypatch.setenv("DATA_DIR", "elsewhere")
    assert Settings().limits.count == 4
    assert Settings(data_dir=Path("/srv")).database_url == "sqlite+aiosqlite:////srv/bot.db"
