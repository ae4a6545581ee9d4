"""Real work beside a simulated Discord."""

import asyncio
import time
from collections.abc import AsyncIterator

import discord
import pytest
import simcord
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from discord import app_commands
from discord.ext import commands

from bot.demo.simulated import OutsideTasks
from bot.runtime import Spawn


class Bot(commands.AutoShardedBot):
    """Answers `/work` at once and does the work in a spawned task."""

    def __init__(self, spawn: Spawn, url: str) -> None:
        super().__init__("!", intents=discord.Intents.default(), shard_count=1)
        self.spawn = spawn
        self.url = url
        self.started = asyncio.Event()
        self.finish = asyncio.Event()
        self.took = 0.0

    async def setup_hook(self) -> None:
        self.tree.add_command(app_commands.Command(name="work", description="Work", callback=self.work))
        await self.tree.sync()

    async def work(self, interaction: discord.Interaction) -> None:
        answer = await interaction.response.send_message("accepted")
        self.spawn(self.follow(interaction, answer.message_id or 0), name="follow")

    async def follow(self, interaction: discord.Interaction, message_id: int) -> None:
        before = time.monotonic()
        async with ClientSession() as session, session.get(self.url) as response:
            text = await response.text()
        await asyncio.sleep(0.02)
        self.took = time.monotonic() - before
        await interaction.edit_original_response(content=f"by token: {text}")
        self.started.set()
        await self.finish.wait()
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.channel.get_partial_message(message_id).edit(content=f"as bot: {text}")


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="real bytes")

    app = web.Application()
    app.router.add_get("/", hello)
    server = TestServer(app)
    async with server:
        yield server


async def test_spawned_work_is_real_and_never_waited_for(server: TestServer) -> None:
    outside = OutsideTasks()
    bot = Bot(outside.spawn, str(server.make_url("/")))
    env = simcord.Env(bot)
    outside.attach(env)
    await env.start()
    channel = env.create_guild().create_text_channel("general")
    alice = env.guild.add_member(env.create_user("alice"))

    before = time.perf_counter()
    result = await alice.slash(channel, "work")
    assert time.perf_counter() - before < 1, "the environment waited for work that is not its own"
    assert result.response is not None

    await asyncio.wait_for(bot.started.wait(), 5)
    assert result.response.content == "by token: real bytes"
    assert bot.took >= 0.02, "time stood still for real work"
    assert len(outside.running) == 1

    await alice.send(channel, "the environment still settles while work goes on")
    bot.finish.set()
    await asyncio.wait(outside.running, timeout=5)
    assert result.response.content == "as bot: real bytes"

    await outside.close()
    await bot.close()
    await env.shutdown()
    assert outside.failures == []
    assert env.errors == []


async def test_failures_are_kept_and_what_runs_is_cancelled() -> None:
    outside = OutsideTasks()
    bot = commands.AutoShardedBot("!", intents=discord.Intents.default(), shard_count=1)
    env = simcord.Env(bot)
    outside.attach(env)
    await env.start()

    async def fail() -> None:
        raise LookupError("no such picture")

    failed = outside.spawn(fail(), name="failing")
    endless = outside.spawn(asyncio.Event().wait(), name="endless")
    await asyncio.wait([failed])
    await env.settle()
    await outside.close()
    await bot.close()
    await env.shutdown()

    assert [str(error) for error in outside.failures] == ["no such picture"]
    assert endless.cancelled()
    never = asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="has ended"):
        outside.spawn(never, name="late")
