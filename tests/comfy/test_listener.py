"""The live connection: against the stand-in of both versions, and against servers that lie over it."""

import asyncio
import json
import logging
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.comfy import (
    FEATURE_FLAGS,
    ComfyClient,
    Ended,
    Ending,
    Event,
    Finished,
    Fleet,
    Interrupted,
    LinkLost,
    LinkRestored,
    LinkState,
    Listener,
    Mailbox,
    NodeOutput,
    Preview,
    Progress,
    ProgressText,
    Server,
    ServerAddress,
    Started,
    Status,
    Step,
    Succeeded,
    backoff,
)  # fmt: skip
from bot.comfy import listener as listener_module
from bot.demo.comfyui import FaultAction, HttpFault, StandIn, garbled
from tests.comfy.asking import until_true
from tests.comfy.graphs import new_id, quick, sampled
from tests.comfy.liars import Liar, lying
from tests.comfy.recordings import folder


def soon(_: int) -> float:
    return 0.01


@asynccontextmanager
async def listening(client: ComfyClient, **options: Any) -> AsyncIterator[Listener]:
    """Run a listener for the time of a test."""
    listener = Listener(client, **{"delay": soon, **options})
    running = asyncio.ensure_future(listener.run())
    try:
        yield listener
        assert not running.done(), "the listener ended by itself"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def collected(box: Mailbox, last: type = Finished, seconds: float = 10.0) -> list[Event]:
    events: list[Event] = []
    async with asyncio.timeout(seconds):
        while not events or not isinstance(events[-1], last):
            events.append(await box.get())
    return events


def kinds(events: list[Event]) -> set[type]:
    return {type(event) for event in events}


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


async def test_everybody_is_told_when_the_link_breaks_and_returns(
    client: ComfyClient, server: StandIn
) -> None:
    states: list[LinkState] = []
    async with listening(client) as listener:
        listener.on_link(states.append)
        assert await listener.ready(5)
        first = listener.client_id
        with listener.watch("a") as a, listener.watch("b") as b:
            server.drop_sockets()
            assert await collected(a, LinkRestored) == [LinkLost(), LinkRestored()]
            assert await collected(b, LinkRestored) == [LinkLost(), LinkRestored()]
        assert listener.client_id not in (None, first)
        await until_true(lambda: len(states) == 3)
    assert states == [LinkState.UP, LinkState.DOWN, LinkState.UP, LinkState.DOWN]
    assert (listener.connected, listener.client_id) == (False, None)


async def test_a_restarted_server_is_found_again_and_looked_at_anew(
    client: ComfyClient, server: StandIn
) -> None:
    async with listening(client) as listener:
        assert await listener.ready(5)
        before = (await client.features()).jobs_api
        with listener.watch("a") as box:
            server.version = "old" if server.version == "new" else "new"
            await server.restart()
            await collected(box, LinkRestored)
        assert (await client.features()).jobs_api is not before
        assert listener.problem is None


async def test_a_server_that_is_not_there_yet_is_awaited(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with StandIn(tmp_path) as server:
        url = server.url
    client = ComfyClient(ServerAddress.parse(url), session)
    waits: list[int] = []

    def delay(attempt: int) -> float:
        waits.append(attempt)
        return 0.01

    async with listening(client, delay=delay) as listener:
        assert not await listener.ready(0.05)
        await until_true(lambda: len(waits) >= 3)
        assert (listener.state, listener.client_id) == (LinkState.DOWN, None)
        assert "cannot be connected to" in (listener.problem or "")
        again = StandIn(tmp_path)
        await again.start(port=int(url.rpartition(":")[2]))
        try:
            assert await listener.ready(5)
        finally:
            await again.stop()
    assert waits[:3] == [1, 2, 3]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_socket_is_a_state_of_its_own(
    client: ComfyClient, server: StandIn, status: int
) -> None:
    server.faults.refuse_sockets = status
    async with listening(client) as listener:
        await until_true(lambda: listener.state is LinkState.REFUSED)
        assert str(status) in (listener.problem or "")
        server.faults.refuse_sockets = None
        assert await listener.ready(5)
        assert listener.state is LinkState.UP


async def test_a_wrong_login_is_that_state_too_and_is_not_logged(
    session: aiohttp.ClientSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with StandIn(tmp_path, basic_auth=("me", "right")) as server:
        address = ServerAddress.parse(server.url.replace("http://", "http://me:sesame@"), {"X-Key": "hidden"})
        with caplog.at_level(logging.DEBUG):
            async with listening(ComfyClient(address, session)) as listener:
                await until_true(lambda: listener.state is LinkState.REFUSED)
        assert "sesame" not in caplog.text + str(listener.problem)
        assert "hidden" not in caplog.text
        assert caplog.text.count("refused") == 1  # each state once, not each attempt


async def test_login_headers_and_base_path_hold_for_the_socket(
    session: aiohttp.ClientSession, tmp_path: Path, version: Any
) -> None:
    async with StandIn(
        tmp_path, version=version, base_path="/b", basic_auth=("me", "p w"), required_headers={"X-Key": "k"}
    ) as server:
        address = ServerAddress.parse(server.url.replace("http://", "http://me:p%20w@"), {"X-Key": "k"})
        async with listening(ComfyClient(address, session)) as listener:
            assert await listener.ready(5)


@pytest.fixture
async def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many seconds be over on the loop's clock; what is to happen after them happens next."""
    loop = asyncio.get_running_loop()
    real, over = loop.time, 0.0

    def skip(seconds: float) -> None:
        nonlocal over
        over += seconds

    monkeypatch.setattr(loop, "time", lambda: real() + over)
    return skip


async def test_a_deaf_socket_is_replaced_after_an_own_job(
    client: ComfyClient, server: StandIn, later: Callable[[float], None]
) -> None:
    async with listening(client, status_within=10) as listener:
        assert await listener.ready(5)
        with listener.watch("a") as box:
            server.faults.deaf = True
            first = listener.client_id
            await client.submit(quick(7), prompt_id=new_id(), client_id=first)
            for _ in range(200):
                later(6)  # so what was heard while connecting gets old, and no further job prolongs the wait
                listener.note_submitted()
                await asyncio.sleep(0.005)
                if listener.client_id != first:
                    break
            await collected(box, LinkRestored)
            assert listener.client_id not in (None, first)
        server.faults.deaf = False


async def test_a_socket_that_speaks_is_kept(client: ComfyClient, later: Callable[[float], None]) -> None:
    async with listening(client, status_within=10) as listener:
        assert await listener.ready(5)
        first = listener.client_id
        for color in range(5):
            prompt_id = new_id()
            with listener.watch(prompt_id) as box:
                later(10)
                listener.note_submitted()  # early, so that what is heard of the job is the sign waited for
                await client.submit(quick(color), prompt_id=prompt_id, client_id=first)
                events = await collected(box)
            assert LinkLost not in kinds(events)
            assert listener.client_id == first


async def test_nothing_is_expected_where_there_is_no_link(session: aiohttp.ClientSession) -> None:
    Listener(ComfyClient(ServerAddress.parse("http://127.0.0.1:9"), session)).note_submitted()


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


async def test_a_link_comes_up_even_where_a_feature_cannot_be_asked(
    client: ComfyClient, server: StandIn
) -> None:
    server.faults.http.append(HttpFault(("GET", "/features"), FaultAction.STATUS, times=None))
    async with listening(client) as listener:
        assert await listener.ready(5)


async def test_a_mistake_of_ours_costs_one_connection_not_the_link(
    client: ComfyClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mistakes = iter([ZeroDivisionError("ours")])
    features = client.features

    async def failing_once(*, refresh: bool = False) -> Any:
        for mistake in mistakes:
            raise mistake
        return await features(refresh=refresh)

    monkeypatch.setattr(client, "features", failing_once)
    async with listening(client) as listener:
        assert await listener.ready(5)
    assert "unforeseen" in caplog.text


Speech = Callable[[web.WebSocketResponse], Awaitable[None]]


@asynccontextmanager
async def speaking(
    session: aiohttp.ClientSession, speech: Speech
) -> AsyncIterator[tuple[ComfyClient, Liar, list[str]]]:
    """Run a server that says what a test wants to each socket; gives what each socket said first."""
    heard: list[str] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        heard.append(await socket.receive_str())
        await speech(socket)
        return socket

    async with lying({"GET /ws": serve}) as liar:
        yield ComfyClient(ServerAddress.parse(liar.url), session, timeout=5), liar, heard


def frame(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "data": data})


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


def test_the_waits_grow_stay_under_half_a_minute_and_are_not_in_step() -> None:
    assert all(0.25 <= backoff(0) <= 0.5 for _ in range(50))
    assert all(15 <= backoff(attempt) <= 30 for attempt in range(6, 500, 10))
    assert len({backoff(3) for _ in range(20)}) > 1


async def test_a_fleet_prefers_a_server_it_hears_from(
    session: aiohttp.ClientSession, client: ComfyClient
) -> None:
    away = ComfyClient(ServerAddress.parse("http://127.0.0.1:9"), session)
    async with listening(client) as listener:
        fleet = Fleet(Server(away, Listener(away)), Server(client, listener))
        assert fleet.pick().client is away
        assert await listener.ready(5)
        assert fleet.pick().client is client
        assert fleet.find(client.label) is fleet.servers[1]
        assert fleet.find("elsewhere") is None
        assert fleet.servers[1].label == client.label
    with pytest.raises(ValueError, match="at least one"):
        Fleet()


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
