"""Crashes and restarts of the bot: every accepted job ends, once."""

import pytest

from bot.demo.comfyui import HttpFault
from bot.errors import UserError
from bot.jobs.execution.recovery import of_shards
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import JobState
from tests.jobs.conftest import World
from tests.jobs.samples import a_job, a_request, a_run, counting, eventually


async def arrived(world: World, method: str, path: str) -> None:
    """Wait until the server has got such a request."""
    await eventually(lambda: (method, path) in [request[:2] for request in world.comfyui.requests])


async def test_three_jobs_in_the_middle_of_a_crash_all_succeed_once(world: World):
    world.comfyui.hold()
    jobs = [await world.submit(user) for user in (1, 2, 3)]
    await world.running(jobs[0])
    await world.restart()
    world.comfyui.release()
    assert {job.id for job in world.accepted} == {job.id for job in jobs}
    for job in jobs:
        ended = await world.ended(job)
        assert (ended.state, len(ended.outputs), len(ended.runs)) == (JobState.SUCCEEDED, 1, 1)
    assert world.posts() == 3
    assert len(set(world.comfyui.executed)) == len(world.comfyui.executed) == 3


async def test_crash_after_crash(world: World):
    world.comfyui.hold()
    jobs = [await world.submit(user, count=2, workflow="single") for user in range(3)]
    for done in range(6):
        world.comfyui.hold(after=done)
        await eventually(lambda done=done: len(world.comfyui.executed) > done)
        await world.restart()
    world.comfyui.release()
    for job in jobs:
        ended = await world.ended(job)
        assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 2)
        assert sorted(run.index for run in ended.runs if run.state is JobState.SUCCEEDED) == [0, 1]
    assert len(world.comfyui.executed) == 6


async def test_a_prompt_id_that_was_committed_but_never_sent_is_sent_anew(world: World):
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "hang", times=1))
    job = await world.submit()
    await arrived(world, "POST", "/prompt")
    await world.restart()
    ended = await world.ended(job)
    assert ended.state is JobState.SUCCEEDED
    assert [run.state for run in ended.runs] == [JobState.LOST, JobState.SUCCEEDED]
    assert [run.attempt for run in ended.runs] == [1, 2]
    assert world.posts() == 1


async def test_a_prompt_that_was_sent_without_our_hearing_of_it_is_followed(world: World):
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "delay", times=1, seconds=0.6))
    job = await world.submit()
    await eventually(lambda: world.comfyui.submitted)
    await world.restart()
    ended = await world.ended(job)
    assert (ended.state, len(ended.runs), world.posts()) == (JobState.SUCCEEDED, 1, 1)


async def test_what_ended_while_we_were_away_is_found(world: World):
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    await world.crash()
    world.comfyui.release()
    await eventually(world.comfyui.history)
    await world.start()
    ended = await world.ended(job)
    assert (ended.state, len(ended.outputs), world.posts()) == (JobState.SUCCEEDED, 1, 1)


async def test_what_ended_but_was_not_delivered_is_told_again(world: World):
    told, untold = await world.submit(), await world.submit()
    for job in (told, untold):
        await world.ended(job)
    await world.jobs.delivered(told.id)
    await world.restart()
    assert [job.id for job in world.accepted] == [untold.id]
    assert world.accepted[0].state is JobState.SUCCEEDED
    async with world.jobs.watch(untold.id) as cell:
        snapshot = await cell.next()
        assert snapshot is not None
        assert snapshot.outputs
        assert await cell.next() is None


async def test_both_restarted_and_the_job_is_reported_lost(world: World):
    world.comfyui.hold()
    job = await world.submit()
    waiting = await world.submit()
    await world.until(waiting, lambda snapshot: snapshot.job.state is JobState.SUBMITTED)
    await world.running(job)
    await world.crash()
    await world.comfyui.restart()
    world.comfyui.release()
    await world.start()
    ended = await world.ended(job)
    assert ended.state is JobState.LOST
    assert ended.failure is not None
    assert ended.failure.reason is Reason.LOST
    assert "run it again" in ended.failure.message
    assert (await world.ended(waiting)).state is JobState.LOST


async def test_a_server_that_is_down_at_start_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch):
    world.comfyui.hold()
    sent, *_ = [await world.submit() for _ in range(3)]
    await world.running(sent)
    waiting = world.jobs.active()[-1]
    await world.crash()
    await world.comfyui.stop()
    await world.start()
    looks = (
        counting(monkeypatch, world.server.client, "locate"),
        counting(monkeypatch, world.server.client, "queue"),
    )
    await eventually(lambda: min(map(len, looks)) >= 3)
    assert (await world.jobs.get(sent.id)).state is JobState.RUNNING
    snapshot = await world.jobs.snapshot(waiting.id)
    assert snapshot.job.state is JobState.QUEUED
    world.comfyui.release()
    address = world.comfyui.url
    await world.comfyui.start(port=int(address.rsplit(":", 1)[1]))
    assert (await world.ended(waiting)).state is JobState.SUCCEEDED
    assert (await world.ended(sent)).state is JobState.LOST


async def test_a_server_that_is_no_longer_configured_is_looked_for_on_the_present_one(world: World):
    job = await world.submit()
    job = await world.ended(job)
    old = a_run(prompt_id="3f2b8c1e-0000-4000-8000-000000000002", state=JobState.SUBMITTED)
    stray = await world.store.accept(a_job(job.request), lambda standing: None)
    await world.store.save(stray.to(JobState.SUBMITTING).with_run(old).to(JobState.SUBMITTED))
    await world.restart()
    assert (await world.ended(stray)).state is JobState.LOST


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.SUBMITTING])
async def test_the_line_is_the_same_after_a_restart(world: World, state: JobState):
    world.comfyui.faults.http.append(HttpFault(("*", "/queue"), "reset", times=None))
    world.comfyui.faults.http.append(HttpFault(("POST", "/prompt"), "reset", times=None))
    jobs = [await world.submit(user) for user in (1, 1, 2)]
    if state is JobState.SUBMITTING:
        await world.until(jobs[0], lambda snapshot: snapshot.job.state is JobState.SUBMITTING)
    await world.restart()
    world.comfyui.faults.http.clear()
    for job in jobs:
        assert (await world.ended(job)).state is JobState.SUCCEEDED
    assert world.posts() == 3


async def test_what_another_shards_process_has_is_left_to_it(world: World):
    world.comfyui.hold()
    first, second = 4 << 22, 5 << 22
    mine, other = (
        await world.jobs.submit(a_request(1, guild=first)),
        await world.jobs.submit(a_request(2, guild=second)),
    )
    await world.until(other, lambda snapshot: snapshot.job.state is JobState.SUBMITTED)
    world.mine = of_shards(2, (0,))
    await world.restart()
    assert [job.id for job in world.accepted] == [mine.id]
    assert [job.id for job in world.jobs.active()] == [mine.id]
    with pytest.raises(UserError, match="where it was asked for"):
        await world.jobs.cancel(other.id, by=2)
    world.comfyui.release()
    assert (await world.ended(mine)).state is JobState.SUCCEEDED
    await eventually(lambda: len(world.comfyui.history()) == 2)
    assert (await world.jobs.get(other.id)).state is JobState.SUBMITTED
    world.mine = of_shards(2, (1,))
    await world.restart()
    assert (await world.ended(other)).state is JobState.SUCCEEDED
    assert world.posts() == 2
