"""The stand-in ComfyUI in a process of its own, so that what it keeps in memory is not taken for the bot's."""

import asyncio
import json
import logging
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.demo.comfyui import StandIn
from tests.campaign import haste
from tests.campaign.machine import ServerWeather

KEPT = 60
"""So many requests and prompts it remembers."""


class Apart:
    """A stand-in in a process of its own, with bad weather of its own; ends when this ends."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._command = [sys.executable, "-m", "tests.campaign.apart", str(folder), str(seed)]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.struck: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        """Start it, and learn its address."""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)  # noqa: ASYNC220 - our own module, and it is started at once
        self.url = (await self._say(None)).strip()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        if self._process is not None:
            await asyncio.to_thread(self._process.communicate)

    async def rage(self) -> None:
        """Let it misbehave from now on."""
        await self._say("rage")

    async def rest(self) -> None:
        """Let all be well with it; what struck so far is counted in `struck`."""
        self.struck = Counter(json.loads(await self._say("rest")))

    async def _say(self, word: str | None) -> str:
        return await asyncio.to_thread(self._talk, word)

    def _talk(self, word: str | None) -> str:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if word is not None:
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()
        return self._process.stdout.readline()


async def serve(folder: Path, seed: int) -> None:
    """Be the stand-in until nobody speaks to it any more: a line asks for rage or rest, a line is the answer."""
    server = StandIn(folder, step_seconds=0.0, restart_seconds=0.05)
    weather = ServerWeather(server, random.Random(seed), set(), set())
    blowing: asyncio.Task[None] | None = None
    async with server:
        answer: Any = server.url
        while True:
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
            match (await asyncio.to_thread(sys.stdin.readline)).strip():
                case "rage":
                    blowing = asyncio.ensure_future(weather.blow())
                    answer = ""
                case "rest":
                    if blowing is not None:
                        blowing.cancel()
                        await asyncio.wait((blowing,))
                    await weather.clear()
                    answer = json.dumps(weather.struck)
                case _:
                    return
            for record in (server.requests, server.submitted, server.executed):
                del record[:-KEPT]


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with asyncio.Runner(loop_factory=haste.HastyLoop) as runner:
        runner.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
