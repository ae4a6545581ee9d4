"""A real process, really killed, at every point where that could lose or double a job; the next one goes on."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from bot.jobs.model.job import JobState
from bot.store import instance_lock
from tests.jobs.conftest import World
from tests.jobs.doomed import Point
from tests.jobs.samples import eventually

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("point", Point)
async def test_a_job_ends_once_wherever_its_process_was_killed(world: World, point: Point):
    world.comfyui.step_seconds = 0.05
    await world.crash()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.doomed", point, world.comfyui.url, str(world.path), cwd=ROOT
    )
    async with asyncio.timeout(20):
        assert await process.wait() == -signal.SIGKILL
    async with instance_lock(f"sqlite+aiosqlite:///{world.path}/bot.db", patience=0):
        await world.start()
    jobs = world.accepted
    if point is Point.BEFORE_ACCEPTED:
        assert jobs == []
        assert world.posts() == 0
        return
    assert len(jobs) == 1
    ended = await world.ended(jobs[0])
    assert (ended.state, len(ended.outputs)) == (JobState.SUCCEEDED, 1)
    assert world.posts() == 1
    assert len(world.comfyui.executed) == 1
    assert await world.store.get(ended.id) == ended
    sent_twice = point is Point.PROMPT_ID  # the first prompt id was committed, but never sent
    assert [run.attempt for run in ended.runs] == ([1, 2] if sent_twice else [1])
    await eventually(lambda: world.comfyui.running is None)
