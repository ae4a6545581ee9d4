"""A result goes on: the buttons of a finished card, before and after a restart, by owner, stranger and moderator."""

import json
import re
import shutil

import pytest

from bot.jobs.model.ports import HistoryQuery
from tests.cogs.forging import forge
from tests.cogs.looking import check, menu
from tests.cogs.pressing import (
    become,
    delete,
    delete_for_good,
    press,
    restarted,
    said,
    size_of,
    submit,
    veils,
)
from tests.world import World, custom_ids


async def test_one_picture_goes_on_and_on(world: World) -> None:
    card = await world.done(await world.generate(prompt="a fox", seed=5))
    world.locales[world.bob.id] = "zh-CN"

    larger = await become(world, world.alice, card, "upscale", "Done")
    assert "Upscaled from [#1](https://discord.com/channels/" in world.text(larger)
    assert size_of(world, larger) == (128, 128), "the first upscale model doubles"
    assert "> a fox" in world.text(larger), "what it shows is still known"
    shown = await press(world, world.alice, larger, "use")
    assert next(part["component"]["value"] for part in shown.modal["components"]) == "a fox"
    await restarted(world)

    varied = await become(world, world.bob, card, "vary", "完成")
    assert "的变体：在原图上稍作改动" in world.text(varied)
    assert "种子 5 " in world.text(varied), "the seed of the picture is kept"
    assert re.search(r"重绘幅度 0\.[345]", world.text(varied)), "and little of it may change"

    shown = await press(world, world.mod, card, "use")
    refused = await submit(world.mod, shown, "", ["-"], ["img2img"])
    assert "describe what it should become" in world.text(refused.response)
    shown = await world.mod.click(refused.response, label="Fix and send")
    await restarted(world)
    used = await world.done((await submit(world.mod, shown, "a fox in snow", ["0.35"], ["img2img"])).response)
    assert "a fox in snow" in world.text(used)
    assert "Made from [#1](" in world.text(used)
    assert "Denoise 0.35" in world.text(used)
    await world.until(lambda: not world.app.delivery.showing)


async def test_what_is_known_of_a_job_and_put_on_it(world: World) -> None:
    card = await world.done(await world.generate(prompt="a fox", seed=5, negative_prompt="rain"))
    await world.until(lambda: not world.app.delivery.showing)
    world.locales[world.bob.id] = "zh-CN"

    told = await press(world, world.bob, card, "details")
    check(world, told.response)
    text = world.text(told.response)
    assert "/generate prompt:a fox workflow:txt2img negative_prompt:rain " in text
    assert " seed:5 steps:3 " in text
    assert "种子：5" in text
    assert "服务器" not in text, "which one says nothing where there is one"
    assert world.files(told.response) == {}
    world.app.bot.owner_id = world.mod.id
    whole = await press(world, world.mod, card, "details")
    assert world.comfyui.url.removeprefix("http://") in world.text(whole.response)
    graph = json.loads(world.files(whole.response)["graph-1.json"])
    assert "KSampler" in {node["class_type"] for node in graph.values()}

    assert "Added to your favourites." in await said(world, world.alice, card, "favourite")
    assert "共有 2 人收藏" in await said(world, world.bob, card, "favourite")
    assert "移除" in await said(world, world.bob, card, "favourite")
    assert "⭐" in world.text((await press(world, world.alice, card, "details")).response)

    await restarted(world)
    assert "发起人或版主" in await said(world, world.bob, card, "spoiler")
    assert veils(world, card) == [False]
    await press(world, world.alice, card, "spoiler")
    assert veils(world, card) == [True]
    assert list(world.files(card)) == ["txt2img-5-1.png"], "what is attached stays"
    assert "No spoiler" in world.buttons(card)
    larger = await become(world, world.bob, card, "upscale", "完成")
    assert veils(world, larger) == [True], "nobody sees by a detour what was veiled"
    await press(world, world.mod, card, "spoiler")
    assert veils(world, card) == [False]

    job_id = next(custom_ids(world.stored(card).components)).split(":")[2]
    refused = await forge(world.bob, card, f"job:delete:{job_id}:now")
    assert "只有发起人或版主" in world.text(refused.response)
    query = HistoryQuery(viewer=world.alice.id, guild_id=world.guild.id, user_id=world.alice.id)
    (job,) = (await world.app.jobs.history(query)).jobs
    copies = [made.kept for made in job.outputs if made.kept is not None]
    assert await world.app.fleet.servers[0].client.history_entry(job.runs[0].prompt_id) is not None
    await delete_for_good(world, world.mod, card)
    await world.until(lambda: world.stored(card) is None)
    kept = world.folder / "data" / "outputs"
    await world.until(lambda: not any((kept / copy.sha256[:2] / copy.name).exists() for copy in copies))
    await world.until(lambda: job.runs[0].prompt_id not in world.comfyui.history())


async def test_of_several_pictures_one_is_chosen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    card = await world.done(await world.generate(prompt="a fox", seed=5, count=3))
    world.locales[world.bob.id] = "zh-CN"
    asked = await press(world, world.bob, card, "upscale")
    check(world, asked.response)
    assert "要放大哪一张" in world.text(asked.response)
    assert list(world.buttons(asked.response)) == ["1", "2", "3"]
    assert list(world.files(asked.response)) == ["pictures.webp"]
    await restarted(world)
    larger = await world.bob.click(asked.response, label="2")
    await world.done(larger.response, "完成")
    assert "的第 2 张图" in world.text(larger.response)
    assert "放大" in world.text(larger.response)

    asked = await press(world, world.alice, card, "use")
    shown = await world.alice.click(asked.response, label="3")
    assert shown.modal["title"] == "What should it become?"
    monkeypatch.setattr("bot.ui.actions.picker.BUTTONS", 2)
    asked = await press(world, world.alice, card, "vary")
    assert menu(world, asked.response)["placeholder"] == "Pictures 1 to 3"
    varied = await world.alice.select(asked.response, ["1"])
    await world.done(varied.response)
    assert "#1, picture 1" in world.text(varied.response)


async def test_a_picture_that_is_gone_elsewhere_is_taken_from_the_message(world: World) -> None:
    card = await world.done(await world.generate(prompt="a fox", seed=5))
    await world.until(lambda: not world.app.delivery.showing)
    shutil.rmtree(world.folder / "data" / "outputs")
    shutil.rmtree(world.comfyui.folders.base / "output")
    await become(world, world.alice, card, "upscale", "Done")
    world.stored(card).attachments.clear()
    before = len(world.messages())
    await world.env.advance_time(3.0)
    result = await press(world, world.alice, card, "upscale")
    (answer,) = result.followups
    assert answer.ephemeral
    assert "This picture is gone" in world.text(answer)
    assert "Again" in world.text(answer)
    assert len(world.messages()) == before + 1, "nothing else is left behind"


async def test_where_nothing_makes_pictures_of_pictures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await world.done(await world.generate(prompt="a fox", seed=5))
    only = {"txt2img": world.app.library.get("txt2img")}
    monkeypatch.setattr(world.app.library, "_workflows", only)
    varied = await become(world, world.alice, card, "vary", "Done")
    assert "the same settings with another seed" in world.text(varied)
    assert "Seed 5 " not in world.text(varied)
    assert "no workflow “upscale”" in await said(world, world.alice, card, "upscale")


async def test_only_its_owner_goes_on_with_a_private_job(world: World) -> None:
    card = await world.done(await world.generate(prompt="a secret", seed=5, private=True))
    larger = await become(world, world.alice, card, "upscale", "Done")
    assert larger.ephemeral
    wish = await press(world, world.alice, card, "favourite")
    assert "favourites" in world.text(wish.response)


ENGLISH = {
    "done": "Done",
    "use": "What should it become?",
    "details": "The command that makes it again",
    "favourite": "favourites",
    "refused": "moderator",
}
CHINESE = {
    "done": "完成",
    "use": "想把它变成什么样？",
    "details": "重新生成它的命令",
    "favourite": "收藏",
    "refused": "版主",
}


async def test_everybody_presses_everything(world: World) -> None:
    """Owner, stranger and moderator press every button: in both languages, before a restart and after it.

    What makes a job takes turns: on four cards everybody makes one in each way. That everybody may make any of them on
    any card is in the matrix of permissions, that each goes on after a restart in `test_controls`.
    """
    everybody = owner, stranger, moderator = world.alice, world.bob, world.mod
    cards = [
        await world.done(await world.generate(prompt="a fox", seed=each, steps=1)) for each in (5, 6, 7, 8)
    ]
    for number, card in enumerate(cards):
        words = CHINESE if number % 2 else ENGLISH
        world.locales = {who.id: "zh-CN" if number % 2 else "en-US" for who in everybody}
        if number == 2:
            await restarted(world)
        for turn, who in enumerate(everybody):
            action = ("again", "vary", "upscale")[(number + turn) % 3]
            made = (await press(world, who, card, action)).response
            assert (await press(world, who, card, "edit")).modal is not None
            assert (await press(world, who, card, "use")).modal["title"] == words["use"]
            assert words["details"] in await said(world, who, card, "details")
            assert words["favourite"] in await said(world, who, card, "favourite")
            await world.done(made, words["done"])
            assert not made.ephemeral
            assert made.id != card.id
        assert words["refused"] in await said(world, stranger, card, "spoiler")
        for who, veiled in ((owner, True), (moderator, False)):
            await press(world, who, card, "spoiler")
            assert veils(world, card) == [veiled]
        await delete(world, owner if number in {0, 3} else moderator, card)
        await world.until(lambda card=card: not world.files(card))
