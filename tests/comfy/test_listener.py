"""The events of jobs as they reach their mailboxes: against the stand-in of both versions, and as recorded."""

import asyncio
import json
from typing import Any

import aiohttp
from aiohttp import web

from bot.comfy import (
    ComfyClient,
    Ended,
    Ending,
    Finished,
    Interrupted,
    LinkLost,
    NodeOutput,
    Preview,
    Progress,
    Started,
    Status,
    Step,
    Succeeded,
)  # fmt: skip
from bot.demo.comfyui import StandIn, garbled
from tests.comfy.asking import until_true
from tests.comfy.graphs import new_id, quick, sampled
from tests.comfy.listening import collected, kinds, listening, speaking
from tests.comfy.recordings import folder


async def test_a_job_is_followed_from_start_to_finish(client: ComfyClient) -> None:
    checkpoint = (await client.models("checkpoints"))[0]
    async with listening(client) as listener:
        assert await listener.ready(5)
        assert listener.connected
        prompt_id = new_id()
        with (
            listener.watch(prompt_id) as box,
            listener.watch(prompt_id) as second,
            listener.watch(new_id()) as other,
        ):
            await client.submit(sampled(checkpoint), prompt_id=prompt_id, client_id=listener.client_id)
            listener.note_submitted()
            events = await collected(box)
            assert isinstance((await collected(second))[-1], Finished)
            assert other.empty()
    assert events[0] == Started(prompt_id)
    assert {Progress, Step, Preview, NodeOutput, Succeeded, Finished} <= kinds(events)
    previews = [event for event in events if isinstance(event, Preview)]
    assert all(preview.image.startswith(b"\xff\xd8") for preview in previews)
    assert isinstance(where := await client.locate(prompt_id), Ended)
    assert where.entry.ending is Ending.SUCCESS


async def test_strangers_frames_never_reach_a_mailbox(client: ComfyClient, server: StandIn) -> None:
    checkpoint = (await client.models("checkpoints"))[0]
    async with listening(client) as listener:
        assert await listener.ready(5)
        mine, theirs = new_id(), new_id()
        with listener.watch(mine) as box:
            await client.submit(sampled(checkpoint, seed=1), prompt_id=theirs, client_id=None)
            await client.submit(quick(9), prompt_id=mine, client_id=listener.client_id)
            events = await collected(box)
    assert {getattr(event, "prompt_id", mine) for event in events} == {mine}
    assert Preview not in kinds(events)


async def test_an_interruption_is_told_and_then_the_finish(client: ComfyClient, server: StandIn) -> None:
    server.step_seconds = 0.02
    checkpoint = (await client.models("checkpoints"))[0]
    async with listening(client) as listener:
        assert await listener.ready(5)
        prompt_id = new_id()
        with listener.watch(prompt_id) as box:
            await client.submit(
                sampled(checkpoint, steps=500), prompt_id=prompt_id, client_id=listener.client_id
            )
            await collected(box, Step)
            await client.cancel(prompt_id)
            events = await collected(box)
    assert Interrupted in kinds(events)


async def test_the_length_of_the_queue_is_told_to_subscribers(client: ComfyClient) -> None:
    told: list[Status] = []

    def failing(_: Status) -> None:
        raise RuntimeError("a subscriber's own trouble")

    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    async with listening(client) as listener:
        end = listener.on_status(told.append)
        listener.on_status(failing)
        await until_true(lambda: Status(0) in told)
        await client.submit(quick(8), prompt_id=new_id(), client_id=None)
        await until_true(lambda: Status(1) in told and told[-1] == Status(0))
        end()
        assert listener.connected
    assert errors


async def test_half_of_the_frames_garbled_does_not_end_the_listener(
    client: ComfyClient, server: StandIn
) -> None:
    checkpoint = (await client.models("checkpoints"))[0]
    server.faults.frames = lambda frame: (garbled(frame), frame)
    async with listening(client) as listener:
        assert await listener.ready(5)
        prompt_id = new_id()
        with listener.watch(prompt_id) as box:
            await client.submit(
                sampled(checkpoint, seed=2), prompt_id=prompt_id, client_id=listener.client_id
            )
            events = await collected(box)
    assert {Started, Step, Preview, Finished} <= kinds(events)
    assert LinkLost not in kinds(events)


def recorded_jobs() -> dict[str, set[str]]:
    """Return the recorded prompt ids per session that got a last frame."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder().glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if (
                entry["kind"] == "ws_text"
                and '"type": "executing"' in entry["text"]
                and '"node": null' in entry["text"]
            ):
                found.setdefault(file.name, set()).add(json.loads(entry["text"])["data"]["prompt_id"])
    return found


async def test_recorded_sessions_reach_their_mailboxes_whole(session: aiohttp.ClientSession) -> None:
    for name, prompt_ids in recorded_jobs().items():
        lines = [json.loads(line) for line in (folder() / name).read_text(encoding="utf-8").splitlines()]
        frames = [line["text"] for line in lines if line["kind"] == "ws_text"]

        async def speech(socket: web.WebSocketResponse, frames: list[str] = frames) -> None:
            for text in frames:
                await socket.send_str(text)
            await socket.receive()

        async with speaking(session, speech) as (client, _, _heard), listening(client) as listener:
            boxes = {prompt_id: listener.watch(prompt_id) for prompt_id in prompt_ids}
            opened = {prompt_id: box.__enter__() for prompt_id, box in boxes.items()}
            for box in opened.values():
                assert isinstance((await collected(box))[-1], Finished)
            for box in boxes.values():
                box.__exit__(None, None, None)
