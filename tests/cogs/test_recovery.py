"""What becomes of jobs and cards when the bot, a token or a message does not live on."""

from typing import Any

import discord
import pytest

from bot.demo.comfyui import FaultAction, HttpFault
from tests.world import World


async def three_jobs(world: World) -> list[Any]:
    return [
        await world.generate(world.alice, prompt="one", seed=1),
        await world.generate(world.bob, prompt="two", seed=2, count=2),
        await world.generate(world.mod, prompt="three", seed=3),
    ]


def uploads(world: World) -> int:
    """Return how many pictures stand in the channel."""
    return sum(len(message.attachments) for message in world.messages())


@pytest.mark.parametrize("moment", ["at once", "while one runs", "when one is done"])
async def test_three_jobs_survive_a_crash_and_each_is_delivered_once(world: World, moment: str) -> None:
    world.comfyui.hold(after=1 if moment == "when one is done" else 0)
    cards = await three_jobs(world)
    if moment == "while one runs":
        await world.until(lambda: any("Working" in world.text(card) for card in cards))
    if moment == "when one is done":
        await world.until(lambda: any("Done" in world.text(card) for card in cards))
    await world.crash()
    await world.come_back()
    world.comfyui.release()
    for card in cards:
        await world.done(card)
    await world.until(lambda: not world.app.delivery.showing)
    assert [len(world.files(card)) for card in cards] == [1, 2, 1]
    assert uploads(world) == 4
    assert len(world.comfyui.executed) == len(set(world.comfyui.executed))
    assert (
        len([message for message in world.messages() if message.author_id == world.env.backend.bot_user.id])
        == 3
    )


async def test_a_job_done_while_the_bot_was_away_is_delivered_when_it_is_back(world: World) -> None:
    card = await world.generate(prompt="one", seed=1)
    await world.crash()
    await world.until(lambda: world.comfyui.running is None)
    await world.come_back()
    await world.done(card)
    assert len(world.files(card)) == 1


class TestTokens:
    async def test_a_dead_token_leaves_the_bots_own_edit(self, world: World) -> None:
        message = await world.working()
        world.env.backend.interaction_tokens.clear()
        world.comfyui.release()
        await world.done(message)
        assert len(world.files(message)) == 1
        assert len(world.messages()) == 1

    async def test_a_private_result_without_its_token_goes_to_the_person_alone(self, world: World) -> None:
        await world.working(private=True)
        world.env.backend.interaction_tokens.clear()
        world.comfyui.release()
        await world.until(lambda: not world.app.delivery.showing)
        assert len(world.messages()) == 1, "nothing of it may reach the channel"
        direct = world.alice.user.dm_channel
        (told,) = world.env.backend.messages[direct.id].values()
        assert len(told.attachments) == 1

    async def test_a_cancelled_job_whose_card_is_gone_needs_no_new_one(self, world: World) -> None:
        message = await world.working()
        (job,) = world.app.jobs.active()
        await world.mod.delete(message)
        await world.app.jobs.cancel(job.id, by=world.alice.id)
        await world.until(lambda: not world.app.delivery.showing)
        assert world.messages() == []


async def test_discords_bad_moments_are_waited_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    original = discord.Webhook.edit_message
    failures = iter([ConnectionResetError("reset"), TimeoutError("slow"), ConnectionResetError("reset")])

    async def edit_message(self: Any, *args: Any, **kwargs: Any) -> Any:
        for failure in failures:
            raise failure
        return await original(self, *args, **kwargs)

    monkeypatch.setattr(discord.Webhook, "edit_message", edit_message)
    message = await world.generate(prompt="a fox")
    await world.done(message)
    assert len(world.files(message)) == 1


async def test_a_server_that_does_not_answer_is_told_and_waited_for(world: World) -> None:
    port = int(world.comfyui.url.rsplit(":", 1)[1])
    await world.comfyui.stop()
    message = await world.generate(prompt="a fox")
    await world.until(lambda: "not answering" in world.text(message))
    assert list(world.buttons(message)) == ["Cancel"]
    await world.comfyui.start(port=port)
    await world.done(message)


async def test_a_server_that_goes_away_in_mid_job_is_told_and_waited_for(world: World) -> None:
    message = await world.working()
    world.comfyui.faults.http.append(gone := HttpFault(("*", "*"), FaultAction.RESET, times=None))
    world.comfyui.faults.refuse_sockets = 503
    world.comfyui.drop_sockets()
    await world.until(lambda: "not answering at the moment; your job is kept" in world.text(message))
    assert "Cancel" in world.buttons(message)
    world.comfyui.faults.http.remove(gone)
    world.comfyui.faults.refuse_sockets = None
    world.comfyui.release()
    await world.done(message)
    assert "not answering" not in world.text(message)
    assert len(world.files(message)) == 1
