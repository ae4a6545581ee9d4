"""Servers that refuse, hang, die and come back: nothing is lost, nothing runs twice, and who waits is told."""

import pytest

from bot.comfy import LinkState, transport
from bot.demo.comfyui import HttpFault
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import JobState
from tests.jobs.conftest import World
from tests.jobs.samples import eventually

LONG = {"prompt": "a cat", "steps": 30, "width": 64, "height": 64}


def port_of(world: World) -> int:
    return int(world.comfyui.url.rsplit(":", 1)[1])


async def test_a_server_that_refuses_connections_is_waited_for(world: World):
    port = port_of(world)
    await world.comfyui.stop()
    job = await world.submit()
    await world.until(job, lambda snapshot: not snapshot.server_up)
    assert (await world.jobs.get(job.id)).state is JobState.QUEUED
    await world.comfyui.start(port=port)
    ended = await world.ended(job)
    assert (ended.state, world.posts()) == (JobState.SUCCEEDED, 1)


async def test_a_server_that_hangs_is_waited_for(world: World):
    world.patience = 0.3
    await world.restart()
    world.comfyui.faults.http.append(HttpFault(("*", "*"), "hang", times=5))
    ended = await world.ended(await world.submit())
    assert (ended.state, world.posts()) == (JobState.SUCCEEDED, 1)


@pytest.mark.parametrize(("action", "runs"), [("late", 1), ("delay", None), ("hang", 2)])
async def test_a_post_without_an_answer_in_time_is_looked_for_before_it_is_sent_again(
    world: World, action: str, runs: int | None
):
    world.patience = 0.3
    await world.restart()
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), action, seconds=0.5))
    ended = await world.ended(await world.submit())
    assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 1)
    assert runs in (None, len(ended.runs))
    made = [run.prompt_id for run in ended.runs if run.state is JobState.SUCCEEDED]
    await eventually(lambda: world.comfyui.running is None)
    assert [each for each in world.comfyui.executed if each in made] == made
    assert len(world.comfyui.executed) <= len(made) + (action == "delay")


@pytest.mark.parametrize("crashed", [False, True])
async def test_a_server_that_never_says_whether_it_took_a_job_is_a_loss_told(world: World, crashed: bool):
    looks = ("/queue", "/history/*", "/api/jobs/*")
    world.comfyui.hold()
    world.silence = 60.0 if crashed else 0.0
    await world.restart()
    world.comfyui.faults.http += [HttpFault(("GET", path), "reset", times=None) for path in looks]
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "lose_answer"))
    job = await world.submit()
    await eventually(lambda: world.posts() == 1)
    if crashed:
        world.silence = 0.0
        world.listening = False
        await world.restart()
    ended = await world.ended(job)
    assert ended.state is JobState.LOST
    assert ended.failure is not None
    assert "stopped answering" in ended.failure.message
    world.comfyui.faults.http.clear()
    await eventually(lambda: world.comfyui.running is None)
    assert world.posts() == 1


async def test_a_server_that_dies_in_mid_job_is_a_loss_told_once_it_is_back(world: World):
    port = port_of(world)
    world.comfyui.hold()
    job = await world.submit(values=LONG)
    await world.running(job)
    await world.comfyui.stop()
    await world.until(job, lambda snapshot: not snapshot.server_up)
    assert (await world.jobs.get(job.id)).state is JobState.RUNNING
    await world.comfyui.start(port=port)
    ended = await world.ended(job)
    assert ended.state is JobState.LOST
    assert ended.failure is not None
    assert ended.failure.reason is Reason.LOST
    assert world.posts() == 1


async def test_a_job_removed_from_the_history_before_it_was_read_is_a_loss_told(world: World):
    for path in ("/history/*", "*/jobs/*"):
        world.comfyui.faults.http.append(HttpFault(("GET", path), "status", times=None))
    job = await world.submit()
    await eventually(lambda: world.comfyui.history() != {})
    await world.server.client.clear_history()
    world.comfyui.faults.http.clear()
    ended = await world.ended(job)
    assert ended.state is JobState.LOST
    assert ended.failure is not None
    assert "no longer knows" in str(ended.failure.sentence)
    assert world.posts() == 1


async def test_cached_outputs_come_with_their_old_names(world: World):
    values = {"prompt": "a cat", "seed": 5, "steps": 4, "width": 64, "height": 64}
    first = await world.ended(await world.submit(values=values))
    second = await world.ended(await world.submit(2, values=values))
    assert [each.output for each in first.outputs] == [each.output for each in second.outputs]
    for job in (first, second):
        assert (await world.jobs.fetch(job.outputs[0], job_id=job.id)).is_file()


async def test_cached_outputs_whose_file_is_gone_are_told_file_by_file(world: World):
    values = {"prompt": "a cat", "seed": 5, "steps": 4, "width": 64, "height": 64}
    await world.ended(await world.submit(values=values))
    world.comfyui.faults.missing_outputs = True
    again = await world.ended(await world.submit(2, values=values))
    assert (again.state, len(again.outputs)) == (JobState.SUCCEEDED, 1)
    with pytest.raises(Exception, match="no longer on the image server"):
        await world.jobs.fetch(again.outputs[0], job_id=again.id)


async def test_a_job_ends_though_its_server_sends_more_than_a_connection_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    # The greeting passes; each preview and each report on progress costs the connection.
    monkeypatch.setattr(transport, "LARGEST_MESSAGE", 150)
    await world.restart()
    lost: list[LinkState] = []
    world.server.listener.on_link(lost.append)
    job = await world.submit(values=LONG)
    ended = await world.ended(job)
    assert (ended.state, len(ended.outputs), world.posts()) == (JobState.SUCCEEDED, 1, 1)
    assert LinkState.DOWN in lost
