"""A database that is full, locked, or silent at the wrong moment loses no job and doubles none."""

import asyncio
import sqlite3

import pytest

from bot.jobs.model.job import Job, JobState, MessageRef
from bot.jobs.model.ports import Admit, StoreUnavailable
from bot.jobs.model.request import JobId
from tests.jobs.conftest import World
from tests.jobs.samples import counting, eventually

PLAIN = {"prompt": "a cat", "steps": 3, "width": 64, "height": 64}


async def test_a_database_that_fails_for_a_moment_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    save, calls = world.store.save, 0

    async def unreliable_save(job: Job) -> None:
        nonlocal calls
        calls += 1
        if calls in (2, 4):
            raise OSError("disk full")
        await save(job)

    monkeypatch.setattr(world.store, "save", unreliable_save)
    ended = await world.ended(await world.submit())
    assert (ended.state, len(ended.outputs), world.posts()) == (JobState.SUCCEEDED, 1, 1)


async def test_a_commit_whose_answer_was_lost_does_not_hold_a_job(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    save, to_lose = world.store.save, set[JobState]()

    async def lossy_save(job: Job) -> None:
        await save(job)
        if job.state in to_lose:
            to_lose.remove(job.state)
            raise OSError("gone after the commit")

    monkeypatch.setattr(world.store, "save", lossy_save)
    moments = (JobState.SUBMITTING, JobState.SUBMITTED, JobState.RUNNING, JobState.SUCCEEDED)
    for nth, moment in enumerate(moments, start=1):
        world.comfyui.hold()
        to_lose.add(moment)
        job = await world.submit()
        if moment is not JobState.SUCCEEDED:
            await eventually(lambda: not to_lose)
        world.comfyui.release()
        ended = await world.ended(job)
        assert (ended.state, len(ended.outputs), world.posts()) == (JobState.SUCCEEDED, 1, nth)
        assert await world.store.get(job.id) == ended
        assert not to_lose, "nothing was lost at this moment"


async def test_a_full_disk_is_outlasted_however_long(world: World, monkeypatch: pytest.MonkeyPatch):
    save, full, refused = world.store.save, True, 0

    async def full_save(job: Job) -> None:
        nonlocal refused
        if full:
            refused += 1
            raise StoreUnavailable("OperationalError")
        await save(job)

    monkeypatch.setattr(world.store, "save", full_save)
    job = await world.submit()
    await eventually(lambda: refused > 8)
    assert world.posts() == 0
    full = False
    ended = await world.ended(job)
    assert (ended.state, len(ended.outputs), world.posts()) == (JobState.SUCCEEDED, 1, 1)


async def test_a_database_locked_by_somebody_else_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.store.connection.engine.BUSY_TIMEOUT", 50)
    await world.restart()
    world.comfyui.hold()
    job = await world.submit()
    await world.running(job)
    other = sqlite3.connect(world.path / "bot.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    world.comfyui.release()
    await eventually(lambda: world.comfyui.history() != {})
    tried = counting(monkeypatch, world.store, "save")
    await eventually(lambda: len(tried) >= 3)
    assert not (await world.jobs.get(job.id)).state.is_final
    other.execute("ROLLBACK")
    other.close()
    ended = await world.ended(job)
    assert (ended.state, len(ended.outputs), world.posts()) == (JobState.SUCCEEDED, 1, 1)
    assert await world.store.get(job.id) == ended


@pytest.mark.parametrize("committed", [True, False])
async def test_what_was_never_confirmed_as_accepted_does_not_run(
    world: World, monkeypatch: pytest.MonkeyPatch, committed: bool
):
    accept, forget, seen, forgotten = world.store.accept, world.store.forget, [], asyncio.Event()

    async def lossy_accept(job: Job, admit: Admit) -> Job:
        seen.append(job.id)
        if committed:
            await accept(job, admit)
        raise StoreUnavailable("OperationalError")

    async def noted_forget(job_id: JobId) -> None:
        await forget(job_id)
        forgotten.set()

    monkeypatch.setattr(world.store, "accept", lossy_accept)
    monkeypatch.setattr(world.store, "forget", noted_forget)
    with pytest.raises(StoreUnavailable):
        await world.submit()
    monkeypatch.setattr(world.store, "accept", accept)
    assert (await world.ended(await world.submit())).state is JobState.SUCCEEDED
    async with asyncio.timeout(5):
        await forgotten.wait()
    assert await world.store.get(seen[0]) is None
    await world.restart()
    assert seen[0] not in {job.id for job in world.accepted}
    assert world.posts() == 1


async def test_what_discord_shows_is_noted_when_the_database_works_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    job = await world.ended(await world.submit())
    save, refusals = world.store.save, iter(range(3))

    async def full_save(job: Job) -> None:
        if next(refusals, None) is not None:
            raise StoreUnavailable("OperationalError")
        await save(job)

    monkeypatch.setattr(world.store, "save", full_save)
    shown = await world.jobs.attach_message(job.id, MessageRef(channel_id=1, message_id=2))
    assert next(refusals, None) is None
    assert shown.message == MessageRef(channel_id=1, message_id=2)
    refusals = iter(range(2))
    await world.jobs.delivered(job.id)
    stored = await world.store.get(job.id)
    assert stored is not None
    assert stored.delivered_at is not None
