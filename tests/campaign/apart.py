"""The bot in a process of its own, as an operator runs it, so that nothing of the world around it is in its memory."""

import asyncio
import gc
import json
import logging
import os
import random
import re
import sqlite3
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from bot.app import build
from bot.observe.heap import give_back
from bot.settings import Settings
from bot.store import instance_lock
from tests.campaign import haste
from tests.campaign.wire import Wire
from tests.campaign.world import PACE, World, settings_for

PAGE = os.sysconf("SC_PAGE_SIZE")
UP = "up"
ERRORS = "errors.log"
UNFORESEEN = re.compile(r"ERROR:(discord|asyncio|.*unexpected error)")
"""What was nobody's fault but ours; a server that is stuck, say, is an error in the log too, and none of these."""
FINAL = ("succeeded", "failed", "cancelled", "lost")


class ApartWorld(World):
    """The same world, with a bot that reaches it over sockets alone."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        super().__init__(folder, dice)
        self.wire = Wire(self.backend, self.faults, lambda: [] if self.away else [self.guild])
        self._process: asyncio.subprocess.Process | None = None
        self._hears = False

    @property
    def up(self) -> bool:
        return self._hears

    async def start(self) -> None:
        self.lives += 1
        self._stack = AsyncExitStack()
        await self._stack.enter_async_context(self.wire)
        self._feed = self.wire.tell
        self.backend.subscribers[:] = [self.wire.tell]
        about = {
            "folder": str(self.folder), "discord": self.wire.url, "comfyui": self.url,
            "haste": haste.HASTE, "epoch": self.clock.epoch,
        }  # fmt: skip
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.campaign.apart", json.dumps(about),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert await self._answer() == UP
        self._hears = True

    async def crash(self) -> None:
        """End the bot; it has come to rest before."""
        self._hears = False
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            await self._process.wait()
        self.backend.subscribers.clear()
        await self._stack.aclose()
        told = (self.folder / ERRORS).read_text("utf-8").splitlines()
        told = [line for line in told if UNFORESEEN.match(line)]
        self.failures += [AssertionError(line) for line in (*self.wire.unknown, *told)]

    def reconnect(self) -> None:
        self.wire.drop()

    def unfinished(self) -> list[int]:
        places = ", ".join("?" * len(FINAL))
        with sqlite3.connect(self.folder / "data" / "bot.db", timeout=30) as connection:
            found = connection.execute(f"SELECT number FROM jobs WHERE state NOT IN ({places})", FINAL)
            return [number for (number,) in found]

    async def at_rest(self) -> bool:
        return bool((await self.look())["rest"])

    async def look(self) -> dict[str, Any]:
        """Return whether the bot is at rest, and how many bytes its process has in memory."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self._process.stdin.drain()
        return json.loads(await self._answer())

    async def _answer(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()


async def live(settings: Settings, clock: haste.HastyClock) -> None:
    """Be the bot until nobody listens any more; each line asks how it is, and a line is the answer."""
    async with (
        instance_lock(settings.database_url),
        build(settings, clock=clock, pace=PACE, watch=False) as app,
    ):
        await app.bot.login("simulated")
        await app.start()
        app.spawn(app.bot.connect(), name="gateway")
        async with asyncio.timeout(60):
            await app.bot.wait_until_ready()
        _say(UP)
        while await asyncio.to_thread(sys.stdin.readline):
            rest = not (app.jobs.active() or app.delivery.showing)
            _say(json.dumps({"rest": rest, "bytes": resident()}))


def resident() -> int:
    """Return how many bytes this process has in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _turn_to(discord_url: str) -> None:
    """Let discord.py take this for Discord."""
    Route.BASE = f"{discord_url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord_url.replace("http", "ws", 1)) / "gateway"
    fetch = HTTPClient.get_from_cdn

    async def get_from_cdn(self: HTTPClient, url: str) -> bytes:
        return await fetch(self, f"{discord_url}/cdn?url={quote(url, safe='')}")

    HTTPClient.get_from_cdn = get_from_cdn


def main() -> None:
    """Run the bot that the one argument, in JSON, tells about."""
    about = json.loads(sys.argv[1])
    give_back()
    logging.basicConfig(filename=Path(about["folder"], ERRORS), level=logging.ERROR)
    haste.HASTE = about["haste"]
    _turn_to(about["discord"])
    settings = settings_for(Path(about["folder"]), about["comfyui"])
    with asyncio.Runner(loop_factory=haste.HastyLoop) as runner:
        runner.run(live(settings, haste.HastyClock(about["epoch"])))


if __name__ == "__main__":
    main()
