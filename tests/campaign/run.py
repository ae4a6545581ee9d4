"""One campaign from its first job to its verdict."""

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from bot.jobs.model.job import Job
from bot.jobs.model.request import JobId
from bot.store import Database, SqlJobStore
from tests.campaign import haste, life
from tests.campaign.apart import ApartWorld
from tests.campaign.doom import Moment
from tests.campaign.figures import Figures, count, events, keep_log, read_log
from tests.campaign.machine import ServerWeather
from tests.campaign.memory import Growth
from tests.campaign.people import Crowd, Strangers
from tests.campaign.verdict import Judge
from tests.campaign.weather import DiscordWeather
from tests.campaign.witness import Witness
from tests.campaign.world import World
from tests.faults import failing

log = logging.getLogger(__name__)

SELDOM = frozenset({Moment.POSTED, Moment.AFTER_UPLOAD})
"""Moments that come once or less in a job."""

PATIENCE = 60.0
"""Seconds on the wall in which something must come of some job, once all is well again, until all is at rest."""


def campaign(folder: Path, *, jobs: int, seed: int, memory: bool = False) -> Figures:
    """Run a campaign in a folder of its own, and return what it comes to."""
    with asyncio.Runner(loop_factory=haste.HastyLoop) as runner:
        runner.get_loop().set_task_factory(life.factory)
        return runner.run(_campaign(folder, jobs, random.Random(seed), memory=memory))


async def _campaign(folder: Path, jobs: int, dice: random.Random, *, memory: bool) -> Figures:
    chance = random.Random(dice.random())
    world = ApartWorld(folder, chance) if memory else World(folder, chance)
    world.furnish()
    with failing(world.faults):
        witness = Witness(world)
        crowd = Crowd(world, random.Random(dice.random()), jobs)
        strangers = Strangers(world, random.Random(dice.random()))
        discord = DiscordWeather(world, random.Random(dice.random()))
        server = ServerWeather(world.comfyui, random.Random(dice.random()), world.removed, world.grown)
        world.faults.closed.update({world.people[4].id, world.people[5].id})
        async with world.comfyui:
            await world.start()
            keep_log(folder / "data" / "bot.db")
            campaign = Campaign(world, crowd, strangers, discord, server, dice, jobs)
            growth = Growth(world, witness) if isinstance(world, ApartWorld) else None
            await (campaign.rage() if growth is None else campaign.grow(growth))
            await campaign.settle()
            accepted = read_log(folder / "data" / "bot.db")
            await world.crash()
        found = await _jobs(folder, list(accepted))
    judge = Judge(world, witness, crowd, strangers, database_only=memory)
    judge.figures.rss = growth.sizes if growth else {}
    judge.figures.injected = world.faults.struck + server.struck + campaign.crashes
    judge.figures.errors += [repr(failure) for failure in world.failures]
    return judge.judge(found, accepted)


class Campaign:
    """The course of events."""

    def __init__(
        self, world: World, crowd: Crowd, strangers: Strangers, discord: DiscordWeather,
        server: ServerWeather, dice: random.Random, wanted: int,
    ) -> None:  # fmt: skip
        self.world, self.crowd, self.strangers = world, crowd, strangers
        self.discord, self.server, self.dice, self.wanted = discord, server, dice, wanted
        self.crashes: Counter[str] = Counter()
        self.began = time.perf_counter()

    async def rage(self) -> None:
        """Let everything happen until so many jobs were accepted, half as many faults struck, and the bot died once."""
        async with asyncio.TaskGroup() as group:
            going = [group.create_task(force) for force in self._forces()]
            while self.accepted < self.wanted or self.faults < self.wanted // 2 or not self.crashes:
                await self._live_and_die()
            for task in going:
                task.cancel()

    def _forces(self) -> list[Coroutine[Any, Any, None]]:
        crowds = [self.crowd.live() for _ in range(4)]
        return [
            *crowds,
            self.strangers.live(),
            self.discord.blow(),
            self.discord.come_late(),
            self.server.blow(),
        ]

    @property
    def accepted(self) -> int:
        """How many jobs there were so far."""
        return count(self.world.folder / "data" / "bot.db")

    @property
    def faults(self) -> int:
        """How many faults struck so far."""
        return sum((self.world.faults.struck + self.server.struck + self.crashes).values())

    async def grow(self, growth: Growth) -> None:
        """Go on in one and the same life, and look how much memory it takes."""

        def forces() -> list[Coroutine[Any, Any, None]]:
            self.discord.calm = False
            return self._forces()

        await growth.watch(forces, lambda: self.accepted, self.settle, self.wanted)

    async def _live_and_die(self) -> None:
        world = self.world
        moment = self.dice.choice(list(Moment))
        # In a short campaign a life is short too.
        share = min(1.0, self.wanted / 300)
        often = self.dice.randrange(1, 25) if moment in SELDOM else self.dice.randrange(20, 150)
        world.doom.arm(moment, int(often * share))
        wait = self.dice.uniform(20.0, 60.0) * share
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await world.doom.struck.wait()
        if self.dice.random() < 0.3 and not world.doom.struck.is_set():
            self.crashes["second process"] += 1
            await world.start_second()
        if world.doom.struck.is_set() or self.dice.random() < 0.7:
            self.crashes[f"crash {moment if world.doom.struck.is_set() else Moment.ANY}"] += 1
            await world.crash()
        else:
            self.crashes["stopped"] += 1
            await world.stop()
        await asyncio.sleep(self.dice.uniform(0.0, 10.0))
        await world.start()

    async def settle(self) -> None:
        """Let all be well, and wait until every job has come to its end."""
        self.world.doom.disarm()
        self.discord.clear()
        await self.server.clear()
        known, since = -1, time.perf_counter()
        while time.perf_counter() - since < PATIENCE and not await self.world.at_rest():
            # However slow the machine is: what goes on is not stuck.
            if (now := events(self.world.folder / "data" / "bot.db")) != known:
                known, since = now, time.perf_counter()
            await asyncio.sleep(1.0)


async def _jobs(folder: Path, ids: list[str]) -> dict[str, Job]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'data' / 'bot.db'}")
    await database.open()
    try:
        store = SqlJobStore(database)
        found = [await store.get(JobId(job_id)) for job_id in ids]
        return {str(job.id): job for job in found if job is not None}
    finally:
        await database.close()
