"""A job that is removed leaves nothing behind but what others still need; what was run can be told until then."""

import asyncio
from pathlib import Path

from bot.jobs.model.job import Job
from tests.jobs.conftest import World


async def made(world: World, seed: int = 5) -> tuple[Job, Path]:
    values = {"prompt": "a cat", "steps": 2, "width": 64, "height": 64, "seed": seed}
    job = await world.ended(await world.submit(values=values))
    return job, await world.jobs.fetch(job.outputs[0], job_id=job.id)


async def settled() -> None:
    """Wait until nothing of a removed job is being erased any more."""
    await asyncio.gather(*(task for task in asyncio.all_tasks() if "traces" in task.get_name()))


async def test_copies_and_history_go_with_the_last_job_that_needs_them(world: World) -> None:
    one, copy = await made(world)
    two, same = await made(world)
    assert same == copy, "kept by what it contains"
    await world.jobs.forget(one.id)
    await settled()
    assert copy.is_file(), "the other job has it still"
    assert one.runs[0].prompt_id not in world.comfyui.history()
    assert two.runs[0].prompt_id in world.comfyui.history()
    await world.jobs.forget(two.id)
    await settled()
    assert not copy.is_file()
    assert two.runs[0].prompt_id not in world.comfyui.history()


async def test_a_server_that_is_down_keeps_nobody_from_deleting(world: World) -> None:
    job, copy = await made(world)
    await world.comfyui.stop()
    await world.jobs.forget(job.id)
    await settled()
    assert not copy.is_file()
    assert await world.jobs.find(job.id) is None


async def test_what_was_run_is_told_by_the_server_or_made_again(world: World) -> None:
    job, _ = await made(world)
    told = await world.jobs.graph(job)
    await world.server.client.delete_history(job.runs[0].prompt_id)
    again = await world.jobs.graph(job)
    assert {node["class_type"] for node in told.values()} == {node["class_type"] for node in again.values()}
    (sampler,) = [node for node in again.values() if node["class_type"] == "KSampler"]
    assert (sampler["inputs"]["seed"], sampler["inputs"]["steps"]) == (5, 2)


async def test_a_veil_is_kept_and_lifted(world: World) -> None:
    job, _ = await made(world)
    assert (await world.jobs.veil(job.id, True)).spoiler
    await world.restart()
    assert (await world.jobs.get(job.id)).spoiler
    assert not (await world.jobs.veil(job.id, False)).spoiler
