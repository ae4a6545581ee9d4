"""The bot as a process: let in by Discord or not, told to stop, alone on its database, silent about secrets."""

import asyncio
import functools
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from bot.client import ComfyBot
from bot.errors import ConfigError
from bot.run import run, secrets_of
from bot.settings import load_settings
from bot.store import instance_lock
from tests.starting import settings, until


@pytest.fixture
def discord_lets_in(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let the bot log in without a Discord; the event is set once it is connected."""
    connected = asyncio.Event()

    async def login(_self: ComfyBot, _token: str) -> None:
        return None

    async def connect(_self: ComfyBot, **_options: Any) -> None:
        connected.set()
        await asyncio.Event().wait()

    async def close(_self: ComfyBot) -> None:
        return None

    for name, stub in {"login": login, "connect": connect, "close": close}.items():
        monkeypatch.setattr(ComfyBot, name, stub)
    return connected


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_0_in_time(
    tmp_path: Path, discord_lets_in: asyncio.Event, number: signal.Signals
) -> None:
    running = asyncio.ensure_future(run(settings(tmp_path)))
    await until(lambda: discord_lets_in.is_set() or running.done())
    assert not running.done(), running
    before = time.monotonic()
    os.kill(os.getpid(), number)
    assert await asyncio.wait_for(running, 10) == 0
    assert time.monotonic() - before < 10


STUCK = """
import asyncio, logging, time
from bot.run import stopping_on_signals

async def main():
    logging.basicConfig(level="INFO")
    stop = asyncio.Event()
    with stopping_on_signals(stop, 0.5):
        print("ready", flush=True)
        await stop.wait()
    await asyncio.to_thread(time.sleep, 600)

asyncio.run(main())
"""


async def test_what_hangs_in_a_thread_does_not_keep_it_from_ending_with_0() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STUCK, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    process.terminate()
    _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    assert b"does not come to rest in time" in said


async def test_a_second_process_on_the_same_database_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(tmp_path)
    monkeypatch.setattr("bot.run.instance_lock", functools.partial(instance_lock, patience=0))
    async with instance_lock(chosen.database_url):
        with pytest.raises(ConfigError, match="already serves"):
            await run(chosen)


async def test_what_it_cannot_do_without_ends_it_with_1(
    tmp_path: Path, discord_lets_in: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(_self: ComfyBot, **_options: Any) -> None:
        raise discord.ConnectionClosed(_FakeSocket(), shard_id=None, code=4004)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(ComfyBot, "connect", connect)
    assert await asyncio.wait_for(run(settings(tmp_path)), 20) == 1


class _FakeSocket:
    close_code = 4004


async def test_no_token_is_said_by_the_name_of_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DISCORD_TOKEN"):
        await run(settings(tmp_path, token=""))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (discord.LoginFailure("no"), "does not accept DISCORD_TOKEN"),
        (aiohttp.ClientConnectionError("no"), "cannot be reached"),
    ],
    ids=["wrong token", "no network"],
)
async def test_why_discord_does_not_let_it_in_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    async def login(_self: ComfyBot, _token: str) -> None:
        raise error

    monkeypatch.setattr(ComfyBot, "login", login)
    with pytest.raises(ConfigError, match=said):
        await run(settings(tmp_path))


async def test_it_stops_in_time_while_discord_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def login(_self: ComfyBot, _token: str) -> None:
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ComfyBot, "login", login)
    running = asyncio.ensure_future(run(settings(tmp_path)))
    await until(lambda: asked.is_set() or running.done())
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == 0


def test_every_login_is_kept_out_of_the_log() -> None:
    hidden = secrets_of(
        load_settings(
            {
                "DISCORD_TOKEN": "abc.def.ghi",
                "COMFYUI_URLS": "https://me:p%40ssword@gpu.example",
                "COMFYUI_HEADERS": '{"X-Key": "open sesame"}',
                "DATABASE_URL": "postgresql+asyncpg://bot:s3cr3t%2Fword@db/bot?password=other-one",
            },
            None,
        )
    )
    assert {
        "abc.def.ghi",
        "p@ssword",
        "open sesame",
        "Basic bWU6cEBzc3dvcmQ=",
        "bWU6cEBzc3dvcmQ=",
        "s3cr3t/word",
        "s3cr3t%2Fword",
        "other-one",
    } <= set(hidden)
