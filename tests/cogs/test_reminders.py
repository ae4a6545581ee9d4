"""Who wants to know is told of the end of a job, there or directly, also over a restart."""

from typing import Any

import pytest

from bot.users.profile import Notify
from tests.cogs.pressing import press
from tests.world import World


async def test_who_wants_to_know_is_told_of_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.ui.cards.card.LONG", 0.0)
    world.locales[world.bob.id] = "zh-CN"
    card = await world.working()
    await world.until(lambda: "Notify me when it is done" in world.buttons(card))

    asked = await press(world, world.alice, card, "notify")
    assert "mention you here when #1 is done" in world.text(asked.response)
    other = await press(world, world.bob, card, "notify")
    assert "在这里提到你" in world.text(other.response)
    await world.bob.click(other.response, label="改用私信")
    assert "私信通知你" in world.text(other.response)
    await world.app.bot.services.profiles.notify(world.mod.id, Notify.DIRECT)
    third = await press(world, world.mod, card, "notify")
    assert "send you a message" in world.text(third.response), "as is set in the profile"
    await world.mod.click(third.response, label="Do not notify me")
    assert "will not notify" in world.text(third.response)

    await world.crash()
    await world.come_back()
    before = len(world.messages())
    world.comfyui.release()
    await world.done(card)
    await world.until(lambda: len(world.messages()) > before)
    (told,) = [each for each in world.messages() if f"<@{world.alice.id}>" in each.content]
    assert "#1 is done" in told.content
    assert told.reference["message_id"] == str(card.id)
    direct = await world.until(lambda: _directly(world, "#1 已完成"))
    assert f"/{world.channel.id}/{card.id}" in direct.content
    await world.until(lambda: not any("reminders" in task.get_name() for task in world.outside.running))
    assert len(world.messages()) == before + 1, "who does not want to know is left in peace"
    late = await press(world, world.alice, asked.response, "notify")
    assert "already ended" in world.text(late.response)


def _directly(world: World, words: str) -> Any:
    return next(
        (
            message
            for channel, messages in world.env.backend.messages.items()
            for message in messages.values()
            if channel != world.channel.id and words in message.content
        ),
        None,
    )
