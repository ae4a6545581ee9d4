"""What people see when the bot is stopped on purpose: nothing is lost, nobody is left without a word."""

import asyncio
from typing import Any

import pytest

from bot.app import drain
from tests import faults
from tests.faults import Call, DiscordFaults
from tests.jobs.samples import counting
from tests.world import World

RESTARTING = "The bot is restarting. Nothing is lost"


HELD_UP = "not everything came to rest in time"
"""What the log says of an end that had to be forced."""


async def stop(world: World) -> None:
    """Stop as SIGTERM does, then end what is left."""
    app = world.app
    # In production these are tasks of ours too, outside whatever the simulation waits for.
    await world.outside.spawn(drain(app.bot, app.jobs, app.delivery), name="drain")
    await world.crash()


async def test_who_waits_is_told_and_served_after_the_next_start(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.comfyui.hold()
    running = await world.generate(world.alice, prompt="one")
    waiting = [await world.generate(who, prompt="two") for who in (world.bob, world.mod)]
    await world.until(lambda: "Working" in world.text(running))
    await stop(world)
    assert HELD_UP not in caplog.text
    for card in (running, *waiting):
        assert RESTARTING in world.text(card)
        assert "Cancel" in world.buttons(card)
    await world.come_back()
    world.comfyui.release()
    for card in (running, *waiting):
        await world.done(card)
        assert RESTARTING not in world.text(card)
        assert len(world.files(card)) == 1
    assert len(world.comfyui.executed) == 3


async def test_it_is_said_in_the_persons_language(world: World) -> None:
    world.locales[world.alice.id] = "zh-CN"
    world.comfyui.hold()
    card = await world.generate(world.alice, prompt="one")
    await world.until(lambda: "生成中" in world.text(card))
    await stop(world)
    assert "机器人正在重启" in world.text(card)


async def test_a_delivery_under_way_is_let_end(
    world: World, discord_faults: DiscordFaults, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploading, go_on = asyncio.Event(), asyncio.Event()

    async def slow(call: Call) -> None:
        # Where the picture was shown a moment before the end, the last edit has nothing to upload.
        if call.is_edit and "Done" in call.text:
            uploading.set()
            await go_on.wait()

    discord_faults.before = slow
    card = await world.generate(prompt="a fox")
    await world.until(uploading.is_set)
    waited_for = counting(monkeypatch, world.app.delivery, "drain")
    stopping = asyncio.ensure_future(stop(world))
    await world.until(lambda: waited_for)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert "Done" in world.text(card)
    discord_faults.before = None
    edits: list[Call] = []
    discord_faults.after.append(lambda call, _result: edits.append(call) if call.is_edit else None)
    await world.come_back()
    assert edits == [], "it was stored as delivered"


async def test_a_result_discord_does_not_take_now_does_not_hold_up_the_end(
    world: World, discord_faults: DiscordFaults, caplog: pytest.LogCaptureFixture
) -> None:
    discord_faults.decide = lambda call: faults.UNAVAILABLE if call.is_edit else None
    card = await world.generate(prompt="a fox")
    await world.until(lambda: not world.app.jobs.active())
    await stop(world)
    assert HELD_UP not in caplog.text
    discord_faults.decide = None
    await world.come_back()
    await world.done(card)
    assert len(world.files(card)) == 1


async def test_commands_and_buttons_are_kindly_refused_meanwhile(world: World) -> None:
    card = await world.done(await world.generate(prompt="a fox"))
    world.app.bot.stopping = True
    for result in (
        await world.alice.slash(world.channel, "generate", prompt="another"),
        await world.alice.slash(world.channel, "queue"),
        await world.alice.click(card, label="Again"),
    ):
        said = _answer(result)
        assert said.ephemeral
        assert "about to restart" in world.text(said)
    assert not world.app.jobs.active()


def _answer(result: Any) -> Any:
    assert result.acknowledged, "The application did not respond"
    return result.response or result.followups[0]
