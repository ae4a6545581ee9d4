import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo.comfyui import StandIn
from tests.demo.comfyui.graphs import Graph

TRACES = Path(__file__).parents[4] / "shared" / "data" / "comfyui-traces"


def recorded(name: str) -> list[dict[str, Any]]:
    """The lines of one recorded session; skips the test where the recordings are not at hand."""
    if not TRACES.is_dir():
        pytest.skip("the recorded sessions are not beside this repository")
    lines = (TRACES / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def kind_of(message: aiohttp.WSMessage) -> str:
    if message.type is aiohttp.WSMsgType.BINARY:
        return f"binary {struct.unpack('>I', message.data[:4])[0]}"
    return json.loads(message.data)["type"]


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds, for at most ten seconds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the stand-in offers no event for what tests look at
            await asyncio.sleep(0.005)


class Talk:
    """A client without any comfort, so that nothing hides what is on the wire."""

    def __init__(self, standin: StandIn, http: aiohttp.ClientSession) -> None:
        self.standin, self.http = standin, http

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        async with self.http.get(self.standin.url + path, **options) as response:
            content = await response.read()
            return response.status, json.loads(
                content
            ) if response.content_type == "application/json" else content

    async def post(self, path: str, sent: Any = None, **options: Any) -> tuple[int, Any]:
        if sent is not None:
            options["json"] = sent
        async with self.http.post(self.standin.url + path, **options) as response:
            content = await response.read()
            return response.status, json.loads(
                content
            ) if response.content_type == "application/json" else content

    async def submit(self, graph: Graph, **more: Any) -> str:
        status, answer = await self.post("/prompt", {"prompt": graph, **more})
        assert status == 200, answer
        return answer["prompt_id"]

    async def ended(self, prompt_id: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                _, answer = await self.get(f"/history/{prompt_id}")
                if answer:
                    return answer[prompt_id]
                await asyncio.sleep(0.01)

    async def run(self, graph: Graph, **more: Any) -> dict[str, Any]:
        return await self.ended(await self.submit(graph, **more))

    def socket(self, client_id: str = "me") -> Any:
        return self.http.ws_connect(f"{self.standin.url}/ws?clientId={client_id}", max_msg_size=0)

    async def until_end(
        self, socket: aiohttp.ClientWebSocketResponse, prompt_id: str
    ) -> list[aiohttp.WSMessage]:
        messages: list[aiohttp.WSMessage] = []
        async with asyncio.timeout(10):
            async for message in socket:
                messages.append(message)
                if message.type is aiohttp.WSMsgType.TEXT:
                    data = json.loads(message.data)
                    if data["type"] == "executing" and data["data"] == {"node": None, "prompt_id": prompt_id}:
                        break
        return messages


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def talk(tmp_path: Path, http: aiohttp.ClientSession) -> AsyncIterator[Talk]:
    async with StandIn(tmp_path, step_seconds=0) as standin:
        yield Talk(standin, http)


@pytest.fixture
async def old(tmp_path: Path, http: aiohttp.ClientSession) -> AsyncIterator[Talk]:
    async with StandIn(tmp_path, step_seconds=0, version="old") as standin:
        yield Talk(standin, http)
