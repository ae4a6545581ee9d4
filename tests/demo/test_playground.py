"""The playground's server: who may speak to it, what it does and what it tells its page."""

import asyncio
import contextvars
import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import simcord.interactions
from aiohttp import ClientResponse, ClientSession, FormData
from PIL import Image

from bot.demo.playground import Playground, acting
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


async def test_commands_stay_prompt_while_jobs_run_and_every_edit_arrives(page: Page) -> None:
    stream = page.news()
    first = await anext(stream)
    assert first["all"] == []
    for prompt in ("one", "two"):
        await page.do("command", path="generate", options={"prompt": prompt, "count": 2})
    slowest = 0.0
    for text in ("p", "pe", "pen"):
        before = time.perf_counter()
        choices = await page.do("autocomplete", path="generate", option="style", text=text, options={})
        slowest = max(slowest, time.perf_counter() - before)
        assert {"name": "Pencil", "value": "pencil"} in choices
    assert slowest < 0.3

    galleries: dict[str, int] = {}
    previews: set[str] = set()
    async with asyncio.timeout(10):
        async for news in stream:
            for message in news.get("messages", []):
                box = message["components"][0]["components"]
                galleries.update((message["id"], len(item["items"])) for item in box if item["type"] == 12)
                previews |= {item["accessory"]["media"]["url"] for item in box if item["type"] == 9}
            if len(galleries) == 2:
                break
    assert list(galleries.values()) == [2, 2]
    assert len(previews) > 4, "the page was not told of previews while the jobs ran"
    assert max(page.bot.ages) < 1, "interactions are not of this moment"


async def test_uploads_reach_the_bot_as_they_are(page: Page) -> None:
    picture = png()
    await page.do("command", files={"image": ("cat.png", picture)}, path="generate", options={"prompt": "x"})
    assert page.bot.uploads == [picture]


async def test_whispers_are_for_one_person_only(page: Page) -> None:
    await page.do("command", path="whisper", options={})
    (mine,) = await page.messages()
    assert mine["ephemeral"]
    assert await page.messages(**{"as": page.people["Bob"]}) == []
    select = mine["components"][0]["components"][0]
    chosen = {"message": mine["id"], "custom_id": select["custom_id"], "values": ["oil"]}
    refused = await page.do("select", **chosen, **{"as": page.people["Bob"]})
    assert refused["state"] == "refused"
    assert (await page.do("select", **chosen))["state"] == "answered"
    assert (await page.messages())[0]["content"] == "You chose **oil**"


async def test_tokens_of_interactions_work_from_any_task(page: Page) -> None:
    await page.do("command", path="whisper", options={})
    assert page.bot.last is not None
    edit = page.bot.last.edit_original_response(content="from elsewhere", view=None)
    await asyncio.get_running_loop().create_task(edit, context=contextvars.Context())
    assert [message["content"] for message in await page.messages()] == ["from elsewhere"]


async def test_forms_are_filled_in_with_files(page: Page) -> None:
    shown = await page.do("command", path="form", options={})
    assert shown["state"] == "form"
    prompt, style, image = (label["component"]["custom_id"] for label in shown["form"]["components"])
    answer = await page.do(
        "submit",
        files={image: ("a.png", b"12345")},
        form=shown["id"],
        values={prompt: "a tower", style: ["ink"]},
    )
    assert answer["state"] == "answered"
    assert (await page.messages())[-1]["content"] == "form: a tower | ink | [5]"
    again = await page.do("submit", form=shown["id"], values={prompt: "a tower", style: ["ink"]})
    assert again["state"] == "refused"


async def test_buttons_of_a_message(page: Page) -> None:
    await page.do("command", path="generate", options={"prompt": "x"})
    shown: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        async for news in page.news():
            shown = news.get("all", []) + news.get("messages", [])
            if shown and any(item["type"] == 12 for item in shown[0]["components"][0]["components"]):
                break
    message = shown[0]["id"]
    form = await page.do("click", message=message, custom_id="job:edit:1")
    assert form["state"] == "form"
    await page.do("click", message=message, custom_id="job:delete:1")
    assert await page.messages() == []
    gone = await page.do("click", message=message, custom_id="job:again:1")
    assert gone == {"state": "refused", "text": "This message is no longer there."}


async def test_languages_and_ranks(page: Page) -> None:
    alice = {entry["path"]: entry for entry in await page.do("commands", locale="zh-CN")}
    assert alice["generate"]["label"] == "生成"
    assert alice["generate"]["options"][0]["label"] == "提示词"
    assert "tools add" in alice
    assert "tidy" not in alice
    await page.do("command", path="generate", options={"prompt": "猫"}, locale="zh-CN")
    assert page.bot.locales == ["zh-CN"]

    dark = {"channel": page.channels["after-dark"]}
    for name in ("Mo", "Olga"):
        scene = {**dark, "as": page.people[name]}
        assert "tidy" in {entry["path"] for entry in await page.do("commands", **scene)}
        await page.do("command", path="tidy", options={}, **scene)
    said = [message["content"] for message in await page.messages(**dark)]
    assert said == ["owner: False, nsfw: True", "owner: True, nsfw: True"]


async def test_options_of_every_kind(page: Page) -> None:
    await page.do("command", path="tools add", options={"first": 2, "second": 0.5, "loud": True})
    options = {"prompt": "x", "friend": {"user": page.people["Bob"]}}
    assert (await page.do("command", path="generate", options=options))["state"] == "answered"
    added = (await page.messages())[0]
    assert (added["content"], added["used"]["command"]) == ("2.5!", "tools add")
    wrong = await page.do("command", path="tools add", options={"first": "two"})
    assert wrong["state"] == "refused"


async def test_silence_of_the_bot_is_reported(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "_ANSWER_SECONDS", 0.05)
    assert (await page.do("command", path="broken", options={}))["state"] == "unanswered"


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


async def test_messages_are_deleted_by_their_author_or_a_moderator(page: Page) -> None:
    await page.do("say", text="mine")
    (mine,) = await page.messages()
    refused = await page.do("delete", message=mine["id"], **{"as": page.people["Bob"]})
    assert refused["state"] == "refused"
    await page.do("delete", message=mine["id"], **{"as": page.people["Mo"]})
    assert await page.messages() == []


async def test_answers_that_come_later_and_replies(page: Page) -> None:
    await page.do("command", path="echo", options={"words": "again"})
    async with asyncio.timeout(5):
        async for news in page.news():
            if len(shown := news.get("all", []) + news.get("messages", [])) and shown[-1]["reply"]:
                break
    first, second = await page.messages()
    assert (first["content"], first["loading"]) == ("again ()", False)
    assert second["reply"] == {"name": "ComfyBot", "text": "again ()"}


async def test_members_talk_and_the_bot_shows_its_presence(page: Page) -> None:
    await page.do("say", text="hello")
    async for news in page.news():
        assert news["presence"] == "0 in the queue"
        assert [message["content"] for message in news["all"]] == ["hello"]
        break


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
