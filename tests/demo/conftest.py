"""A playground with the toy bot in it, spoken to as its page does."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from PIL import Image

from bot.demo.playground import Playground
from tests.demo.toybot import ToyBot


class Page:
    """Speaks to the server as the page does."""

    def __init__(self, url: str, bot: ToyBot, session: ClientSession, state: dict[str, Any]) -> None:
        self.url = url
        self.bot = bot
        self.session = session
        self.people = {person["name"]: person["id"] for person in state["people"]}
        self.channels = {channel["name"]: channel["id"] for channel in state["channels"]}
        self.scene = {"as": self.people["Alice"], "channel": self.channels["pictures"], "locale": "en-US"}

    async def do(self, what: str, files: dict[str, tuple[str, bytes]] | None = None, **body: Any) -> Any:
        request = json.dumps({**self.scene, **body})
        form = FormData()
        form.add_field("request", request, content_type="application/json")
        for name, (filename, data) in (files or {}).items():
            form.add_field(name, data, filename=filename)
        headers = {"Origin": self.url}
        if files:
            answer = self.session.post(f"{self.url}/do/{what}", data=form, headers=headers)
        else:
            headers["Content-Type"] = "application/json"
            answer = self.session.post(f"{self.url}/do/{what}", data=request, headers=headers)
        async with answer as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def news(self, **scene: str) -> AsyncIterator[dict[str, Any]]:
        async with self.session.get(f"{self.url}/events", params={**self.scene, **scene}) as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def messages(self, **scene: str) -> list[dict[str, Any]]:
        async for news in self.news(**scene):
            return news["all"]
        raise AssertionError("the stream ended")


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    bot = ToyBot(step_seconds=0.05)
    playground = Playground(notice={"en-US": "Nothing here is real."})
    url = await playground.start(bot, port=0)
    async with ClientSession() as session:
        async with session.get(f"{url}/state") as response:
            state = await response.json()
        assert state["notices"] == {"en-US": "Nothing here is real."}
        yield Page(url, bot, session, state)
    await bot.tasks.close()
    await playground.stop()
    await bot.close()


def png(size: tuple[int, int] = (3, 2)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()
