"""One job's life on a server: what an earlier attempt left there is taken out before the next one is sent."""

import pytest

from bot.comfy import QueueSnapshot
from bot.jobs.model.job import JobState
from tests.jobs.conftest import World
from tests.jobs.execution.late_posts import LatePost


async def test_a_post_that_arrives_after_it_was_given_up_is_taken_out_before_it_is_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.comfyui.hold()
    first = await world.submit(1)
    await world.running(first)
    client = world.server.client
    late, queue = LatePost(client, monkeypatch), client.queue

    async def arriving_meanwhile() -> QueueSnapshot:
        # This look into the queue is the last one that the server's health takes before the next attempt.
        snapshot = await queue()
        await late.arrive()
        return snapshot

    monkeypatch.setattr(client, "queue", arriving_meanwhile)
    second = await world.submit(2)
    await world.until(
        second,
        lambda snapshot: snapshot.job.state is JobState.SUBMITTED and len(snapshot.job.runs) == 2,
    )
    waiting = [item.prompt_id for item in (await queue()).pending]
    world.comfyui.release()
    ended = [await world.ended(job) for job in (first, second)]
    assert [job.state for job in ended] == [JobState.SUCCEEDED] * 2
    made = [job.runs[-1].prompt_id for job in ended]
    assert late.prompt_id == ended[1].runs[0].prompt_id
    assert waiting == made[1:]
    assert world.comfyui.executed == made
