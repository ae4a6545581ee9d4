"""Submitting, seeing, cancelling: against the stand-in of both versions, and against servers that lie."""

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
    NotFound,
    NotSupported,
    Pending,
    ProtocolError,
    Rejected,
    Running,
    ServerAddress,
    Unreachable,
)  # fmt: skip
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
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


async def test_what_is_sent_is_what_every_server_survives(session: aiohttp.ClientSession) -> None:
    async with lying({"POST /prompt": {"prompt_id": "x", "number": 1, "node_errors": {}}}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        prompt_id = new_id()
        await client.submit(quick(), prompt_id=prompt_id, client_id=None)
        await client.submit(quick(), prompt_id=prompt_id, client_id="c", extra_data={"a": 1}, front=True)
        await client.submit(quick(), prompt_id=prompt_id, client_id="c", front=True, number=3)
        bodies = [json.loads(body) for name, body in liar.requests if name == "POST /prompt"]
    common = {"prompt": quick(), "prompt_id": prompt_id}
    assert bodies == [
        common | {"extra_data": {}},
        common | {"extra_data": {"a": 1}, "client_id": "c", "front": True},
        common | {"extra_data": {}, "client_id": "c", "number": 3.0},
    ]


@pytest.mark.parametrize("prompt_id", ["", "x", "F" * 32, "f" * 32, "6F9619FF-8B86-4D01-B42D-00CF4FC964FF"])
async def test_an_id_the_newest_servers_refuse_is_never_sent(
    session: aiohttp.ClientSession, prompt_id: str
) -> None:
    client = ComfyClient(ServerAddress.parse("http://127.0.0.1:9"), session)
    with pytest.raises(ValueError, match=r"UUID|hexadecimal"):
        await client.submit(quick(), prompt_id=prompt_id, client_id=None)


async def test_a_refused_graph_says_what_is_wrong_with_which_node(client: ComfyClient) -> None:
    graph = quick()
    graph["1"]["inputs"]["width"] = 100_000
    with pytest.raises(Rejected) as refused:
        await client.submit(graph, prompt_id=new_id(), client_id=None)
    (problem,) = refused.value.problems
    assert refused.value.status == 400
    assert (problem.node_id, problem.title, problem.input) == ("1", "Plain colour", "width")
    assert (problem.type, problem.received, problem.maximum) == ("value_bigger_than_max", 100_000, 16384)


async def test_a_choice_not_in_the_list_names_the_list(client: ComfyClient) -> None:
    with pytest.raises(Rejected) as refused:
        await client.submit(sampled("none.safetensors"), prompt_id=new_id(), client_id=None)
    (problem,) = refused.value.problems
    assert problem.type == "value_not_in_list"
    assert problem.allowed == await client.models("checkpoints")


@pytest.mark.parametrize("graph", [{}, {"1": {"class_type": "NoSuchNode", "inputs": {}}}])
async def test_a_graph_refused_as_a_whole_has_one_problem(client: ComfyClient, graph: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as refused:
        await client.submit(graph, prompt_id=new_id(), client_id=None)
    assert len(refused.value.problems) == 1
    assert refused.value.text


async def test_a_half_accepted_graph_carries_its_problems(client: ComfyClient) -> None:
    graph = quick() | {"8": {"class_type": "EmptyImage", "inputs": {}},
                       "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "x"}}}  # fmt: skip
    sent = await client.submit(graph, prompt_id=new_id(), client_id=None)
    assert {problem.node_id for problem in sent.problems} == {"8"}
    assert {problem.type for problem in sent.problems} == {"required_input_missing"}


async def test_a_lost_answer_is_unreachable_and_the_job_is_found_by_its_id(
    client: ComfyClient, server: StandIn
) -> None:
    await client.features()
    server.faults.http.append(HttpFault(("POST", "/prompt"), FaultAction.LOSE_ANSWER))
    prompt_id = new_id()
    with pytest.raises(Unreachable):
        await client.submit(quick(3), prompt_id=prompt_id, client_id=None)
    await until(lambda: client.locate(prompt_id), lambda where: isinstance(where, Ended))
    assert server.submitted == [prompt_id]  # it was never sent twice


@pytest.mark.parametrize(
    "answer", ["", "{", "null", "[]", {}, {"prompt_id": 5, "number": 1}, {"prompt_id": "x", "number": None}]
)
async def test_an_odd_acknowledgement_is_a_protocol_error(
    session: aiohttp.ClientSession, answer: Any
) -> None:
    async with lying({"POST /prompt": answer}) as liar:
        with pytest.raises(ProtocolError):
            await ComfyClient(ServerAddress.parse(liar.url), session).submit(
                quick(), prompt_id=new_id(), client_id=None
            )


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


async def test_pages_of_history_and_forgetting(client: ComfyClient) -> None:
    ids = [new_id() for _ in range(3)]
    for color, prompt_id in enumerate(ids):
        await client.submit(quick(color), prompt_id=prompt_id, client_id=None)
    await until(client.history, lambda entries: len(entries) == 3)
    assert [e.prompt_id for e in await client.history()] == ids
    assert [e.prompt_id for e in await client.history(max_items=2)] == ids[1:]
    assert [e.prompt_id for e in await client.history(max_items=1, offset=0)] == ids[:1]
    assert await client.history(max_items=0) == ()
    await client.delete_history(ids[0], "unknown")
    await client.delete_history()
    assert [e.prompt_id for e in await client.history()] == ids[1:]
    await client.clear_history()
    assert await client.history() == ()


@pytest.mark.parametrize("answer", ["", "[]", "5", "{"])
async def test_an_odd_history_is_a_protocol_error(session: aiohttp.ClientSession, answer: str) -> None:
    async with lying({"GET /history": answer, "GET /history/p": answer}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        with pytest.raises(ProtocolError):
            await client.history()
        with pytest.raises(ProtocolError):
            await client.history_entry("p")
        assert await client.history_entry("unknown") is None
        assert await client.history_entry("..") is None


async def test_jobs_are_listed_where_the_server_can(client: ComfyClient, server: StandIn) -> None:
    prompt_id = new_id()
    await client.submit(quick(), prompt_id=prompt_id, client_id="c")
    await until(lambda: client.history_entry(prompt_id), bool)
    if server.version == "old":
        with pytest.raises(NotSupported):
            await client.jobs()
        with pytest.raises(NotSupported):
            await client.job(prompt_id)
        return
    page = await client.jobs(status=["completed", "failed"], limit=5)
    assert [job.prompt_id for job in page.jobs] == [prompt_id]
    assert (page.total, page.has_more, page.jobs[0].outputs_count) == (1, False, 1)
    detail = await client.job(prompt_id)
    entry = await client.history_entry(prompt_id)
    assert detail is not None
    assert entry is not None
    assert detail.entry is not None
    assert (detail.entry.outputs, detail.entry.client_id) == (entry.outputs, "c")
    assert await client.job(new_id()) is None
    with pytest.raises(Rejected) as refused:
        await client.jobs(status=["strange"])
    assert (refused.value.status, bool(refused.value.text)) == (400, True)


async def test_an_odd_list_of_jobs_is_a_protocol_error_but_locating_goes_on(
    session: aiohttp.ClientSession,
) -> None:
    answers: dict[str, Any] = {"GET /api/prompt": {"exec_info": {}}, "GET /api/jobs": {"jobs": []}, "GET /api/jobs/p": {},
                               "GET /api/queue": {"queue_running": [], "queue_pending": []}}  # fmt: skip
    async with lying(answers) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        assert await client.locate("p") == Gone()
        with pytest.raises(ProtocolError):
            await client.job("p")
        liar.answers["GET /api/jobs"] = {"jobs": None}
        with pytest.raises(ProtocolError):
            await client.jobs()


async def test_a_wrong_login_is_a_clear_refusal(session: aiohttp.ClientSession) -> None:
    async with lying({"GET /prompt": 401, "GET /api/prompt": 401}) as liar:
        with pytest.raises(Rejected) as refused:
            await ComfyClient(ServerAddress.parse(liar.url), session).queue()
    assert refused.value.status == 401
    assert not isinstance(refused.value, NotFound | NotSupported)
