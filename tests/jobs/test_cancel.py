"""Cancelling ends exactly one job, whatever state it is in, and nobody else's."""

import pytest

from bot.comfy import FileRef
from bot.demo.comfyui import HttpFault
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import JobState
from bot.jobs.service import CancelOutcome
from tests.jobs.conftest import World
from tests.jobs.samples import eventually

BOTH = pytest.mark.parametrize("comfyui", ["old", "new"], indirect=True)


async def test_a_waiting_job_ends_at_once_and_is_never_sent(world: World):
    world.comfyui.hold()
    jobs = [await world.submit() for _ in range(4)]
    await world.running(jobs[0])
    assert await world.jobs.cancel(jobs[3].id, by=1) is CancelOutcome.CANCELLED
    assert (await world.jobs.get(jobs[3].id)).state is JobState.CANCELLED
    world.comfyui.release()
    for job in jobs[:3]:
        assert (await world.ended(job)).state is JobState.SUCCEEDED
    assert world.posts() == 3


@BOTH
async def test_a_running_job_is_stopped_and_the_next_goes_on(world: World):
    world.comfyui.hold()
    first, second = await world.submit(), await world.submit(2)
    await world.running(first)
    assert await world.jobs.cancel(first.id, by=1) is CancelOutcome.STOPPING
    ended = await world.ended(first)
    assert (ended.state, ended.failure, ended.cancel_requested_by) == (JobState.CANCELLED, None, 1)
    world.comfyui.release()
    assert (await world.ended(second)).state is JobState.SUCCEEDED
    assert await world.jobs.cancel(first.id, by=1) is CancelOutcome.FINISHED


@BOTH
async def test_a_job_waiting_on_the_server_is_taken_out(world: World):
    world.comfyui.hold()
    first, second = await world.submit(), await world.submit()
    await world.until(second, lambda snapshot: snapshot.job.state is JobState.SUBMITTED)
    await world.running(first)
    assert await world.jobs.cancel(second.id, by=1) is CancelOutcome.STOPPING
    assert (await world.ended(second)).state is JobState.CANCELLED
    assert not (await world.jobs.get(first.id)).state.is_final
    world.comfyui.release()
    assert (await world.ended(first)).state is JobState.SUCCEEDED
    assert len(world.comfyui.executed) == 1


async def test_strangers_prompts_are_never_touched(world: World):
    world.comfyui.hold()
    stranger = "3f2b8c1e-0000-4000-8000-000000000001"
    job = await world.submit()
    await world.running(job)
    graph = (await world.server.client.queue()).running[0].graph
    await world.server.client.submit(
        graph,
        prompt_id=stranger,
        client_id=None,
    )
    await world.jobs.cancel(job.id, by=1)
    assert (await world.ended(job)).state is JobState.CANCELLED
    world.comfyui.release()
    await eventually(lambda: stranger in world.comfyui.history())
    entry = await world.server.client.history_entry(stranger)
    assert entry is not None
    assert entry.ending == "success"
    assert await world.jobs.by_prompt_ids(stranger) == {}


async def test_it_is_noted_who_ended_a_job(world: World):
    world.comfyui.hold()
    job = await world.submit(1)
    await world.jobs.cancel(job.id, by=2)
    ended = await world.ended(job)
    assert (ended.state, ended.cancel_requested_by) == (JobState.CANCELLED, 2)


async def test_a_cancel_between_upload_and_sending_sends_nothing(world: World):
    world.comfyui.faults.slow = 0.15
    ref = await world.content.put(b"\x89PNG not looked at", "png")
    job = await world.submit(workflow="upscale", inputs={"image": ref}, values={})
    await eventually(lambda: any("/upload/image" in path for _, path, _ in world.comfyui.requests))
    await world.jobs.cancel(job.id, by=1)
    assert (await world.ended(job)).state is JobState.CANCELLED
    other = await world.ended(await world.submit())
    assert other.state is JobState.SUCCEEDED
    assert world.posts() == 1


async def test_a_cancel_while_the_post_is_under_way(world: World):
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "delay", seconds=0.3))
    world.comfyui.hold()
    job = await world.submit()
    await world.until(job, lambda snapshot: snapshot.job.state is JobState.SUBMITTING)
    assert await world.jobs.cancel(job.id, by=1) is CancelOutcome.STOPPING
    assert (await world.ended(job)).state is JobState.CANCELLED
    assert world.posts() == 1


async def test_a_job_that_ends_well_in_spite_of_the_cancel_has_ended_well(world: World):
    world.comfyui.faults.http.append(HttpFault(("POST", "*/cancel"), "status", times=None, status=500))
    world.comfyui.faults.http.append(HttpFault(("POST", "/interrupt"), "status", times=None, status=500))
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    await world.jobs.cancel(job.id, by=1)
    world.comfyui.release()
    ended = await world.ended(job)
    assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 1)


async def test_between_two_runs_the_rest_is_left_out_and_what_is_done_is_kept(world: World):
    world.comfyui.hold(after=1)
    values = {"prompt": "b", "steps": 3, "width": 64, "height": 64}
    job = await world.submit(workflow="single", count=3, values=values)
    await world.until(job, lambda snapshot: snapshot.run == 1)
    await world.jobs.cancel(job.id, by=1)
    ended = await world.ended(job)
    assert ended.state is JobState.CANCELLED
    assert ended.outputs
    assert isinstance(ended.outputs[0].output.file, FileRef)
    assert len(world.comfyui.submitted) <= 2


async def test_a_cancel_while_the_server_is_silent_ends_after_the_grace_and_is_cleared_up_later(world: World):
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    world.comfyui.faults.http.append(HttpFault(("*", "*"), "reset", times=None))
    await world.jobs.cancel(job.id, by=1)
    ended = await world.ended(job)
    assert (ended.state, ended.failure) == (JobState.CANCELLED, None)
    assert world.comfyui.running is not None
    world.comfyui.faults.http.clear()
    other = await world.submit()
    await world.running(other)
    assert world.comfyui.running == (await world.jobs.get(other.id)).runs[0].prompt_id


async def test_somebody_else_stopping_it_on_the_server_is_told(world: World):
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    await world.server.client.interrupt_everything()
    ended = await world.ended(job)
    assert ended.state is JobState.CANCELLED
    assert ended.failure is not None
    assert ended.failure.reason is Reason.INTERRUPTED


async def test_what_a_given_up_job_left_on_the_server_is_cleared_up_after_a_restart(world: World):
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    world.comfyui.faults.http.append(HttpFault(("*", "*"), "reset", times=None))
    await world.jobs.cancel(job.id, by=1)
    assert (await world.ended(job)).state is JobState.CANCELLED
    await world.restart()
    assert world.comfyui.running is not None
    world.comfyui.faults.http.clear()
    await eventually(lambda: world.comfyui.running is None)
    assert (await world.jobs.get(job.id)).state is JobState.CANCELLED


async def test_a_stuck_prompt_is_remembered_over_a_restart_and_the_server_not_fed(world: World):
    world.limits |= {"stall": 0.4, "job_timeout": 20}
    await world.restart()
    world.comfyui.faults.dead_worker = True
    stuck = await world.ended(await world.submit())
    await world.restart()
    world.comfyui.faults.dead_worker = False
    asked = len(world.comfyui.requests)
    await eventually(lambda: any("/queue" in path for _, path, _ in world.comfyui.requests[asked:]))
    waiting = await world.submit()
    with pytest.raises(TimeoutError):
        await world.until(waiting, lambda snapshot: snapshot.job.state is not JobState.QUEUED, 0.4)
    assert stuck.state is JobState.CANCELLED
    await world.comfyui.restart()
    assert (await world.ended(waiting)).state is JobState.SUCCEEDED


def uninterruptible(world: World, times: int | None) -> None:
    """Let the node at work run on, however often it is told to stop: told so, the server says yes and does nothing."""
    for path in ("*/cancel", "/interrupt"):
        fault = HttpFault(("POST", path), "status", times=times, status=200, text='{"cancelled": true}')
        world.comfyui.faults.http.append(fault)


@BOTH
async def test_a_node_that_cannot_be_interrupted_runs_on_and_the_next_one_stops(world: World):
    uninterruptible(world, 2)
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    assert await world.jobs.cancel(job.id, by=1) is CancelOutcome.STOPPING
    assert (await world.ended(job)).state is JobState.CANCELLED
    await eventually(lambda: world.comfyui.running is None)


@BOTH
async def test_the_last_node_of_a_job_cannot_be_interrupted_and_it_ends_well(world: World):
    uninterruptible(world, None)
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    await world.jobs.cancel(job.id, by=1)
    world.comfyui.release()
    ended = await world.ended(job)
    assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 1)


@BOTH
async def test_a_job_that_starts_between_the_look_and_the_delete_is_stopped(world: World):
    world.comfyui.hold()
    first = await world.submit()
    second = await world.submit(2)
    await world.until(second, lambda snapshot: snapshot.job.state is JobState.SUBMITTED)
    third = await world.submit(3)
    for path in ("*/cancel", "/queue"):
        world.comfyui.faults.http.append(HttpFault(("POST", path), "delay", seconds=1.0))
    await world.jobs.cancel(second.id, by=2)
    world.comfyui.hold(after=1)  # lets the first one end, and the second begin, before the delete is done
    ended = await world.ended(second)
    world.comfyui.release()
    assert (ended.state, ended.outputs) == (JobState.CANCELLED, ())
    assert ended.runs[0].prompt_id in world.comfyui.executed
    for other in (first, third):
        assert (await world.ended(other)).state is JobState.SUCCEEDED


@BOTH
async def test_cancelling_what_has_finished_changes_nothing(world: World):
    ended = await world.ended(await world.submit())
    asked = len(world.comfyui.requests)
    assert await world.jobs.cancel(ended.id, by=1) is CancelOutcome.FINISHED
    assert await world.jobs.get(ended.id) == ended
    assert not [path for method, path, _ in world.comfyui.requests[asked:] if method == "POST"]


@BOTH
async def test_a_moderators_cancel_hits_that_job_only(world: World):
    world.comfyui.hold()
    jobs = [await world.submit(user) for user in (1, 2, 3)]
    await world.running(jobs[0])
    for state, job in ((CancelOutcome.STOPPING, jobs[1]), (CancelOutcome.STOPPING, jobs[0])):
        assert await world.jobs.cancel(job.id, by=99) is state
        assert (await world.ended(job)).cancel_requested_by == 99
    world.comfyui.release()
    assert (await world.ended(jobs[2])).state is JobState.SUCCEEDED
