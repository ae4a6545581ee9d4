"""An edit that was given up while a job ran, and that Discord carries out when its result is there."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.ui.messages.pacing import Pace, Stopping
from tests import faults
from tests.faults import Call, DiscordFaults, Failure
from tests.world import PACE, World

LONG = 1000.0


@pytest.fixture
def pace() -> Pace:
    return replace(PACE, belated=LONG, rest=(0.05,))


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when so much time has passed that nothing can come any more."""
    event, within = asyncio.Event(), Stopping.within

    async def wait(self: Stopping, seconds: float) -> bool:
        if seconds < LONG / 2:
            return await within(self, seconds)
        await event.wait()
        return False

    monkeypatch.setattr(Stopping, "within", wait)
    return event


async def one_given_up(world: World, discord_faults: DiscordFaults, **options: Any) -> Any:
    """Return the card of a job that is at work; one of its edits may yet be carried out."""

    def decide(call: Call) -> Failure | None:
        progress = call.is_edit and "job:cancel:" in call.text and not call.sizes
        return faults.BELATED if progress and not discord_faults.belated else None

    discord_faults.decide = decide
    card = await world.working(**options)
    assert len(discord_faults.belated) == 1
    return card


async def ended(world: World, discord_faults: DiscordFaults, **options: Any) -> Any:
    """Return the card of a job whose result is there; one of its earlier edits may yet be carried out."""
    card = await one_given_up(world, discord_faults, **options)
    world.comfyui.release()
    return await world.done(card)


async def overtaken(world: World, discord_faults: DiscordFaults) -> Any:
    """Return the card of a job whose result was there, until an earlier edit was carried out."""
    card = await ended(world, discord_faults)
    await carried_out(discord_faults)
    return card


async def carried_out(discord_faults: DiscordFaults) -> None:
    """Let the edit that was given up take effect."""
    (late,) = discord_faults.belated
    await late.take_effect()


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("crashed", [False, True])
async def test_the_result_is_shown_again(
    world: World, discord_faults: DiscordFaults, passed: asyncio.Event, private: bool, crashed: bool
) -> None:
    card = await one_given_up(world, discord_faults, private=private)
    if crashed:
        await world.crash()
        await world.come_back()
    world.comfyui.release()
    await world.done(card)
    await carried_out(discord_faults)
    assert "Cancel" in world.text(card)
    passed.set()
    await world.until(lambda: not world.app.delivery.showing)
    assert "Done" in world.text(card)
    assert "Cancel" not in world.text(card)
    assert len(world.files(card)) == 1


async def test_it_is_looked_for_until_discord_lets_us_look(
    world: World, discord_faults: DiscordFaults, passed: asyncio.Event
) -> None:
    card = await overtaken(world, discord_faults)
    left = [faults.UNAVAILABLE, faults.RESET]
    discord_faults.decide = lambda call: left.pop() if left and call.method == "GET" else None
    passed.set()
    await world.until(lambda: not world.app.delivery.showing)
    assert not left
    assert "Done" in world.text(card)


async def test_it_is_looked_for_as_the_bot_where_the_token_has_died(
    world: World, discord_faults: DiscordFaults, passed: asyncio.Event
) -> None:
    card = await overtaken(world, discord_faults)
    world.env.backend.interaction_tokens.clear()
    passed.set()
    await world.until(lambda: not world.app.delivery.showing)
    assert "Done" in world.text(card)
    assert len(world.files(card)) == 1


async def test_a_card_that_was_deleted_before_anybody_could_look_comes_directly(
    world: World, discord_faults: DiscordFaults, passed: asyncio.Event
) -> None:
    card = await overtaken(world, discord_faults)
    await world.mod.delete(card)
    passed.set()
    await world.until(lambda: not world.app.delivery.showing)
    assert world.messages() == []
    (direct,) = world.env.backend.messages[world.alice.user.dm_channel.id].values()
    assert "Done" in world.text(direct)
    assert len(world.files(direct)) == 1


async def test_where_nobody_may_look_it_comes_in_a_new_message_and_stands_once(
    world: World, discord_faults: DiscordFaults, passed: asyncio.Event
) -> None:
    card = await ended(world, discord_faults)
    world.env.backend.interaction_tokens.clear()
    discord_faults.decide = lambda call: faults.NO_ACCESS if call.method == "GET" else None
    passed.set()
    await world.until(lambda: not world.app.delivery.showing)
    await world.until(lambda: not world.files(card))
    assert [len(world.files(message)) for message in world.messages()] == [0, 1]
    assert all("Done" in world.text(message) for message in world.messages())


async def test_where_nobody_can_look_at_a_private_card_the_person_is_told_where_else_it_is(
    world: World, discord_faults: DiscordFaults, passed: asyncio.Event
) -> None:
    await ended(world, discord_faults, private=True)
    world.env.backend.interaction_tokens.clear()
    passed.set()
    await world.until(lambda: not world.app.delivery.showing)
    (told,) = world.env.backend.messages[world.alice.user.dm_channel.id].values()
    assert not told.attachments
    assert "/history" in world.text(told)
