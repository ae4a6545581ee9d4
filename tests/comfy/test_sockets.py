"""Servers whose sockets lie, hang or fall silent cost a connection at most."""

import asyncio
import struct

import aiohttp
import pytest
from aiohttp import web

from bot.comfy import (
    FEATURE_FLAGS,
    ComfyClient,
    Finished,
    LinkRestored,
    LinkState,
    NodeOutput,
    ProgressText,
    ServerAddress,
)  # fmt: skip
from bot.comfy import listener as listener_module
from tests.comfy.asking import until_true
from tests.comfy.liars import lying
from tests.comfy.listening import collected, frame, listening, speaking


async def test_garbage_of_every_kind_is_survived_and_the_flags_come_first(
    session: aiohttp.ClientSession,
) -> None:
    async def speech(socket: web.WebSocketResponse) -> None:
        await socket.send_str(frame("feature_flags", supports_progress_text_metadata=True))
        for text in ("", "{", "[]", "null", "NaN", '{"type": 5}', "[" * 100_000, frame("status", status=[])):
            await socket.send_str(text)
        for blob in (b"", b"\0", struct.pack(">I", 1) + b"x", struct.pack(">II", 4, 2**31), bytes(3_000_000)):
            await socket.send_bytes(blob)
        await socket.send_bytes(struct.pack(">II", 3, 1) + b"p" + struct.pack(">I", 1) + b"7" + b"half way")
        await socket.send_bytes(struct.pack(">II", 3, 0) + struct.pack(">I", 1) + b"7" + b"nobody's")
        await socket.send_str(frame("executed", prompt_id="p", node="9", output={"text": ["x" * 6_000_000]}))
        await socket.send_str(frame("executing", prompt_id="p", node=None))
        await socket.receive()

    async with speaking(session, speech) as (client, _, heard), listening(client) as listener:
        with listener.watch("p") as box:
            events = await collected(box)
    assert heard == [FEATURE_FLAGS]
    assert events[0] == LinkRestored()
    assert events[1] == ProgressText("p", "7", "half way")
    assert isinstance(events[2], NodeOutput)
    assert [type(event) for event in events] == [LinkRestored, ProgressText, NodeOutput, Finished]


async def test_every_connection_has_a_fresh_client_id(session: aiohttp.ClientSession) -> None:
    async def speech(socket: web.WebSocketResponse) -> None:
        await socket.send_str(frame("status", status={"exec_info": {"queue_remaining": 0}}))
        await socket.close()

    async with speaking(session, speech) as (client, liar, heard), listening(client):
        await until_true(lambda: len(heard) >= 5)
        asked = [request.query["clientId"] for request in liar.upgrades]
    assert set(heard) == {FEATURE_FLAGS}
    assert len(set(asked)) == len(asked) >= 5


async def test_a_connection_nobody_speaks_on_does_not_count(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "FIRST_FRAME_SECONDS", 0.05)

    async def speech(socket: web.WebSocketResponse) -> None:
        await socket.receive()

    async with speaking(session, speech) as (client, _, heard), listening(client) as listener:
        await until_true(lambda: len(heard) >= 3)
        assert listener.state is LinkState.DOWN
        assert "said nothing at all" in (listener.problem or "")


async def test_a_frame_that_is_no_utf8_only_costs_the_connection(session: aiohttp.ClientSession) -> None:
    async def speech(socket: web.WebSocketResponse) -> None:
        await socket.send_frame(b"\xff\xfe\xfa", aiohttp.WSMsgType.TEXT)
        await socket.receive()

    async with speaking(session, speech) as (client, _, heard), listening(client):
        await until_true(lambda: len(heard) >= 2)


async def test_a_handshake_that_never_comes_is_given_up(session: aiohttp.ClientSession) -> None:
    attempts: list[int] = []

    async def hang(_: web.Request) -> web.StreamResponse:
        attempts.append(1)
        await asyncio.sleep(30)
        return web.Response()

    async with lying({"GET /ws": hang}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session, timeout=0.05)
        async with listening(client) as listener:
            await until_true(lambda: len(attempts) >= 2)
            assert "in time" in (listener.problem or "")


@pytest.mark.parametrize("status", [200, 302, 404, 500, 503])
async def test_a_server_without_sockets_is_down_not_fatal(
    session: aiohttp.ClientSession, status: int
) -> None:
    async with lying({"GET /ws": status}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session)
        async with listening(client) as listener:
            await until_true(lambda: liar.count("GET /ws") >= 2)
            assert listener.state is LinkState.DOWN


async def test_a_silent_half_open_connection_is_noticed_by_the_heartbeat(
    session: aiohttp.ClientSession,
) -> None:
    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        while (await socket.receive()).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
            pass
        return socket

    async with lying({"GET /ws": serve}) as liar:
        client = ComfyClient(ServerAddress.parse(liar.url), session, timeout=5)
        async with listening(client, heartbeat=0.05):
            await until_true(lambda: liar.count("GET /ws") >= 2)
