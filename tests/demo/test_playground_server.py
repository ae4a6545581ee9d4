"""The playground's server: who may speak to it, what it hands out, how it starts and ends."""

import asyncio
import json
from typing import Any

import pytest
import simcord.interactions
from aiohttp import ClientResponse, ClientSession

from bot.demo.playground import Playground
from tests.demo.conftest import Page, png
from tests.demo.toybot import ToyBot


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8080"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_other_sites_are_refused(page: Page, headers: dict[str, str]) -> None:
    async with page.session.get(f"{page.url}/state", headers=headers) as response:
        assert response.status == 403
    body = json.dumps({**page.scene, "text": "forged"})
    async with page.session.post(f"{page.url}/do/say", data=body, headers=headers) as response:
        assert response.status == 403
    assert await page.messages() == []


async def test_the_page_itself_is_served_without_room_for_foreign_scripts(page: Page) -> None:
    for path in ("/", "/page/js/main.js", "/page/css/base.css"):
        async with page.session.get(page.url + path) as response:
            assert response.status == 200
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    headers = {"Sec-Fetch-Site": "cross-site"}
    async with page.session.get(page.url, headers=headers) as response:
        assert response.status == 200, "a link to the page works from anywhere"


async def test_files_cannot_become_pages_of_this_address(page: Page) -> None:
    await page.do("command", path="files", options={})
    sound, html = (await page.messages())[-1]["attachments"]

    async def get(item: dict[str, Any]) -> ClientResponse:
        async with page.session.get(page.url + item["url"]) as response:
            await response.read()
            return response

    assert (await get(sound)).content_type.startswith("audio/")
    risky = await get(html)
    assert risky.content_type == "application/octet-stream"
    assert risky.headers["Content-Disposition"] == "attachment"
    async with page.session.get(f"{page.url}/cdn/attachments/1/2/none.png") as response:
        assert response.status == 404


async def test_a_player_may_jump_and_any_name_is_found(page: Page) -> None:
    await page.do("command", files={"image": ("ü #1 %20?.png", png())}, path="show", options={})
    (shown,) = (await page.messages())[-1]["attachments"]
    for asked, status, expected in (
        ("bytes=2-4", 206, png()[2:5]),
        ("bytes=-3", 206, png()[-3:]),
        ("bytes=99999-", 416, None),
        ("lines=1", 416, None),
    ):
        headers = {"Range": asked}
        async with page.session.get(page.url + shown["url"], headers=headers) as response:
            assert response.status == status
            assert expected is None or await response.read() == expected
    async with page.session.get(page.url + shown["url"]) as response:
        assert await response.read() == png()
    assert (shown["width"], shown["height"]) == (3, 2)


@pytest.mark.parametrize("body", ["[]", "{}", '{"as": "1", "channel": "2"}', "nonsense"])
async def test_nonsense_is_a_bad_request(page: Page, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with page.session.post(f"{page.url}/do/say", data=body, headers=headers) as response:
        assert response.status == 400


async def test_a_second_start_is_the_same_place_and_nothing_is_left_behind() -> None:
    untouched = simcord.interactions.base_payload
    places: list[dict[str, Any]] = []
    for _ in range(2):
        bot = ToyBot()
        playground = Playground()
        url = await playground.start(bot, port=0)
        assert playground.guild_id in {guild.id for guild in bot.guilds}
        async with ClientSession() as session, session.get(f"{url}/state") as response:
            places.append(await response.json())
        await playground.stop()
        await bot.close()
        assert simcord.interactions.base_payload is untouched
    assert places[0] == places[1], "what the bot has stored about a member would be lost"


async def test_a_taken_port_is_an_error_and_nothing_stays() -> None:
    untouched = simcord.interactions.base_payload
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    bot, playground = ToyBot(), Playground()
    with pytest.raises(OSError, match="address already in use"):
        await playground.start(bot, port=server.sockets[0].getsockname()[1])
    await playground.stop()
    await bot.close()
    server.close()
    await server.wait_closed()
    assert simcord.interactions.base_payload is untouched


async def test_an_open_page_hears_of_commands_that_are_registered_later(page: Page) -> None:
    async with asyncio.timeout(20):
        async for news in page.news():
            if "all" in news:
                page.bot.tree.remove_command("generate")
                await page.bot.tree.sync()
            if news.get("commands"):
                break
    known = [command["path"] for command in await page.do("commands")]
    assert "show" in known
    assert "generate" not in known
