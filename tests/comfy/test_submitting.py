"""Submitting: what is sent, what is refused and why, and an answer that is lost."""

import json
from typing import Any

import aiohttp
import aiohttp.web
import pytest

from bot.comfy import (
    ComfyClient,
    Ended,
    NotFound,
    NotSupported,
    ProtocolError,
    Rejected,
    ServerAddress,
    Unreachable,
)  # fmt: skip
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from tests.comfy.asking import until
from tests.comfy.graphs import new_id, quick, sampled
from tests.comfy.liars import lying


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


async def test_a_wrong_login_is_a_clear_refusal(session: aiohttp.ClientSession) -> None:
    async with lying({"GET /prompt": 401, "GET /api/prompt": 401}) as liar:
        with pytest.raises(Rejected) as refused:
            await ComfyClient(ServerAddress.parse(liar.url), session).queue()
    assert refused.value.status == 401
    assert not isinstance(refused.value, NotFound | NotSupported)
