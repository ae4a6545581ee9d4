"""Waiting, running and being cancelled: against the stand-in of both versions, and against servers that lie."""

import json
from typing import Any

import aiohttp
import aiohttp.web
import pytest

from bot.comfy import (
    CancelResult,
    ComfyClient,
    Ended,
    Ending,
    Gone,
    Pending,
    ProtocolError,
    Running,
    ServerAddress,
)  # fmt: skip
from bot.demo.comfyui import StandIn
from tests.comfy.asking import until
from tests.comfy.graphs import new_id, quick, sampled
from tests.comfy.liars import lying


async def checkpoint(client: ComfyClient) -> str:
    return (await client.models("checkpoints"))[0]


async def blocked(client: ComfyClient, server: StandIn) -> str:
    """Make the server busy with a long job and return its id."""
    server.step_seconds = 0.05
    prompt_id = new_id()
    await client.submit(
        sampled(await checkpoint(client), steps=1000), prompt_id=prompt_id, client_id="someone else"
    )
    await until(client.queue, lambda queue: queue.is_running(prompt_id))
    return prompt_id


async def test_a_job_goes_from_waiting_to_ended(client: ComfyClient, server: StandIn) -> None:
    first = await blocked(client, server)
    prompt_id = new_id()
    sent = await client.submit(quick(1), prompt_id=prompt_id, client_id="mine", extra_data={"job": "j"})
    assert (sent.prompt_id, sent.problems) == (prompt_id, ())
    assert await client.queue_remaining() == 2
    assert await client.locate(first) == Running()
    assert await client.locate(prompt_id) == Pending(1)
    waiting = (await client.queue()).find(prompt_id)
    assert waiting is not None
    assert (waiting.client_id, waiting.extra_data["job"], waiting.graph) == ("mine", "j", quick(1))
    assert await client.history_entry(prompt_id) is None
    await client.interrupt(first)
    found = await until(lambda: client.locate(prompt_id), lambda where: isinstance(where, Ended))
    assert isinstance(found, Ended)
    assert (found.entry.ending, found.entry.client_id, found.entry.extra_data["job"]) == (
        Ending.SUCCESS,
        "mine",
        "j",
    )
    assert [output.node for output in found.entry.outputs] == ["2"]
    assert await client.locate(new_id()) == Gone()


async def test_positions_follow_number_and_front_not_the_listing(
    client: ComfyClient, server: StandIn
) -> None:
    await blocked(client, server)
    ids = {name: new_id() for name in ("a", "b", "c", "front", "later front", "numbered")}
    for name in ("a", "b", "c"):
        await client.submit(quick(2), prompt_id=ids[name], client_id=None)
    await client.submit(quick(2), prompt_id=ids["front"], client_id=None, front=True)
    await client.submit(quick(2), prompt_id=ids["later front"], client_id=None, front=True)
    given = await client.submit(quick(2), prompt_id=ids["numbered"], client_id=None, number=0.5)
    assert given.number == 0.5
    queue = await client.queue()
    order = [next(name for name, known in ids.items() if known == item.prompt_id) for item in queue.pending]
    assert order == ["later front", "front", "numbered", "a", "b", "c"]
    assert queue.position(ids["a"]) == 4
    assert queue.position("unknown") is None


async def test_a_waiting_job_is_removed_and_the_running_one_untouched(
    client: ComfyClient, server: StandIn
) -> None:
    first = await blocked(client, server)
    prompt_id = new_id()
    await client.submit(quick(4), prompt_id=prompt_id, client_id=None)
    assert await client.cancel(prompt_id) is CancelResult.REMOVED
    assert await client.cancel(prompt_id) is CancelResult.NOT_FOUND
    assert await client.cancel(new_id()) is CancelResult.NOT_FOUND
    queue = await client.queue()
    assert (queue.is_running(first), queue.pending) == (True, ())


async def test_the_running_job_is_interrupted_and_only_that_one(client: ComfyClient, server: StandIn) -> None:
    first, second = await blocked(client, server), new_id()
    await client.submit(quick(5), prompt_id=second, client_id=None)
    assert await client.cancel(first) is CancelResult.INTERRUPTED
    ended = await until(lambda: client.history_entry(second), bool)
    stopped = await client.history_entry(first)
    assert ended is not None
    assert stopped is not None
    assert (ended.ending, stopped.ending) == (Ending.SUCCESS, Ending.INTERRUPTED)


async def test_interrupting_by_the_id_of_another_job_does_nothing(
    client: ComfyClient, server: StandIn
) -> None:
    first = await blocked(client, server)
    await client.interrupt(new_id())
    assert await client.locate(first) == Running()
    await client.interrupt_everything()
    await until(lambda: client.history_entry(first), bool)


async def test_pending_jobs_are_deleted_one_by_one_or_all_at_once(
    client: ComfyClient, server: StandIn
) -> None:
    first = await blocked(client, server)
    ids = [new_id() for _ in range(4)]
    for prompt_id in ids:
        await client.submit(quick(6), prompt_id=prompt_id, client_id=None)
    await client.delete_pending(ids[1], ids[2], first, "unknown")
    assert [item.prompt_id for item in (await client.queue()).pending] == [ids[0], ids[3]]
    await client.delete_pending()
    await client.clear_pending()
    assert (await client.queue()).pending == ()
    assert await client.locate(first) == Running()


async def test_a_job_that_started_while_being_cancelled_is_interrupted(
    session: aiohttp.ClientSession,
) -> None:
    prompt_id = new_id()
    item = [1, prompt_id, {}, {}, []]
    states = iter(
        [{"queue_running": [], "queue_pending": [item]}, {"queue_running": [item], "queue_pending": []}]
    )

    async def queue(_: aiohttp.web.BaseRequest) -> aiohttp.web.StreamResponse:
        return aiohttp.web.json_response(next(states))

    async with lying({"GET /queue": queue, "POST /queue": 200, "POST /interrupt": 200}) as liar:
        result = await ComfyClient(ServerAddress.parse(liar.url), session).cancel(prompt_id)
        assert result is CancelResult.INTERRUPTED
        assert ("POST /interrupt", json.dumps({"prompt_id": prompt_id})) in liar.requests


async def test_a_job_that_ended_while_being_cancelled_is_not_called_removed(
    session: aiohttp.ClientSession,
) -> None:
    prompt_id = new_id()
    states = iter([[[1, prompt_id, {}, {}, []]], []])

    async def queue(_: aiohttp.web.BaseRequest) -> aiohttp.web.StreamResponse:
        return aiohttp.web.json_response({"queue_running": [], "queue_pending": next(states)})

    answers = {"GET /queue": queue, "POST /queue": 200, f"GET /history/{prompt_id}": {prompt_id: {}}}
    async with lying(answers) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        assert await client.cancel(prompt_id) is CancelResult.NOT_FOUND
        assert liar.count("POST /interrupt") == 0


async def test_a_server_replaced_by_an_older_one_still_cancels(session: aiohttp.ClientSession) -> None:
    prompt_id = new_id()
    running = {"queue_running": [[1, prompt_id, {}, {}, []]], "queue_pending": []}
    answers: dict[str, Any] = {"GET /api/prompt": {"exec_info": {}}, "GET /api/jobs": {"jobs": []},
                               f"POST /api/jobs/{prompt_id}/cancel": 405, "GET /api/queue": running,
                               "POST /api/interrupt": 200}  # fmt: skip
    async with lying(answers) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        assert await client.cancel(prompt_id) is CancelResult.INTERRUPTED
        assert await client.locate(prompt_id) == Running()


@pytest.mark.parametrize("answer", ["", "{", "null", "[]", {}, {"queue_running": 5, "queue_pending": []}])
async def test_an_odd_queue_is_a_protocol_error(session: aiohttp.ClientSession, answer: Any) -> None:
    async with lying({"GET /queue": answer}) as liar:
        with pytest.raises(ProtocolError):
            await ComfyClient(ServerAddress.parse(liar.url), session).queue()


async def test_odd_entries_of_the_queue_are_passed_over(session: aiohttp.ClientSession) -> None:
    text = '{"queue_running": [null, 5, [], [1]], "queue_pending": [[Infinity, "z", {}], [NaN, "y", null, null], '
    text += '[2, "b", {}, {"client_id": 5}], [2, "a", {}, {}, [], {}], ["x", 5, {}]]}'
    async with lying({"GET /queue": text}) as liar:
        queue = await ComfyClient(ServerAddress.parse(liar.url), session).queue()
    assert [item.prompt_id for item in queue.pending] == ["a", "b", "y", "z"]
    assert queue.running == ()


@pytest.mark.parametrize("answer", [{}, {"exec_info": None}, {"exec_info": {"queue_remaining": "2"}}])
async def test_an_odd_number_of_jobs_is_a_protocol_error(session: aiohttp.ClientSession, answer: Any) -> None:
    async with lying() as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        await client.features()
        liar.answers["GET /prompt"] = answer
        with pytest.raises(ProtocolError):
            await client.queue_remaining()
