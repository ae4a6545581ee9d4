"""The live connection: made, lost, refused, replaced when it has gone deaf, and never given up."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.comfy import (
    ComfyClient,
    Fleet,
    LinkLost,
    LinkRestored,
    LinkState,
    Listener,
    Server,
    ServerAddress,
    backoff,
)  # fmt: skip
from bot.comfy.listener import FIRST_FRAME_SECONDS, STABLE_SECONDS
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from tests.comfy.asking import until_true
from tests.comfy.graphs import new_id, quick
from tests.comfy.listening import collected, kinds, listening


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


async def test_a_link_outlives_the_time_in_which_its_first_frame_has_to_come(
    client: ComfyClient, later: Callable[[float], None]
) -> None:
    async with listening(client) as listener:
        assert await listener.ready(5)
        first = listener.client_id
        prompt_id = new_id()
        with listener.watch(prompt_id) as box:
            later(FIRST_FRAME_SECONDS + 1)
            await client.submit(quick(6), prompt_id=prompt_id, client_id=first)
            events = await collected(box)
        assert LinkLost not in kinds(events)
        assert listener.client_id == first


async def test_the_wait_for_the_next_attempt_is_short_again_after_a_connection_that_lasted(
    client: ComfyClient, server: StandIn, later: Callable[[float], None]
) -> None:
    waits: list[int] = []

    def delay(attempt: int) -> float:
        waits.append(attempt)
        return 0.01

    async with listening(client, delay=delay) as listener:
        for number, seconds in enumerate((0, 0, STABLE_SECONDS + 1, 0), start=1):
            assert await listener.ready(5)
            later(seconds)
            server.drop_sockets()
            await until_true(lambda number=number: len(waits) == number)
    assert waits == [1, 2, 0, 1]


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
