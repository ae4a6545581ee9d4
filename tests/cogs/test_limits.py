"""Limits as people meet them: a grid is one job, pictures are counted whatever way, and nothing resets them."""

from typing import Any

import pytest

from bot.jobs.model.ports import HistoryQuery
from bot.settings import LimitSettings
from tests.cogs.asking import refused
from tests.cogs.looking import ask, press
from tests.cogs.pressing import press as press_action
from tests.world import World

DAILY = 10


@pytest.fixture
def limits() -> LimitSettings:
    return LimitSettings(daily=DAILY)


async def test_pictures_of_one_job_are_counted_whatever_way_they_are_asked_for(world: World) -> None:
    said = await refused(world, prompt="a fox", count=4, extra="batch=4")
    assert "This would make 16 pictures, and one job can have 4 at most. Ask for fewer." in said


async def test_a_running_grid_leaves_room_for_again(world: World) -> None:
    done = await world.done(await world.generate(prompt="a fox"))
    grid = await world.working(count=4)
    again = (await press_action(world, world.alice, done, "again")).response
    assert len(world.app.jobs.active()) == 2
    assert "2 of 3 jobs waiting or running" in await ask(world, world.alice, "profile")
    world.comfyui.release()
    for card in (grid, again):
        await world.done(card)


async def left_in(world: World, **options: Any) -> list[str]:
    """Make something, wait until it is there, and return what only the person was told besides."""
    result = await world.alice.slash(
        world.channel, "generate", prompt="a fox", width=64, height=64, steps=3, **options
    )
    await world.done(result.response)
    return [world.text(each) for each in result.followups]


async def test_what_is_left_is_said_before_it_is_used_up_and_nothing_brings_it_back(world: World) -> None:
    assert await left_in(world, count=4) == []
    assert await left_in(world, extra="batch=4") == ["You have 2 pictures left today."]
    said = await refused(world, prompt="a fox", count=4)
    assert "Pictures left today: 2 of 10. This job counts as 4." in said

    query = HistoryQuery(viewer=world.alice.id, guild_id=world.guild.id, user_id=world.alice.id)
    first, second = (await world.app.jobs.history(query)).jobs
    await world.app.jobs.forget(first.id)
    await world.app.jobs.forget(second.id)
    assert "8 of 10 pictures today" in await ask(world, world.alice, "profile")
    assert "Pictures left today: 2 of 10" in await refused(world, prompt="a fox", count=4)

    result = await world.alice.slash(world.channel, "profile")
    await press(world, world.alice, result.response, "Forget me …")
    await press(world, world.alice, result.response, "Forget everything")
    assert "Pictures left today: 2 of 10" in await refused(world, prompt="a fox", count=4)
    assert await left_in(world, count=2) == ["That was the last of your pictures for today."]
    assert "You have used all of today's pictures (10)." in await refused(world, prompt="a fox")


class TestCooldown:
    @pytest.fixture
    def limits(self) -> LimitSettings:
        return LimitSettings(cooldown=600)

    async def test_a_removed_job_still_has_to_be_waited_for(self, world: World) -> None:
        await left_in(world)
        query = HistoryQuery(viewer=world.alice.id, guild_id=world.guild.id)
        (job,) = (await world.app.jobs.history(query)).jobs
        await world.app.jobs.forget(job.id)
        assert "Please wait" in await refused(world, prompt="a fox")
