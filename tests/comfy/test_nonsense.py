"""Answers that are none, or too much, are errors that name no secret, whatever is in them."""

import gzip
import json
import random
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.comfy import ComfyClient, ComfyError, ProtocolError, Unreachable
from bot.comfy import transport as transport_module
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from tests.comfy.liars import blurting, lying
from tests.comfy.rows import EVERY_ROW, assert_discreet, failing, known, secretive


async def test_bare_nan_and_infinity_are_read(client: ComfyClient, server: StandIn) -> None:
    await client.features()
    server.faults.http.append(HttpFault(("GET", "*"), FaultAction.NAN, times=None))
    assert (await client.queue()).pending == ()
    assert "KSampler" in await client.object_info()
    assert (await client.system_stats()).version


KEYS = (
    "p", "queue_running", "queue_pending", "exec_info", "queue_remaining", "prompt_id", "number", "node_errors", "errors",
    "error", "type", "message", "extra_info", "input_config", "outputs", "images", "filename", "status", "messages", "jobs",
    "id", "name", "system", "devices", "KSampler", "cancelled", "pagination", "workflow", "prompt", "text", "execution_status",
)  # fmt: skip
WORDS = (
    "p",
    "success",
    "error",
    "pending",
    "completed",
    "failed",
    "a.png",
    "output",
    "\ud800",
    "x\0",
    "../..",
    "execution_error",
)


def anything(dice: random.Random, depth: int = 0) -> Any:
    """Return JSON of the words of the protocol without its sense."""
    match dice.randrange(8 if depth < 5 else 4):
        case 0:
            return dice.choice(WORDS)
        case 1:
            return dice.choice([None, True, False])
        case 2:
            return dice.choice([0, -1, 1e300, float("nan"), float("inf"), 10**30, 10**400, 2.5])
        case 3:
            return dice.choice([[], {}])
        case 4 | 5:
            return [anything(dice, depth + 1) for _ in range(dice.randrange(6))]
        case _:
            return {dice.choice(KEYS): anything(dice, depth + 1) for _ in range(dice.randrange(8))}


@pytest.mark.parametrize("row", [row for row in EVERY_ROW if not row.startswith("fetch")])
async def test_every_row_on_a_server_that_talks_nonsense(session: aiohttp.ClientSession, row: str) -> None:
    dice = random.Random(row)

    async def nonsense(_: web.Request) -> web.StreamResponse:
        text = json.dumps(
            {dice.choice(KEYS): anything(dice) for _ in range(8)} if dice.random() < 0.8 else anything(dice)
        )
        return web.Response(
            status=dice.choice([200, 200, 200, 400]), text=text, content_type="application/json"
        )

    paths = ("prompt", "queue", "history", "history/p", "interrupt", "models", "models/checkpoints", "embeddings", "object_info",
             "object_info/KSampler", "upload/image", "upload/mask", "free", "system_stats", "jobs", "jobs/p",
             "jobs/p/cancel")  # fmt: skip
    async with lying({"GET /api/prompt": {"exec_info": {}}, "GET /api/jobs": {"jobs": []}}) as liar:
        client = await known(liar.url, session)
        names = [f"{method} /api/{path}" for path in paths for method in ("GET", "POST")]
        liar.answers |= dict.fromkeys(names, nonsense)
        for _ in range(60):
            try:
                await EVERY_ROW[row](client)
            except ComfyError as error:
                assert_discreet(error)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (None, Unreachable),
        (b"", Unreachable),
        (b"\x00\xff\x00 what\r\n\r\n", ProtocolError),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", ProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ProtocolError),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", ComfyError),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", ProtocolError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ComfyError),
    ],
    ids=range(8),
)
async def test_what_is_no_http_is_told_apart(
    session: aiohttp.ClientSession, reply: bytes | None, kind: type[ComfyError]
) -> None:
    async with blurting(reply) as url:
        assert isinstance(await failing(secretive(url, session), "queue"), kind)


async def test_an_endless_answer_is_cut_off(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "LARGEST_ANSWER", 2 * 1024**2)

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 65536)

    async with lying() as liar:
        client = await known(liar.url, session)
        liar.answers |= {"GET /queue": endless, "GET /object_info": endless}
        assert isinstance(await failing(client, "queue"), ProtocolError)
        assert isinstance(await failing(client, "object_info"), ProtocolError)


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off(session: aiohttp.ClientSession) -> None:
    bomb = gzip.compress(b" " * (transport_module.LARGEST_ANSWER + 1024**2), 9)

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with lying() as liar:
        client = await known(liar.url, session)
        liar.answers["GET /queue"] = answer
        assert isinstance(await failing(client, "queue"), ComfyError)


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"queue_running": [' + "9" * 5000 + "]}", "\ufeff{}", "nul"]
)
async def test_json_that_would_break_the_parser_is_a_protocol_error(
    session: aiohttp.ClientSession, text: str
) -> None:
    async with lying({"GET /queue": text}) as liar:
        assert isinstance(await failing(secretive(liar.url, session), "queue"), ProtocolError)


async def test_large_answers_leave_the_loop_free(session: aiohttp.ClientSession) -> None:
    graph = {str(i): {"class_type": "X", "inputs": {"text": "x" * 100}} for i in range(5000)}
    queue = {"queue_running": [[1, "p", graph, {}, []]], "queue_pending": []}
    async with lying({"GET /queue": queue}) as liar:
        found = (await secretive(liar.url, session).queue()).find("p")
    assert found is not None
    assert found.graph == graph
