"""What can be wrong with the live connection, each by itself: it makes jobs nicer to watch, and decides nothing."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from bot.demo.comfyui import unreliable
from bot.demo.comfyui.faults import Frame, garbled
from bot.jobs.model.job import JobState
from tests.jobs.conftest import World

FrameFault = Callable[[Frame], Iterable[Frame]]


def nothing(_frame: Frame) -> Iterable[Frame]:
    """Send nothing at all: the connection stays open like one whose other end is gone."""
    return ()


def twice(frame: Frame) -> Iterable[Frame]:
    return (frame, frame)


def with_strange_ones(frame: Frame) -> Iterable[Frame]:
    strange = [
        {"type": "agent_status", "data": {"prompt_id": frame.prompt_id}},
        {"type": "executing", "data": []},
        {"type": "progress", "data": {"value": "x", "max": None, "prompt_id": frame.prompt_id, "node": 3}},
        ["not", "an", "object"],
    ]
    odd = [replace(frame, kind="odd", payload=json.dumps(each)) for each in strange]
    return (*odd, replace(frame, kind="odd", payload=b"\0\0\0\x09?"), frame)


def no_ending(frame: Frame) -> Iterable[Frame]:
    """Lose whatever says that a job has ended."""
    text = frame.payload if isinstance(frame.payload, str) else ""
    return () if '"node": null' in text or "execution_success" in text else (frame,)


def early_ending(frame: Frame) -> Iterable[Frame]:
    """Say that the job has ended with its very first frame."""
    if frame.kind != "execution_start":
        return (frame,)
    ending = {"type": "executing", "data": {"node": None, "prompt_id": frame.prompt_id}}
    return (replace(frame, kind="executing", payload=json.dumps(ending)), frame)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(nothing, id="half-open"),
        pytest.param(unreliable(1, lose=0.5), id="lost"),
        pytest.param(twice, id="duplicated"),
        pytest.param(unreliable(2, reorder=0.5), id="reordered"),
        pytest.param(lambda frame: (garbled(frame),), id="garbled"),
        pytest.param(with_strange_ones, id="unknown"),
        pytest.param(no_ending, id="ending-lost"),
        pytest.param(early_ending, id="ending-early"),
    ],
)
async def test_frames_decide_nothing(world: World, fault: FrameFault):
    world.comfyui.faults.frames = fault
    for job in [await world.submit() for _ in range(2)]:
        ended = await world.ended(job)
        assert (ended.state, len(ended.outputs), len(ended.runs)) == (JobState.SUCCEEDED, 1, 1)
    assert world.posts() == 2


@pytest.mark.parametrize("status", [403, 500])
async def test_a_socket_that_is_refused_is_done_without(world: World, status: int):
    world.comfyui.faults.refuse_sockets = status
    await world.restart()
    assert (await world.ended(await world.submit())).state is JobState.SUCCEEDED


async def test_a_socket_dropped_in_mid_job_is_replaced_and_the_rest_is_seen(world: World):
    world.comfyui.hold()
    job = await world.submit(values={"prompt": "a cat", "steps": 8, "width": 64, "height": 64})
    await world.until(job, lambda snapshot: snapshot.step is not None)
    world.comfyui.drop_sockets()
    world.comfyui.release()
    assert (await world.ended(job)).state is JobState.SUCCEEDED
    async with asyncio.timeout(5):
        assert await world.server.listener.ready(5)
