"""Several servers: every one of them works, and the faster one does more."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.demo.comfyui import HttpFault, StandIn
from bot.errors import UserError
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.ports import StoreUnavailable
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


async def test_nobody_waits_for_a_server_that_fell_silent_with_another_ones_job(world: World, tmp_path: Path):
    async with StandIn(tmp_path / "second", step_seconds=0.005) as second:
        world.others = (second,)
        world.patience = 1.0
        await world.restart()
        second.hold()
        world.comfyui.faults.http += [
            HttpFault(("POST", "/prompt"), "late", seconds=2.0), HttpFault(("*", "*"), "reset", times=None),
        ]  # fmt: skip
        for user in range(4):
            await world.submit(user)
        await eventually(lambda: world.posts() == 1)
        second.release()
        await eventually(lambda: len(second.executed) == 3)
        await eventually(lambda: len(world.jobs.active()) == 1)
        (waiting,) = world.jobs.active()
        assert waiting.state is JobState.SUBMITTING
        world.comfyui.faults.http.clear()
        assert (await world.ended(waiting)).state is JobState.SUCCEEDED
        assert world.posts() == 1


async def test_no_other_servers_file_of_the_same_name_is_taken_for_ones_own(world: World, tmp_path: Path):
    async with StandIn(tmp_path / "second", step_seconds=0.005) as second:
        world.others = (second,)
        await world.restart()
        world.comfyui.hold()
        strangers = await world.submit(1)
        await world.running(strangers)
        job = await world.ended(await world.submit(2))
        world.comfyui.release()
        strangers = await world.ended(strangers)
        assert [made.output.file for made in strangers.outputs] == [made.output.file for made in job.outputs]
        world.others = ()
        await world.restart()
        with pytest.raises(UserError, match="no longer on the image server"):
            await world.jobs.fetch(job.outputs[0], job_id=job.id)


async def test_a_server_that_goes_by_another_address_now_is_known_by_its_history(world: World):
    job = await world.ended(await world.submit())
    await world.store.save(replace(job, runs=tuple(replace(run, server="old:8188") for run in job.runs)))
    path = await world.jobs.fetch(job.outputs[0], job_id=job.id)
    assert path.is_file()


async def test_what_a_server_may_have_that_is_no_longer_ours_is_not_sent_to_another(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with StandIn(tmp_path / "second", step_seconds=0.005) as second:
        world.others = (second,)
        await world.restart()
        world.comfyui.hold()
        second.hold()
        await world.running(await world.submit(1))
        save = world.store.save

        async def never_submitted(job: Job) -> None:
            if job.state is JobState.SUBMITTED:
                raise StoreUnavailable("OperationalError")
            await save(job)

        monkeypatch.setattr(world.store, "save", never_submitted)
        job = await world.submit(2)
        await eventually(lambda: second.running)
        posts = world.posts()
        world.others = ()
        await world.restart()
        world.comfyui.release()
        ended = await world.ended(job)
        assert (ended.state, world.posts()) == (JobState.LOST, posts)
        assert ended.failure is not None
        assert "no longer knows this job" in ended.failure.message
