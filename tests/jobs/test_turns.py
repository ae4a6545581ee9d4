"""Whose turn it is on a server, how many may wait, and how long: as a person sees it."""

import asyncio

import pytest

from bot.errors import UserError
from bot.jobs.model.job import JobState
from bot.jobs.model.request import Requester
from tests.jobs.conftest import World
from tests.jobs.samples import a_request


async def test_limits_hold_when_two_come_at_once(world: World):
    world.limits = {"jobs_per_user": 1}
    await world.restart()
    world.comfyui.hold()
    results = await asyncio.gather(*(world.submit() for _ in range(5)), return_exceptions=True)
    refusals = [result for result in results if isinstance(result, UserError)]
    assert len(refusals) == 4
    assert "1 of 1" in str(refusals[0])


async def test_fewest_in_flight_goes_first(world: World):
    world.depth = 1
    await world.restart()
    world.comfyui.hold()
    mine = [await world.submit(1) for _ in range(3)]
    yours = await world.submit(2)
    world.comfyui.release()
    for job in (*mine, yours):
        await world.ended(job)
    order = [
        (await world.jobs.by_prompt_ids(prompt_id))[prompt_id].id for prompt_id in world.comfyui.executed
    ]
    assert order.index(yours.id) < order.index(mine[2].id)


async def test_a_server_is_fed_no_more_than_its_depth(world: World):
    world.comfyui.hold()
    jobs = [await world.submit(user) for user in range(5)]
    await world.running(jobs[0])
    await world.until(jobs[1], lambda snapshot: snapshot.job.state is JobState.SUBMITTED)
    assert world.posts() == 2
    snapshots = [await world.jobs.snapshot(job.id) for job in jobs]
    assert [snapshot.position for snapshot in snapshots[2:]] == [2, 3, 4]
    world.comfyui.release()
    for job in jobs:
        assert (await world.ended(job)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("operator", [True, False])
async def test_priority_goes_first_and_an_operators_to_the_front_of_the_server(world: World, operator: bool):
    world.comfyui.hold()
    jobs = [await world.submit(user) for user in range(3)]
    await world.running(jobs[0])
    requester = Requester(9, 10, 100, moderator=True, operator=operator)
    urgent = await world.jobs.submit(a_request(priority=True).by(requester))
    assert next(job.id for job in world.jobs.active() if job.state is JobState.QUEUED) == urgent.id
    world.comfyui.release()
    order = [(await world.ended(job)).runs[0].prompt_id for job in (*jobs, urgent)]
    assert world.comfyui.executed == [order[0], order[1], order[3], order[2]] or world.comfyui.executed == [
        order[0], order[3], order[1], order[2]
    ]  # fmt: skip
    posted = [
        body for method, path, body in world.comfyui.requests if method == "POST" and path.endswith("/prompt")
    ]
    assert [body for body in posted if body and body.get("front") is True] == (
        posted[2:3] if operator else []
    )


async def test_the_wait_is_estimated_once_durations_are_known(world: World):
    await world.ended(await world.submit())
    world.comfyui.hold()
    await world.running(await world.submit())
    waiting = await world.submit()
    snapshot = await world.jobs.snapshot(waiting.id)
    assert snapshot.wait is not None
    world.limits["wait"] = 0.001
    await world.restart()
    with pytest.raises(UserError, match="queue is too long"):
        await world.submit()


async def test_draining_takes_nothing_new_and_loses_nothing(world: World):
    world.comfyui.hold()
    jobs = [await world.submit() for _ in range(3)]
    await world.running(jobs[0])
    await asyncio.wait_for(world.jobs.drain(), 2)
    with pytest.raises(UserError, match="restart"):
        await world.submit()
    await world.restart()
    world.comfyui.release()
    assert {job.id for job in world.accepted} == {job.id for job in jobs}
    for job in jobs:
        assert (await world.ended(job)).state is JobState.SUCCEEDED
    assert world.posts() == 3
