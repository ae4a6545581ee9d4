"""The connection to Discord is lost and comes back, commands arrive late, the bot is removed from a server."""

from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.client import STALE, ComfyBot
from tests.faults import DiscordFaults
from tests.world import World


@pytest.mark.parametrize(
    "events", [["resumed"], ["ready"], ["disconnect", "resumed", "ready", "ready"]], ids=str
)
async def test_a_session_lost_in_mid_job_does_nothing_twice(
    world: World, discord_faults: DiscordFaults, events: list[str]
) -> None:
    card = await world.working()
    registered: list[str] = []
    discord_faults.after.append(
        lambda call, _result: registered.append(call.path) if call.path.endswith("/commands") else None
    )
    showing = world.app.delivery.showing
    for event in events:
        world.app.bot.dispatch(event)
    world.comfyui.release()
    await world.done(card)
    await world.until(lambda: not world.app.delivery.showing)
    assert registered == []
    assert len(showing) == len(world.comfyui.executed) == len(world.messages()) == 1
    assert len(world.files(card)) == 1


async def test_a_command_that_comes_too_late_is_dropped_without_a_word(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.generate(prompt="in time")
    made = ComfyBot.is_stale

    def replayed(self: ComfyBot, interaction: discord.Interaction[Any]) -> bool:
        """As after a resume: what Discord sent while the connection was gone comes now."""
        interaction.id = discord.utils.time_snowflake(interaction.created_at - STALE - timedelta(seconds=2))
        return made(self, interaction)

    monkeypatch.setattr(ComfyBot, "is_stale", replayed)
    before = len(world.messages())
    result = await world.alice.slash(world.channel, "generate", prompt="too late")
    assert not result.acknowledged
    assert len(world.messages()) == before
    assert "too late" not in str(world.app.jobs.active())


@pytest.mark.parametrize("open_to_messages", [True, False])
async def test_removed_from_the_server_with_jobs_waiting(
    world: World, discord_faults: DiscordFaults, open_to_messages: bool
) -> None:
    world.comfyui.hold()
    for prompt in ("one", "two"):
        await world.generate(prompt=prompt)
    jobs = world.app.jobs.active()
    world.env.backend.interaction_tokens.clear()
    world.env.backend.remove_guild(world.guild.id)
    if not open_to_messages:
        discord_faults.closed.add(world.alice.id)
    world.comfyui.release()
    await world.until(lambda: not world.app.jobs.active() and not world.app.delivery.showing)
    direct = world.env.backend.messages[world.alice.user.dm_channel.id].values()
    if open_to_messages:
        assert sorted(len(message.attachments) for message in direct) == [1, 1]
        assert all("Done" in world.text(message) for message in direct)
    else:
        assert list(direct) == []
        assert world.app.counters.value("deliveries", way="history") == 2
    ended = [await world.app.jobs.get(job.id) for job in jobs]
    assert [(job.state, job.delivered_at is not None, job.unreached) for job in ended] == [
        ("succeeded", True, not open_to_messages)
    ] * 2
