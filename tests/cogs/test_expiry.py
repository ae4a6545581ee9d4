"""What is kept for a time only goes when that is over, with its files, and nothing else goes."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.app import App
from bot.jobs.departures import GRACE
from bot.jobs.model.job import Job
from bot.jobs.model.ports import HistoryQuery
from bot.policy import Ban
from bot.policy.ports import AuditEntry
from bot.store import SqlGuildStore, SqlJobStore, SqlPolicyStore
from tests.cogs.asking import picture
from tests.world import World

DAY = 86_400.0


def files(world: World) -> set[str]:
    """Return the copies the bot keeps of what was attached and made."""
    data = world.folder / "data"
    folders = [data / name for name in ("inputs", "outputs")]
    return {path.name for folder in folders for path in folder.rglob("*") if path.is_file()}


async def made(world: World, who: Any, colour: str) -> Job:
    """Make something of a picture; return the job once it is told of."""
    image = ("mine.png", picture(colour=colour))
    await world.done(await world.generate(who, prompt="a fox", image=image, extra="steps=3"))
    query = HistoryQuery(viewer=who.id, guild_id=world.guild.id, user_id=who.id, limit=1)
    (job,) = (await world.app.jobs.history(query)).jobs
    for output in job.outputs:
        await world.app.jobs.fetch(output, job_id=job.id)
    return await world.app.jobs.get(job.id)


async def older(app: App, job: Job, days: float) -> None:
    """Put a job's end that far into the past."""
    then = time.time() - days * DAY
    past = replace(job, created_at=then, finished_at=then, delivered_at=then)
    await SqlJobStore(app.database).save(past)


class TestOldJobs:
    async def test_they_go_with_their_copies(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        old, young = await made(world, world.alice, "red"), await made(world, world.bob, "blue")
        before = files(world)
        await older(world.app, old, 31)
        await world.app.expiry.look()
        assert await world.app.jobs.find(old.id) is not None, "by default they are kept for ever"
        monkeypatch.setattr(world.app.expiry, "_days", 30)
        await world.app.expiry.look()
        assert await world.app.jobs.find(old.id) is None
        assert await world.app.jobs.find(young.id) is not None
        kept = {made.kept.name for made in young.outputs if made.kept is not None}
        kept |= {ref.name for ref in young.request.inputs.values()}
        assert files(world) == kept < before


async def left(world: World) -> set[int]:
    return set(await SqlGuildStore(world.app.database).left())


class TestLeftServers:
    async def test_one_is_forgotten_a_month_after_it_was_left_but_not_while_it_is_unavailable(
        self, world: World
    ) -> None:
        job = await made(world, world.alice, "red")
        guild_id, connection = world.guild.id, world.app.bot._connection
        policy = SqlPolicyStore(world.app.database)
        entry = AuditEntry(at=1.0, actor_id=1, action="ban", guild_id=guild_id, subject="2")
        await policy.ban(Ban(guild_id=guild_id, user_id=2, by=1, at=1.0), entry)
        guild = world.app.bot.get_guild(guild_id)
        assert guild is not None

        events: list[str] = []
        for name in ("guild_unavailable", "guild_remove", "guild_join"):
            world.app.bot.add_listener(noting(events, name), f"on_{name}")
        connection.parse_guild_delete({"id": str(guild_id), "unavailable": True})
        await world.until(lambda: events == ["guild_unavailable"])
        assert await left(world) == set()

        connection.parse_guild_delete({"id": str(guild_id), "unavailable": False})
        await world.until(lambda: events[1:] == ["guild_remove"])
        await noticed(world, {guild_id})
        await world.app.expiry.look()
        assert await world.app.jobs.find(job.id) is not None

        world.app.bot.dispatch("guild_join", guild)
        await noticed(world, set())

        store = SqlGuildStore(world.app.database)
        await store.leave([guild_id], at=time.time() - GRACE)
        await world.app.expiry.look()
        assert await world.app.jobs.find(job.id) is None
        assert files(world) == set()
        assert guild_id not in await store.mentioned()
        assert await left(world) == set()


def noting(events: list[str], name: str) -> Any:
    async def note(_guild: discord.Guild) -> None:
        events.append(name)

    return note


async def noticed(world: World, guilds: set[int]) -> None:
    """Wait until this is what is stored."""
    async with asyncio.timeout(20):
        while True:
            if await left(world) == guilds:
                return
            await asyncio.sleep(0.01)
