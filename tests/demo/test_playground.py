"""What members do in the playground, and what its page is told."""

import asyncio
import contextvars
import time
from typing import Any

import pytest

from bot.demo.playground import acting
from tests.demo.conftest import Page, png


async def test_commands_stay_prompt_while_jobs_run_and_every_edit_arrives(page: Page) -> None:
    stream = page.news()
    first = await anext(stream)
    assert first["all"] == []
    for prompt in ("one", "two"):
        await page.do("command", path="generate", options={"prompt": prompt, "count": 2})
    took: list[float] = []
    for text in ("p", "pe", "pen"):
        before = time.perf_counter()
        choices = await page.do("autocomplete", path="generate", option="style", text=text, options={})
        took.append(time.perf_counter() - before)
        assert {"name": "Pencil", "value": "pencil"} in choices
    assert min(took) < 0.3, "every one was held up"

    galleries: dict[str, int] = {}
    previews: set[str] = set()
    async with asyncio.timeout(40):
        async for news in stream:
            for message in news.get("messages", []):
                box = message["components"][0]["components"]
                galleries.update((message["id"], len(item["items"])) for item in box if item["type"] == 12)
                previews |= {item["accessory"]["media"]["url"] for item in box if item["type"] == 9}
            if len(galleries) == 2:
                break
    assert list(galleries.values()) == [2, 2]
    assert len(previews) > 4, "the page was not told of previews while the jobs ran"
    assert min(page.bot.ages) < 1, "interactions are not of this moment"


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


async def test_messages_are_deleted_by_their_author_or_a_moderator(page: Page) -> None:
    await page.do("say", text="mine")
    (mine,) = await page.messages()
    refused = await page.do("delete", message=mine["id"], **{"as": page.people["Bob"]})
    assert refused["state"] == "refused"
    await page.do("delete", message=mine["id"], **{"as": page.people["Mo"]})
    assert await page.messages() == []


async def test_files_are_sent_and_every_message_has_a_menu(page: Page) -> None:
    await page.do("say", files={"file": ("a.png", b"12345")}, text="look")
    (message,) = await page.messages()
    assert [file["filename"] for file in message["attachments"]] == ["a.png"]
    bob = {"as": page.people["Bob"]}
    assert await page.do("menus", locale="zh-CN", **bob) == [{"name": "Weigh it", "label": "称一称"}]
    answer = await page.do("menu", message=message["id"], name="Weigh it", **bob)
    assert answer["state"] == "answered"
    weighed = (await page.messages(**bob))[-1]
    assert (weighed["content"], weighed["ephemeral"]) == ("a.png 5", True)
    assert weighed["used"] == {
        "user": {"id": page.people["Bob"], "name": "Bob"},
        "command": "Weigh it",
        "slash": False,
    }
    refused = await page.do("menu", message=message["id"], name="Nonsense", **bob)
    assert refused["state"] == "refused"


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
