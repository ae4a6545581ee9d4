"""Node classes and model files, and the copy that outlives a server."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.comfy import ComfyClient, NotFound, ProtocolError, Rejected, ServerAddress, SystemStats, Unreachable
from bot.demo.comfyui import FaultAction, HttpFault, StandIn
from tests.comfy.asking import names
from tests.comfy.liars import Liar, lying

NODES: dict[str, Any] = {"A": {"input": {}}, "B": {"input": {"required": {"x": ["INT", {"default": 1}]}}}}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def client_of(liar: Liar, session: aiohttp.ClientSession, **options: Any) -> ComfyClient:
    return ComfyClient(ServerAddress.parse(liar.url), session, **options)


async def test_node_classes_and_models_are_told(client: ComfyClient) -> None:
    assert client.cached_object_info is None
    nodes = await client.object_info()
    assert "KSampler" in nodes
    assert client.cached_object_info is nodes
    assert "checkpoints" in await client.model_folders()
    assert await client.models("checkpoints")
    assert isinstance(await client.embeddings(), tuple)
    assert (await client.node_info("KSampler") or {})["output_node"] is False
    assert await client.node_info("No/Such Node") is None
    assert await client.node_info("..") is None
    with pytest.raises(NotFound):
        await client.models("no such folder")
    with pytest.raises(NotFound):
        await client.models("..")


async def test_a_node_class_is_told_alone_without_asking_for_all(session: aiohttp.ClientSession) -> None:
    async with lying({"GET /object_info/B%2F%20c": {"B/ c": NODES["B"]}}) as liar:
        client = client_of(liar, session)
        assert await client.node_info("B/ c") == NODES["B"]
        assert liar.count("GET /object_info") == 0
        assert await client.node_info("missing") is None
        liar.answers["GET /object_info/odd"] = {"odd": 5}
        assert await client.node_info("odd") is None
        liar.answers["GET /object_info/broken"] = 500
        with pytest.raises(Rejected):
            await client.node_info("broken")


async def test_callers_at_once_share_one_request(session: aiohttp.ClientSession) -> None:
    async with lying({"GET /object_info": NODES}) as liar:
        client = client_of(liar, session)
        answers = await asyncio.gather(*(client.object_info() for _ in range(10)))
        assert liar.count("GET /object_info") == 1
        assert liar.count("GET /prompt") == 1
        assert all(answer == NODES for answer in answers)


async def test_callers_at_once_share_a_failure_too(session: aiohttp.ClientSession) -> None:
    async with lying({"GET /object_info": 500}) as liar:
        client = client_of(liar, session)
        answers = await asyncio.gather(*(client.object_info() for _ in range(10)), return_exceptions=True)
        assert liar.count("GET /object_info") == 1
        assert [type(answer) for answer in answers] == [Rejected] * 10
        liar.answers["GET /object_info"] = NODES
        assert await client.object_info() == NODES


async def test_when_the_one_who_asks_is_cancelled_the_next_one_asks(session: aiohttp.ClientSession) -> None:
    asked, let_go = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        asked.set()
        await let_go.wait()
        return web.json_response(NODES)

    async with lying({"GET /object_info": slow}) as liar:
        client = client_of(liar, session)
        first = asyncio.ensure_future(client.object_info())
        second = asyncio.ensure_future(client.object_info())
        await asked.wait()
        first.cancel()
        let_go.set()
        assert await second == NODES
        assert first.cancelled()


async def test_the_copy_expires_and_a_stale_one_is_better_than_none(session: aiohttp.ClientSession) -> None:
    clock = Clock()
    async with lying({"GET /object_info": NODES}) as liar:
        client = client_of(liar, session, monotonic=clock)
        await client.object_info()
        clock.now += 299
        await client.object_info()
        assert liar.count("GET /object_info") == 1
        clock.now += 2
        await client.object_info()
        assert liar.count("GET /object_info") == 2
        liar.answers["GET /object_info"] = 500
        clock.now += 301
        for _ in range(5):
            assert await client.object_info() == NODES
        assert liar.count("GET /object_info") == 3  # not asked again and again while it fails
        assert await client.node_info("A") == NODES["A"] or liar.count("GET /object_info/A")
        clock.now += 20
        liar.answers["GET /object_info"] = {"C": {}}
        assert await client.object_info() == {"C": {}}


async def test_a_stale_copy_is_given_out_when_the_server_hangs(session: aiohttp.ClientSession) -> None:
    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async with lying({"GET /object_info": NODES}) as liar:
        client = client_of(liar, session, timeout=0.1)
        await client.object_info()
        liar.answers["GET /object_info"] = hang
        assert await client.object_info(max_age=0) == NODES
        assert client.cached_object_info == NODES


async def test_the_copy_on_disk_serves_while_the_server_is_down(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with lying({"GET /object_info": NODES}) as liar:
        await client_of(liar, session, cache_dir=tmp_path).object_info()
    later = client_of(liar, session, cache_dir=tmp_path)
    assert later.cached_object_info is None
    await later.load_cache()
    assert later.cached_object_info == NODES
    assert await later.object_info() == NODES
    assert await later.node_info("B") == NODES["B"]
    assert await later.node_info("C") is None
    assert "127" not in names(tmp_path)[0]
    elsewhere = ComfyClient(ServerAddress.parse(liar.url + "/other"), session, cache_dir=tmp_path)
    with pytest.raises(Unreachable):
        await elsewhere.object_info()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"A": 5}', b"[" * 100_000])
async def test_a_spoiled_copy_on_disk_is_ignored_and_replaced(
    session: aiohttp.ClientSession, tmp_path: Path, content: bytes
) -> None:
    async with lying({"GET /object_info": NODES}) as liar:
        await client_of(liar, session, cache_dir=tmp_path / "made").object_info()
        file = tmp_path / "made" / names(tmp_path / "made")[0]
        file.write_bytes(content)
        client = client_of(liar, session, cache_dir=tmp_path / "made")
        await client.load_cache()
        assert client.cached_object_info is None
        assert await client.object_info() == NODES
    assert json.loads(file.read_bytes()) == NODES


async def test_a_disk_that_takes_nothing_does_not_stop_us(
    session: aiohttp.ClientSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    async with lying({"GET /object_info": NODES}) as liar:
        with caplog.at_level(logging.WARNING):
            assert await client_of(liar, session, cache_dir=tmp_path / "file" / "x").object_info() == NODES
    assert "cannot be kept on disk" in caplog.text


async def test_the_same_answer_is_not_written_twice(session: aiohttp.ClientSession, tmp_path: Path) -> None:
    async with lying({"GET /object_info": NODES}) as liar:
        client = client_of(liar, session, cache_dir=tmp_path)
        await client.object_info()
        (tmp_path / names(tmp_path)[0]).unlink()
        await client.object_info(max_age=0)
        assert names(tmp_path) == []


@pytest.mark.parametrize("answer", ["", "{", "[]", "{}", '{"A": 5}', b"\xff"])
async def test_odd_node_classes_are_a_protocol_error(session: aiohttp.ClientSession, answer: Any) -> None:
    async with lying({"GET /object_info": answer}) as liar:
        with pytest.raises(ProtocolError):
            await client_of(liar, session).object_info()


@pytest.mark.parametrize("answer", ["", "{}", "5", '{"a": ["b"]}'])
async def test_odd_lists_of_names_are_a_protocol_error(session: aiohttp.ClientSession, answer: str) -> None:
    async with lying({"GET /models": answer, "GET /models/x": answer, "GET /embeddings": answer}) as liar:
        client = client_of(liar, session)
        for ask in (client.model_folders, lambda: client.models("x"), client.embeddings):
            with pytest.raises(ProtocolError):
                await ask()
        liar.answers["GET /models"] = ["a", 5, None, "b"]
        assert await client.model_folders() == ("a", "b")


async def test_system_stats_and_freeing_memory(client: ComfyClient, server: StandIn) -> None:
    stats = await client.system_stats()
    assert stats.version == (await client.features()).version
    assert stats.ram_total > 0
    assert stats.devices[0].vram_total > 0
    await client.free(unload_models=False)
    assert ("POST", "/free") in {(method, path.removeprefix("/api")) for method, path, _ in server.requests}
    server.faults.http.append(HttpFault(("POST", "/free"), FaultAction.STATUS))
    with pytest.raises(Rejected):
        await client.free()


@pytest.mark.parametrize("answer", ["", "[]", {}, {"system": None}])
async def test_odd_system_stats_are_a_protocol_error(session: aiohttp.ClientSession, answer: Any) -> None:
    async with lying({"GET /system_stats": answer}) as liar:
        with pytest.raises(ProtocolError):
            await client_of(liar, session).system_stats()


async def test_system_stats_of_wrong_types_are_empty(session: aiohttp.ClientSession) -> None:
    text = '{"system": {"os": 5, "ram_total": NaN, "ram_free": "x"}, "devices": [null, {"name": [], "vram_total": Infinity}]}'
    async with lying({"GET /system_stats": text}) as liar:
        stats = await client_of(liar, session).system_stats()
    assert (stats.os, stats.ram_total, stats.ram_free) == ("", 0, 0)
    assert [(device.name, device.vram_total) for device in stats.devices] == [("", 0)]
    assert isinstance(stats, SystemStats)
