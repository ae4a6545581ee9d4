"""What is known of jobs afterwards: found, listed, fetched, forgotten."""

import asyncio

import pytest

from bot.errors import UserError
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.ports import HistoryQuery
from bot.jobs.model.request import JobId
from tests.jobs.conftest import World


async def test_messages_and_delivery_are_remembered(world: World):
    job = await world.submit()
    await world.jobs.attach_message(job.id, MessageRef(100, 5))
    await world.ended(job)
    first = await world.jobs.delivered(job.id)
    assert await world.jobs.delivered(job.id) == first
    assert first.message == MessageRef(100, 5)
    await world.restart()
    assert world.accepted == []
    assert await world.store.get(job.id) == first


async def test_jobs_are_found_by_number_and_listed_and_forgotten(world: World):
    job = await world.ended(await world.submit())
    found = await world.jobs.find(f" #{job.number}")
    assert found is not None
    assert found.id == job.id
    assert await world.jobs.find(job.id.upper()) == found
    assert await world.jobs.find("nonsense") is None
    assert (
        await world.jobs.history(HistoryQuery(viewer=5, guild_id=10, channels=frozenset({100})))
    ).total == 1
    await world.jobs.forget(job.id)
    with pytest.raises(UserError, match="no longer known"):
        await world.jobs.get(job.id)
    with pytest.raises(UserError, match="no longer known"):
        await world.jobs.delivered(JobId("0" * 32))


async def test_unfinished_jobs_are_not_forgotten(world: World):
    world.comfyui.hold()
    job = await world.submit()
    with pytest.raises(UserError, match="Cancel"):
        await world.jobs.forget(job.id)


async def test_an_output_is_fetched_once_and_then_ours(world: World):
    job = await world.ended(await world.submit())
    await asyncio.gather(*(world.jobs.fetch(job.outputs[0], job_id=job.id) for _ in range(3)))
    assert sum("/view" in path for _, path, _ in world.comfyui.requests) == 1
    world.comfyui.faults.missing_outputs = True
    assert (await world.jobs.fetch(job.outputs[0], job_id=job.id)).is_file()


async def test_an_output_that_is_gone_is_told(world: World):
    job = await world.ended(await world.submit())
    world.comfyui.faults.missing_outputs = True
    with pytest.raises(UserError, match="no longer"):
        await world.jobs.fetch(job.outputs[0], job_id=job.id)
    await world.comfyui.stop()
    with pytest.raises(UserError, match="does not answer"):
        await world.jobs.fetch(job.outputs[0], job_id=job.id)
    await world.comfyui.start()


async def test_another_jobs_file_under_the_same_name_is_not_taken_for_it(world: World):
    job = await world.ended(await world.submit())
    ours = await world.jobs.fetch(job.outputs[0], job_id=job.id)
    assert await world.jobs.fetch(job.outputs[0], job_id=job.id) == ours
    ours.unlink()  # as tidied away in time
    assert await world.jobs.fetch(job.outputs[0], job_id=job.id) == ours, "it still lies on the server"
    file = job.outputs[0].output.file
    assert file is not None
    (world.comfyui.folders.root("output") / file.subfolder / file.filename).write_bytes(b"somebody else's")
    ours.unlink()
    with pytest.raises(UserError, match="no longer"):
        await world.jobs.fetch(job.outputs[0], job_id=job.id)


async def test_a_job_removed_while_it_is_being_changed_is_said_to_be_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    job = await world.ended(await world.submit())
    original = world.store.get

    async def removed_after_the_look(job_id: JobId) -> Job | None:
        found = await original(job_id)
        await world.store.forget(job_id)
        return found

    monkeypatch.setattr(world.store, "get", removed_after_the_look)
    with pytest.raises(UserError, match="no longer known"):
        await world.jobs.delivered(job.id)
