"""A first card that Discord has shown without anybody hearing of it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.model.ports import HistoryQuery
from tests import faults
from tests.cogs.test_other_ways import everywhere
from tests.faults import Call, DiscordFaults
from tests.world import World


async def unheard_of(world: World, discord_faults: DiscordFaults) -> Any:
    """Return the first card of a job that stays at work; its answer was lost."""
    left = [faults.RESET_AFTER]
    discord_faults.decide = lambda call: left.pop() if left and call.is_answer else None
    world.comfyui.hold()
    await world.alice.slash(world.channel, "generate", prompt="a fox", width=64, height=64, steps=1)
    (card,) = world.messages()
    return card


async def test_it_gets_the_result_after_a_crash_though_its_token_is_dead(
    world: World, discord_faults: DiscordFaults
) -> None:
    card = await unheard_of(world, discord_faults)
    await world.crash()
    world.env.backend.interaction_tokens.clear()
    await world.come_back()
    world.comfyui.release()
    await world.done(card)
    await world.until(lambda: not world.app.delivery.showing)
    assert [message.id for message in everywhere(world)] == [card.id]
    assert len(world.files(card)) == 1


async def test_it_says_that_it_is_done_though_the_result_came_in_another_message(
    world: World, discord_faults: DiscordFaults
) -> None:
    world.pace = replace(world.pace, rest=(0.1,))
    await world.crash()
    await world.come_back()
    card = await unheard_of(world, discord_faults)
    world.env.backend.interaction_tokens.clear()
    world.comfyui.release()
    await world.done(card)
    await world.until(lambda: not world.app.delivery.showing)
    assert [len(message.attachments) for message in everywhere(world)] == [0, 1]


async def test_where_it_cannot_be_looked_for_at_first_it_is_cleared_up_in_the_end(
    world: World, discord_faults: DiscordFaults
) -> None:
    first = await unheard_of(world, discord_faults)
    discord_faults.channels[world.channel.id] = faults.UNAVAILABLE
    world.pace = replace(world.pace, rest=(0.1,))
    await world.crash()
    await world.come_back()
    await world.until(lambda: discord_faults.struck[faults.UNAVAILABLE.kind])
    world.env.backend.interaction_tokens.clear()
    discord_faults.channels.clear()
    world.comfyui.release()
    await world.until(lambda: any("Done" in world.text(message) for message in everywhere(world)))
    await world.until(lambda: "Done" in world.text(first))
    await world.until(lambda: not world.app.delivery.showing)
    assert sum(len(message.attachments) for message in everywhere(world)) == 1


@asynccontextmanager
async def held(
    world: World, discord_faults: DiscordFaults, where: str, **options: Any
) -> AsyncGenerator[None]:
    """Hold the first card until the block ends, "before" or "behind" its effect; the result is there in the block."""
    late = asyncio.Event()

    async def hang(call: Call) -> None:
        if call.is_answer:
            await late.wait()

    setattr(discord_faults, where, hang)
    asking = asyncio.ensure_future(
        world.alice.slash(world.channel, "generate", prompt="a fox", width=64, height=64, steps=1, **options)
    )
    await world.until(lambda: any("Done" in world.text(message) for message in everywhere(world)))
    yield
    late.set()
    await asking


@pytest.mark.parametrize("lost", [False, True])
async def test_it_stays_when_its_answer_comes_late(
    world: World, discord_faults: DiscordFaults, lost: bool
) -> None:
    discord_faults.decide = lambda call: faults.RESET_AFTER if lost and call.is_answer else None
    async with held(world, discord_faults, "behind"):
        pass
    await world.until(lambda: not world.app.delivery.showing)
    (card,) = everywhere(world)
    assert len(card.attachments) == 1


@pytest.mark.parametrize("private", [False, True])
async def test_it_goes_again_when_it_comes_after_the_result(
    world: World, discord_faults: DiscordFaults, private: bool
) -> None:
    async with held(world, discord_faults, "before", private=private):
        await world.until(lambda: not world.app.delivery.showing)
    (result,) = everywhere(world)
    assert len(result.attachments) == 1
    (job,) = (await world.app.jobs.history(HistoryQuery(viewer=world.alice.id, guild_id=world.guild.id))).jobs
    assert job.message is not None
    assert job.message.message_id == result.id, "its buttons know where it stands"
