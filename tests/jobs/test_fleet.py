"""Several servers: every one of them works, and the faster one does more."""

from pathlib import Path

from bot.demo.comfyui import StandIn
from bot.jobs.job import JobState
from tests.jobs.conftest import World
from tests.jobs.samples import eventually


async def test_no_server_stands_idle_while_another_has_two(world: World, tmp_path: Path):
    async with StandIn(tmp_path / "second", step_seconds=0.005) as second:
        world.others = (second,)
        await world.restart()
        world.comfyui.hold()
        second.hold()
        jobs = [await world.submit(user) for user in (1, 2)]
        await eventually(lambda: world.comfyui.running and second.running)
        world.comfyui.release()
        second.release()
        for job in jobs:
            assert (await world.ended(job)).state is JobState.SUCCEEDED


async def test_the_faster_one_is_given_more(world: World, tmp_path: Path):
    async with StandIn(tmp_path / "second", step_seconds=0.005) as second:
        world.others = (second,)
        await world.restart()
        world.comfyui.hold()
        jobs = [await world.submit(user) for user in range(8)]
        await eventually(lambda: len(second.executed) == 6)
        world.comfyui.release()
        for job in jobs:
            assert (await world.ended(job)).state is JobState.SUCCEEDED
        assert len(world.comfyui.executed) == 2


async def test_what_a_dead_server_cannot_do_the_other_does(world: World, tmp_path: Path):
    async with StandIn(tmp_path / "second", step_seconds=0.005) as second:
        world.others = (second,)
        await world.restart()
        await world.comfyui.stop()
        for job in [await world.submit(user) for user in range(3)]:
            assert (await world.ended(job)).state is JobState.SUCCEEDED
        assert len(second.executed) == 3
