"""What a server can is found out once, and nothing but a ComfyUI is taken for one."""

import asyncio
from typing import Any

import aiohttp

from bot.comfy import ComfyClient, Features, ProtocolError, ServerAddress
from bot.demo.comfyui import StandIn
from tests.comfy.liars import lying
from tests.comfy.rows import failing, secretive


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
