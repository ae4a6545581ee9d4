"""The whole wired up, started and stopped."""

import asyncio
import functools
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from bot.app import build, run
from bot.client import ComfyBot
from bot.demo.comfyui import StandIn
from bot.errors import ConfigError
from bot.refresh import follow_folder
from bot.settings import ComfyUISettings, DiscordSettings, Settings, WorkflowSettings
from bot.store import alone
from tests.world import ROOT

WORKFLOWS = WorkflowSettings(dir=ROOT / "workflows")


def settings(folder: Path, url: str = "http://127.0.0.1:9", token: str = "t", **changes: Any) -> Settings:
    return Settings(
        discord=DiscordSettings(token=token, shard_count=1),  # pyright: ignore[reportArgumentType]
        comfyui=ComfyUISettings(urls=(url,)),
        data_dir=folder / "data",
        workflows=WORKFLOWS,
        **changes,
    )


async def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


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


async def test_a_second_process_on_the_same_database_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(tmp_path)
    monkeypatch.setattr("bot.app.alone", functools.partial(alone, patience=0))
    async with alone(chosen.database_url):
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


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ConfigError, match="DATA_DIR"):
        async with build(settings(tmp_path)):
            pass


async def test_it_starts_while_comfyui_is_down_and_learns_when_it_comes(tmp_path: Path) -> None:
    async with StandIn(tmp_path / "comfyui") as comfyui:
        port = int(comfyui.url.rsplit(":", 1)[1])
        await comfyui.stop()
        async with build(settings(tmp_path, comfyui.url), watch=False) as app:
            assert app.fleet.pick().client.cached_object_info is None
            await app.start()
            await comfyui.start(port=port)
            await until(lambda: app.fleet.pick().client.cached_object_info is not None)
            await until(lambda: list((tmp_path / "data" / "cache").glob("object_info-*.json")))
        async with build(settings(tmp_path, comfyui.url), watch=False) as app:
            assert app.fleet.pick().client.cached_object_info is not None, "kept for the next start"


async def test_a_workflow_put_into_the_folder_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    chosen = settings(tmp_path).model_copy(update={"workflows": WorkflowSettings(dir=folder)})
    async with build(chosen, watch=False) as app:
        assert app.library.names() == ()
        watching = app.spawn(follow_folder(app.library), name="watching")
        async with asyncio.timeout(20):
            while not app.library.names():
                (folder / "mine.json").write_bytes((ROOT / "workflows" / "txt2img.json").read_bytes())
                await asyncio.sleep(0.1)
        watching.cancel()
        assert app.library.names() == ("mine",)
