"""The menus of messages with pictures, whoever sent them, before and after a restart."""

import io
from typing import Any

import discord
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.jobs.model.ports import HistoryQuery
from bot.policy import Who
from bot.policy.actor import Actor
from tests.cogs.asking import picture
from tests.cogs.looking import check
from tests.world import World, custom_ids

WEBUI = (
    "a red fox, oil painting\nNegative prompt: rain, snow\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1234, "
    'Size: 512x768, Model: dream, Lora hashes: "ink: 1, gold: 2"'
)


async def menu(world: World, who: Any, name: str, message: Any) -> Any:
    result = await who.context_menu(world.channel, name, message)
    assert result.acknowledged, "The application did not respond"
    return result


async def told(world: World, who: Any, name: str, message: Any) -> str:
    """Use a menu; return what only this person is told."""
    response = (await menu(world, who, name, message)).response
    assert response.ephemeral
    return world.text(response)


async def submit(who: Any, shown: Any, *values: Any) -> Any:
    fields = list(custom_ids(shown.modal["components"]))
    return (await who.submit_modal(shown, dict(zip(fields, values, strict=False)))).response


def marked(text: str) -> bytes:
    info, out = PngInfo(), io.BytesIO()
    info.add_text("parameters", text)
    Image.new("RGB", (32, 32)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.mark.parametrize("restart", [False, True], ids=["before", "after a restart"])
async def test_a_strangers_picture_goes_on(world: World, restart: bool) -> None:
    one = await world.bob.send(world.channel, "look", attachments=[("a.png", picture())])
    two = await world.bob.send(
        world.channel, attachments=[("a.png", picture()), ("b.png", picture(colour="blue")), ("c.txt", b"x")]
    )
    world.locales[world.mod.id] = "zh-CN"
    asked = await menu(world, world.mod, "Upscale", two)
    check(world, asked.response)
    assert list(world.buttons(asked.response)) == ["1", "2"]
    if restart:
        await world.crash()
        await world.come_back()

    larger = await world.done((await menu(world, world.alice, "Upscale", one)).response)
    link = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{one.id}"
    assert f"Upscaled from [a picture in a message]({link})" in world.text(larger)
    (data,) = world.files(larger).values()
    assert Image.open(io.BytesIO(data)).size == (128, 128)

    shown = await menu(world, world.alice, "Use as input", one)
    used = await world.done(await submit(world.alice, shown, "a blue fox", ["-"], ["img2img"]))
    assert "a blue fox" in world.text(used)

    chosen = await world.mod.click(asked.response, label="2")
    await world.done(chosen.response, "完成")
    assert f"由 [消息中的图片]({link.replace(str(one.id), str(two.id))}) 放大" in world.text(chosen.response)


async def test_everybody_uses_every_menu(world: World) -> None:
    """The sender, a stranger and a moderator: in both languages, before a restart and after it."""
    message = await world.alice.send(world.channel, attachments=[("w.png", marked(WEBUI))])
    for number in range(4):
        chinese = number % 2 == 1
        if number == 2:
            await world.crash()
            await world.come_back()
        for who in (world.alice, world.bob, world.mod):
            world.locales[who.id] = "zh-CN" if chinese else "en-US"
            larger = (await menu(world, who, "Upscale", message)).response
            await world.done(larger, "完成" if chinese else "Done")
            form = (await menu(world, who, "Use as input", message)).modal
            assert form["title"] == ("想把它变成什么样？" if chinese else "What should it become?")
            said = await told(world, who, "Show parameters", message)
            assert ("种子：1234" if chinese else "Seed: 1234") in said


async def test_our_own_cards_are_known_as_jobs(world: World) -> None:
    card = await world.done(await world.generate(prompt="a fox", seed=5))
    await world.until(lambda: not world.app.delivery.showing)
    larger = await world.done((await menu(world, world.bob, "Upscale", card)).response)
    assert "Upscaled from [#1](" in world.text(larger)
    shown = await menu(world, world.bob, "Use as input", card)
    assert next(part["component"]["value"] for part in shown.modal["components"]) == "a fox"
    assert "/generate prompt:a fox workflow:txt2img" in await told(world, world.bob, "Show parameters", card)

    (job,) = [
        job
        for job in (
            await world.app.jobs.history(HistoryQuery(viewer=world.alice.id, guild_id=world.guild.id))
        ).jobs
        if job.number == 1
    ]
    await world.app.jobs.forget(job.id)
    shown = await menu(world, world.bob, "Use as input", card)
    assert shown.modal is not None, "what the message shows is still there"


async def test_what_pictures_tell_of_themselves(world: World) -> None:
    world.locales[world.bob.id] = "zh-CN"
    web = await world.alice.send(world.channel, attachments=[("w.png", marked(WEBUI))])
    said = await told(world, world.bob, "Show parameters", web)
    assert "w.png：由 Stable Diffusion web UI 生成" in said
    for part in ("a red fox, oil painting", "rain, snow", "种子：1234", "Euler a", "dream"):
        assert part in said
    assert (
        "/generate prompt:a red fox, oil painting negative_prompt:rain, snow seed:1234 steps:20 cfg:7 "
        "width:512 height:768"
    ) in said

    made = await world.done(await world.generate(prompt="a fox", seed=5, negative_prompt="rain"))
    (data,) = world.files(made).values()
    again = await world.alice.send(world.channel, attachments=[("again.png", data)])
    said = await told(world, world.bob, "Show parameters", again)
    assert "由 ComfyUI 生成" in said
    assert "seed:5 steps:3 " in said
    world.app.bot.owner_id = world.mod.id
    whole = await menu(world, world.mod, "Show parameters", again)
    assert list(world.files(whole.response)) == ["graph.json"]

    long = await world.alice.send(world.channel, attachments=[("l.png", marked(f"{'fox ' * 900}\n{WEBUI}"))])
    whole = await menu(world, world.mod, "Show parameters", long)
    check(world, whole.response)
    assert list(world.files(whole.response)) == ["command.txt"]

    silent = await world.alice.send(world.channel, attachments=[("a.png", picture()), ("b.png", picture())])
    assert "没有记录生成方式" in await told(world, world.bob, "Show parameters", silent)


async def test_messages_without_a_picture_and_files_that_are_none(world: World) -> None:
    words = await world.bob.send(world.channel, "no picture here")
    for name in ("Use as input", "Upscale", "Show parameters"):
        assert "no picture in this message" in await told(world, world.alice, name, words)
    lie = await world.bob.send(world.channel, attachments=[("lie.png", b"not a picture")])
    assert "does not say how" in await told(world, world.alice, "Show parameters", lie)
    before = len(world.messages())
    (answer,) = (await menu(world, world.alice, "Upscale", lie)).followups
    assert "not a picture I can read" in world.text(answer)
    assert len(world.messages()) == before + 1, "only the answer"
    mod = Actor(user_id=world.mod.id, guild_id=world.guild.id, moderator=True)
    await world.app.policy.ban(mod, world.alice.id)
    assert "banned" in await told(world, world.alice, "Upscale", lie)


def kept(world: World) -> list[str]:
    """Return what we keep of files from outside, half-written ones included."""
    folders = (world.folder / "data" / "inputs", world.folder / "data" / "work")
    return [path.name for folder in folders for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("which", ["alone", "the second of two that are the same", "a result"])
async def test_a_form_fetches_its_picture_when_it_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    several = which.startswith("the second")
    if which == "a result":
        message = await world.done(await world.generate(prompt="a red fox", seed=5))
        await world.until(lambda: not world.app.delivery.showing)
    else:
        same = [("a.png", picture()), ("a.png", picture())]
        message = await world.bob.send(world.channel, attachments=same if several else same[:1])
    shown = await menu(world, world.alice, "Use as input", message)
    asked: list[str] = []
    read = discord.Attachment.read

    async def counted(self: discord.Attachment, **options: Any) -> bytes:
        asked.append(self.filename)
        return await read(self, **options)

    monkeypatch.setattr(discord.Attachment, "read", counted)
    if several:
        assert list(world.buttons(shown.response)) == ["1", "2"]
        shown = await world.alice.click(shown.response, label="2")
    assert shown.modal["title"] == "What should it become?"
    assert (asked, kept(world)) == ([], [])
    await world.crash()
    await world.come_back()
    assert (asked, kept(world)) == ([], [])
    refused = await submit(world.alice, shown, " ", ["-"], ["img2img"])
    assert (asked, kept(world)) == ([], []), "nor for what is refused"
    shown = await world.alice.click(refused, label="Fix and send")
    used = await world.done(await submit(world.alice, shown, "a blue fox", ["-"], ["img2img"]))
    assert "a blue fox" in world.text(used)
    assert asked == ([] if which == "a result" else ["a.png"])
    assert len(kept(world)) == 1


async def test_who_may_not_go_on_by_the_time_the_form_is_sent_is_told(world: World) -> None:
    card = await world.done(await world.generate(prompt="a red fox", seed=5))
    await world.until(lambda: not world.app.delivery.showing)
    shown = await menu(world, world.bob, "Use as input", card)
    mod = Actor(user_id=world.mod.id, guild_id=world.guild.id, moderator=True)
    await world.app.policy.decide(mod, lambda rules: rules.with_going_on(Who.MODERATORS))
    fields = dict(
        zip(custom_ids(shown.modal["components"]), ("a blue fox", ["-"], ["img2img"]), strict=False)
    )
    (told,) = (await world.bob.submit_modal(shown, fields)).followups
    assert "Only moderators can do this." in world.text(told)
    assert kept(world) == []


async def test_a_menu_keeps_nothing_of_what_it_shows(world: World) -> None:
    same = [("a.png", picture()), ("a.png", picture()), ("b.png", b"broken")]
    message = await world.bob.send(world.channel, attachments=same)
    asked = await menu(world, world.alice, "Upscale", message)
    assert kept(world) == []
    assert list(world.buttons(asked.response)) == ["1", "2", "3"], "the same picture twice, and a broken one"
    silent = await told(world, world.alice, "Show parameters", message)
    assert "does not say how" in silent
    assert kept(world) == []

    (answer,) = (await world.alice.click(asked.response, label="3")).followups
    assert "not a picture I can read" in world.text(answer)
    assert kept(world) == []
    chosen = await world.alice.click(asked.response, label="2")
    await world.done(chosen.response)
    assert len(kept(world)) == 1, "what the job was made from"


async def test_out_of_memory_while_upscaling_suggests_only_what_can_be_chosen(world: World) -> None:
    message = await world.bob.send(world.channel, attachments=[("a.png", picture())])
    world.comfyui.faults.out_of_memory = 1
    card = await world.done(
        (await menu(world, world.alice, "Upscale", message)).response, "ran out of memory"
    )
    assert "Try a smaller picture." in world.text(card)
    assert "smaller size" not in world.text(card)


async def test_a_picture_that_is_gone_from_its_message_is_told(world: World) -> None:
    message = await world.bob.send(world.channel, attachments=[("a.png", picture()), ("b.png", picture())])
    asked = await menu(world, world.alice, "Upscale", message)
    world.env.backend.messages[world.channel.id].pop(message.id)
    (answer,) = (await world.alice.click(asked.response, label="1")).followups
    assert "cannot read that message" in world.text(answer)
    old = f"pic:upscale:{'a' * 64}:{message.id}"
    button = world.buttons(asked.response)["1"]
    button["custom_id"] = old
    (answer,) = (await world.alice.click(asked.response, label="1")).followups
    assert "cannot read that message" in world.text(answer)
