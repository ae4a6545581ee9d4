"""Whatever a server does to a request, callers see one of three errors and no secrets."""

import asyncio
import gzip
import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.comfy import (
    ComfyClient,
    ComfyError,
    Features,
    FileRef,
    NotFound,
    NotSupported,
    ProtocolError,
    Rejected,
    ServerAddress,
    Unreachable,
)  # fmt: skip
from bot.comfy import transport as transport_module
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from tests.comfy.graphs import new_id, quick
from tests.comfy.liars import blurting, lying, silent

REF = FileRef("a.png")
EVERY_ROW: dict[str, Callable[[ComfyClient], Awaitable[Any]]] = {
    "features": lambda c: c.features(refresh=True),
    "queue_remaining": lambda c: c.queue_remaining(),
    "queue": lambda c: c.queue(),
    "submit": lambda c: c.submit(quick(), prompt_id=new_id(), client_id="c"),
    "history": lambda c: c.history(max_items=3),
    "history_entry": lambda c: c.history_entry("p"),
    "locate": lambda c: c.locate("p"),
    "delete_history": lambda c: c.delete_history("p"),
    "clear_history": lambda c: c.clear_history(),
    "model_folders": lambda c: c.model_folders(),
    "models": lambda c: c.models("checkpoints"),
    "embeddings": lambda c: c.embeddings(),
    "object_info": lambda c: c.object_info(),
    "node_info": lambda c: c.node_info("KSampler"),
    "upload_image": lambda c: c.upload_image(b"x", "a.png"),
    "upload_mask": lambda c: c.upload_mask(b"x", "a.png", original=REF),
    "cancel": lambda c: c.cancel("p"),
    "delete_pending": lambda c: c.delete_pending("p"),
    "clear_pending": lambda c: c.clear_pending(),
    "interrupt": lambda c: c.interrupt("p"),
    "interrupt_everything": lambda c: c.interrupt_everything(),
    "fetch": lambda c: c.fetch(REF, max_bytes=100),
    "fetch_to": lambda c: c.fetch_to(REF, Path("/tmp") / f"never-{new_id()}", max_bytes=100),
    "free": lambda c: c.free(),
    "system_stats": lambda c: c.system_stats(),
}
SECRET_URL = "http://me:sesame@"


def secretive(url: str, session: aiohttp.ClientSession, seconds: float = 10.0) -> ComfyClient:
    """Return a client whose errors must not show its login or headers."""
    address = ServerAddress.parse(url.replace("http://", SECRET_URL), {"X-Key": "hidden"})
    return ComfyClient(address, session, timeout=seconds)


def assert_discreet(error: BaseException) -> None:
    shown = f"{error} {error!r} {error.__cause__!r}"
    for secret in ("sesame", "hidden", "/srv", "Traceback"):
        assert secret not in shown


async def failing(client: ComfyClient, row: str) -> ComfyError:
    with pytest.raises(ComfyError) as caught:
        await EVERY_ROW[row](client)
    assert_discreet(caught.value)
    return caught.value


@pytest.mark.parametrize("row", EVERY_ROW)
async def test_every_row_where_nothing_listens(session: aiohttp.ClientSession, row: str) -> None:
    assert isinstance(await failing(secretive("http://127.0.0.1:9", session), row), Unreachable)


async def known(liar_url: str, session: aiohttp.ClientSession) -> ComfyClient:
    client = secretive(liar_url, session)
    await client.features()
    return client


async def server_error(_: web.Request) -> web.StreamResponse:
    return web.Response(status=500, text='500 Internal Server Error\n\nFile "/srv/ComfyUI/x.py"\nTraceback')


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def redirecting(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(str(request.url))


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"a": ')
    assert request.transport is not None
    request.transport.close()
    return response


@pytest.mark.parametrize("row", [row for row in EVERY_ROW if row != "features"])
@pytest.mark.parametrize(
    "misdeed",
    [server_error, reset, redirecting, 405, 404, 503],
    ids=lambda bad: getattr(bad, "__name__", str(bad)),
)
async def test_every_row_on_a_server_that_turned_bad(
    session: aiohttp.ClientSession, row: str, misdeed: Any
) -> None:
    rows = ("prompt", "queue", "history", "history/p", "interrupt", "models", "models/checkpoints", "embeddings", "object_info",
            "object_info/KSampler", "upload/image", "upload/mask", "view", "free", "system_stats")  # fmt: skip
    async with lying() as liar:
        client = await known(liar.url, session)
        liar.answers = {f"{method} /{path}": misdeed for path in rows for method in ("GET", "POST")}
        if misdeed == 404 and row in ("history_entry", "node_info"):
            assert await EVERY_ROW[row](client) is None
            return
        error = await failing(client, row)
    if misdeed is reset or misdeed == 503:
        assert isinstance(error, Unreachable)
    else:
        assert isinstance(error, Rejected)
        assert error.status == {server_error: 500, redirecting: 302}.get(misdeed, misdeed)
        assert isinstance(error, NotSupported) is (misdeed == 405)
        assert isinstance(error, NotFound) is (misdeed == 404)


@pytest.mark.parametrize("row", [row for row in EVERY_ROW if row not in ("features", "fetch", "fetch_to")])
async def test_no_row_repeats_a_post(session: aiohttp.ClientSession, row: str) -> None:
    async with lying() as liar:
        client = await known(liar.url, session)
        posts = ("prompt", "queue", "history", "interrupt", "upload/image", "upload/mask", "free")
        liar.answers |= {f"POST /{path}": reset for path in posts}
        liar.answers["GET /queue"] = {"queue_running": [[1, "p", {}]], "queue_pending": []}
        try:
            await EVERY_ROW[row](client)
        except ComfyError as error:
            assert_discreet(error)
        assert sum(name.startswith("POST") for name, _ in liar.requests) <= 1


@pytest.mark.parametrize("row", ["queue", "history", "submit", "object_info", "upload_image", "fetch"])
async def test_half_a_body_is_no_answer(session: aiohttp.ClientSession, row: str) -> None:
    async with lying() as liar:
        client = await known(liar.url, session)
        paths = (
            "GET /queue",
            "GET /history",
            "POST /prompt",
            "GET /object_info",
            "POST /upload/image",
            "GET /view",
        )
        liar.answers |= dict.fromkeys(paths, half)
        assert isinstance(await failing(client, row), Unreachable)


@pytest.mark.parametrize(
    "action", [FaultAction.RESET, FaultAction.HALF_BODY, FaultAction.GARBAGE, FaultAction.STATUS]
)
async def test_the_stand_in_misbehaves_and_recovers(
    client: ComfyClient, server: StandIn, action: FaultAction
) -> None:
    await client.features()
    server.faults.http.append(HttpFault(("GET", "/queue"), action, times=None))
    with pytest.raises(ComfyError):
        await client.queue()
    server.faults.http.clear()
    assert (await client.queue()).pending == ()


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


async def test_a_server_that_hangs_is_given_up(session: aiohttp.ClientSession) -> None:
    async with silent() as url:
        error = await failing(secretive(url, session, 0.05), "queue")
    assert isinstance(error, Unreachable)
    assert "in time" in str(error)


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


async def test_after_the_session_is_closed_nothing_but_unreachable(session: aiohttp.ClientSession) -> None:
    client = secretive("http://127.0.0.1:9", session)
    await session.close()
    assert isinstance(await failing(client, "queue"), Unreachable)


async def test_a_name_that_cannot_be_resolved_is_unreachable(session: aiohttp.ClientSession) -> None:
    for host in ("no-such-host.invalid", "x" * 70 + ".invalid"):
        with pytest.raises(Unreachable):
            await ComfyClient(ServerAddress.parse(f"http://{host}:1"), session, timeout=5).queue()


async def test_features_are_found_out_once_and_again_when_asked(client: ComfyClient, server: StandIn) -> None:
    new = server.version == "new"
    expected = Features(True, new, "0.38.1" if new else "0.3.64", 104857600)
    first = await asyncio.gather(*(client.features() for _ in range(5)))
    assert first == [expected] * 5
    asked = len(server.requests)
    await client.features()
    assert len(server.requests) == asked
    await client.features(refresh=True)
    assert len(server.requests) > asked


async def test_a_server_without_the_prefix_is_spoken_to_without(session: aiohttp.ClientSession) -> None:
    async with lying({"GET /queue": {"queue_running": [], "queue_pending": []}}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        assert await client.features() == Features(False, False)
        await client.queue()


async def test_a_page_of_something_else_is_no_comfyui(session: aiohttp.ClientSession) -> None:
    page = "<html>Welcome</html>"
    async with lying({"GET /api/prompt": page, "GET /prompt": page}) as liar:
        error = await failing(secretive(liar.url, session), "queue")
    assert isinstance(error, ProtocolError)
    assert "does not answer like a ComfyUI" in str(error)


async def test_odd_details_do_not_hide_the_features(session: aiohttp.ClientSession) -> None:
    answers: dict[str, Any] = {"GET /api/prompt": {"exec_info": {}}, "GET /api/jobs": {"jobs": {}}, "GET /api/features": "{",
                               "GET /api/system_stats": 500}  # fmt: skip
    async with lying(answers) as liar:
        assert await ComfyClient(ServerAddress.parse(liar.url), session).features() == Features(True, False)


async def test_base_path_headers_and_login_reach_every_request(
    session: aiohttp.ClientSession, tmp_path: Path, version: Any
) -> None:
    async with StandIn(
        tmp_path,
        version=version,
        base_path="/gpu/one",
        required_headers={"X-Key": "hidden"},
        basic_auth=("me", "sesame"),
    ) as server:
        client = secretive(server.url, session)
        assert client.label.endswith("/gpu/one")
        assert (await client.features()).api_prefix
        sent = await client.submit(quick(), prompt_id=new_id(), client_id=None)
        assert sent.number in (0, 1)
        ref = await client.upload_image(b"x" * 10, "a.png")
        assert await client.fetch(ref, max_bytes=10) == b"x" * 10
        with pytest.raises(Rejected) as refused:
            await ComfyClient(ServerAddress.parse(server.url), session).queue()
        assert refused.value.status in (401, 403)
