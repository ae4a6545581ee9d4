"""One run: a world, a crowd in it, and what the log says meanwhile."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import discord
import pytest
from simcord.builders import UserHandle

from bot.settings import LimitSettings
from tests.fuzz.people import Crowd, Figures
from tests.world import World

IN_VAIN = 3
"""How many times as much may be drawn as is let through by Discord."""
LIFE = 500
"""Interactions between two restarts."""
REST = 120.0
"""Seconds that the jobs may take to come to rest at the end."""


@dataclass(slots=True)
class Report:
    """What a run found; empty lists are what is wanted."""

    figures: Figures
    errors: list[str] = field(default_factory=list[str])
    failures: list[str] = field(default_factory=list[str])

    @property
    def broken(self) -> list[str]:
        """Everything that must not be."""
        return [*self.errors, *self.failures, *(f"unanswered: {each}" for each in self.figures.unanswered)]


class ErrorCollector(logging.Handler):
    """Keeps what is logged as an error, with what was being done then."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.figures: Figures | None = None
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        doing = self.figures.last if self.figures is not None else "starting"
        self.found.append(f"{self.format(record)}\n    while: {doing}")


async def fuzz(folder: Path, *, count: int, seed: int) -> Report:
    """Let a crowd do so many things; raises nothing that the bot did wrong, but reports it."""
    collector = ErrorCollector()
    logging.getLogger().addHandler(collector)
    try:
        with pytest.MonkeyPatch.context() as patch:
            world = World(folder, patch)
            world.limits = LimitSettings(queue=30)
            report = Report(Figures())
            try:
                async with world:
                    crowd = await _crowd(world, Random(seed))
                    collector.figures = report.figures = crowd.figures
                    await _interact(world, crowd, count)
                    await world.until(lambda: not world.app.jobs.active(), REST)
            except AssertionError as error:
                report.failures.append(str(error))
            report.failures += [f"a task ended with {each!r}" for each in world.outside.failures]
            report.errors = collector.found
            return report
    finally:
        logging.getLogger().removeHandler(collector)


async def _interact(world: World, crowd: Crowd, count: int) -> None:
    """Let so many interactions happen, and the bot die and come back now and then."""
    owner, restarts = world.app.bot.owner_id, 0
    for _ in range(IN_VAIN * count):
        done = crowd.figures.done.total()
        if done >= count:
            return
        if done // LIFE > restarts:
            restarts += 1
            crowd.figures.last = "restart"
            await world.crash()
            await world.come_back()
            world.app.bot.owner_id = owner
        await crowd.step()


async def _crowd(world: World, random: Random) -> Crowd:
    """Bring people of every kind: members, moderators, a banned one, an operator."""
    env, guild = world.env, world.guild
    admin = guild.create_role(
        "admins", permissions=discord.Permissions(manage_guild=True, manage_messages=True)
    )
    boss = guild.add_member(env.create_user("boss"), roles=[admin])
    banned = guild.add_member(env.create_user("mallory"))
    olga = guild.add_member(env.create_user("olga"), roles=[admin])
    world.app.bot.owner_id = olga.id
    other = guild.create_text_channel("other")
    await world.mod.slash(world.channel, "moderation ban", user=banned)
    direct = UserHandle(env, env.backend.get_user(world.alice.id))
    people: list[Any] = [world.alice, world.alice, world.bob, world.mod, boss, banned, olga, direct]
    for who in (world.bob, boss):
        world.locales[who.id] = "zh-CN"
    return Crowd(world, people, [world.channel, world.channel, other], random)
