"""Whatever a server does to a request, callers see one of three errors and no secrets."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.comfy import ComfyClient, ComfyError, NotFound, NotSupported, Rejected, ServerAddress, Unreachable
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from tests.comfy.graphs import new_id, quick
from tests.comfy.liars import lying, silent
from tests.comfy.rows import EVERY_ROW, assert_discreet, failing, known, secretive


@pytest.mark.parametrize("row", EVERY_ROW)
async def test_every_row_where_nothing_listens(session: aiohttp.ClientSession, row: str) -> None:
    assert isinstance(await failing(secretive("http://127.0.0.1:9", session), row), Unreachable)


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


async def test_a_server_that_hangs_is_given_up(session: aiohttp.ClientSession) -> None:
    async with silent() as url:
        error = await failing(secretive(url, session, 0.05), "queue")
    assert isinstance(error, Unreachable)
    assert "in time" in str(error)


async def test_after_the_session_is_closed_nothing_but_unreachable(session: aiohttp.ClientSession) -> None:
    client = secretive("http://127.0.0.1:9", session)
    await session.close()
    assert isinstance(await failing(client, "queue"), Unreachable)


async def test_a_name_that_cannot_be_resolved_is_unreachable(session: aiohttp.ClientSession) -> None:
    for host in ("no-such-host.invalid", "x" * 70 + ".invalid"):
        with pytest.raises(Unreachable):
            await ComfyClient(ServerAddress.parse(f"http://{host}:1"), session, timeout=5).queue()


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
