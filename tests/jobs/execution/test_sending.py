"""A run reaches a server once, whatever becomes of the answer to its POST."""

import pytest

from bot.comfy import Whereabouts
from bot.jobs.model.job import JobState
from tests.jobs.conftest import World
from tests.jobs.execution.late_posts import LatePost
from tests.jobs.samples import eventually


async def test_a_post_that_arrives_after_the_first_look_for_it_is_not_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    client = world.server.client
    late, locate = LatePost(client, monkeypatch), client.locate

    async def arriving_meanwhile(prompt_id: str) -> Whereabouts:
        where = await locate(prompt_id)
        await late.arrive()
        return where

    monkeypatch.setattr(client, "locate", arriving_meanwhile)
    ended = await world.ended(await world.submit())
    assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 1)
    assert [run.prompt_id for run in ended.runs] == world.comfyui.executed == [late.prompt_id]


async def test_a_socket_that_hears_nothing_of_a_new_job_is_replaced(world: World):
    world.status_within = 0.0  # so what was heard before the job does not count
    await world.restart()
    world.comfyui.faults.deaf = True
    listener = world.server.listener
    first = listener.client_id
    await world.submit()
    await eventually(lambda: listener.client_id not in {None, first})
