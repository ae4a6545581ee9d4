"""What becomes of results when Discord fails: each way it can, one by one."""

from typing import Any

import pytest

from bot.ui.delivery.result_delivery import ResultDelivery
from bot.ui.messages.message_api import MessageApi
from tests import faults
from tests.faults import Call, DiscordFaults, Failure
from tests.world import World


def once(failure: Failure, where: str) -> faults.Decide:
    """Let the first call of a kind fail (`where` is a property of calls), and no other."""
    left = [failure]

    def decide(call: Call) -> Failure | None:
        return left.pop() if left and getattr(call, where) else None

    return decide


def words(world: World) -> str:
    """Return what stands in the channel."""
    return "\n".join(world.text(message) for message in world.messages())


async def test_a_first_card_whose_answer_was_lost_is_the_one_that_gets_the_result(
    world: World, discord_faults: DiscordFaults
) -> None:
    discord_faults.decide = once(faults.RESET_AFTER, "is_answer")
    await world.generate(prompt="a fox")
    await world.until(lambda: "Done" in words(world))
    (message,) = world.messages()
    assert len(world.files(message)) == 1


async def test_words_a_server_forbids_are_left_out_of_the_description_for_screen_readers_too(
    world: World, discord_faults: DiscordFaults
) -> None:
    discord_faults.blocked = "mauve"
    await world.generate(prompt="a mauve fox")
    await world.until(lambda: "Done" in words(world))
    assert "mauve" not in str([message.components for message in world.messages()])
    assert "mauve" not in str([message.attachments for message in world.messages()])


async def test_who_did_not_cancel_a_job_oneself_is_told_even_when_the_card_is_gone(world: World) -> None:
    message = await world.working()
    (job,) = world.app.jobs.active()
    await world.mod.delete(message)
    await world.app.jobs.cancel(job.id, by=world.mod.id)
    await world.until(lambda: not world.app.delivery.showing)
    assert world.messages() == []
    (told,) = world.env.backend.messages[world.alice.user.dm_channel.id].values()
    assert "Cancelled** by a moderator" in world.text(told)


async def test_something_unforeseen_on_one_route_leaves_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(MessageApi, "edit_by_token", broken)
    message = await world.generate(prompt="a fox")
    await world.done(message)
    assert len(world.files(message)) == 1


async def test_something_unforeseen_in_the_delivery_itself_is_begun_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, failures = ResultDelivery.run, [ZeroDivisionError(), ZeroDivisionError()]

    async def broken(self: ResultDelivery) -> None:
        if failures:
            raise failures.pop()
        await run(self)

    monkeypatch.setattr(ResultDelivery, "run", broken)
    message = await world.done(await world.generate(prompt="a fox"))
    await world.until(lambda: not world.app.delivery.showing)
    assert pictures(world) == [message.channel_id]


def pictures(world: World) -> list[int]:
    """Return where pictures can be seen now: the ids of channels, once for each picture."""
    return [
        channel_id
        for channel_id, messages in world.env.backend.messages.items()
        for message in messages.values()
        for item in message.attachments
        if item["filename"] != "preview.jpg"  # stays where a card cannot be edited any more
    ]


@pytest.mark.parametrize(
    "failure",
    [
        faults.RESET,
        faults.RESET_AFTER,
        faults.UNAVAILABLE,
        faults.BAD_GATEWAY_AFTER,
        faults.LIMITED,
        faults.OLD_EDITS,
        faults.TOKEN_INVALID,
        faults.TOKEN_UNKNOWN,
        faults.TOO_LARGE,
        faults.BLOCKED_WORDS,
    ],
    ids=lambda failure: failure.kind,
)
async def test_the_picture_comes_once_though_an_edit_fails(
    world: World, discord_faults: DiscordFaults, failure: Failure
) -> None:
    discord_faults.decide = once(failure, "is_edit")
    message = await world.done(await world.generate(prompt="a fox"))
    await world.until(lambda: not world.app.delivery.showing)
    assert discord_faults.struck == {failure.kind: 1}
    assert pictures(world) == [world.channel.id]
    assert len(world.files(message)) == 1


@pytest.mark.parametrize(
    "failure",
    [
        faults.CHANNEL_GONE,
        faults.NO_ACCESS,
        faults.NO_PERMISSION,
        faults.ARCHIVED,
        faults.LOCKED,
    ],
    ids=lambda failure: failure.kind,
)
async def test_where_the_channel_is_closed_and_the_token_dead_the_picture_comes_directly(
    world: World, discord_faults: DiscordFaults, failure: Failure
) -> None:
    await world.working()
    discord_faults.channels[world.channel.id] = failure
    world.env.backend.interaction_tokens.clear()
    world.comfyui.release()
    await world.until(lambda: not world.app.delivery.showing)
    assert pictures(world) == [world.alice.user.dm_channel.id]


async def test_what_came_directly_is_still_ones_own(world: World, discord_faults: DiscordFaults) -> None:
    await world.working()
    (job,) = world.app.jobs.active()
    discord_faults.channels[world.channel.id] = faults.NO_ACCESS
    world.env.backend.interaction_tokens.clear()
    world.comfyui.release()
    await world.until(lambda: not world.app.delivery.showing)
    world.app.bot.settings = world.app.bot.settings.model_copy(update={"guilds": (world.guild.id,)})
    alice = world.alice.user
    card = alice.dm_channel.last_message
    details = await alice.click(card, custom_id=f"job:details:{job.id}")
    assert "The command that makes it again" in world.text(details.response)
    refused = await alice.click(card, custom_id=f"job:again:{job.id}")
    assert "not in direct messages" in world.text(refused.response)
    await alice.click(details.response, custom_id=f"job:delete:{job.id}:now")
    here = world.env.backend.messages[alice.dm_channel.id][card.id]
    assert "Deleted by" in world.text(here)
    assert not world.files(here)
    await alice.click(alice.dm_channel.last_message, custom_id=f"job:delete:{job.id}:undo")
    await world.until(lambda: len(world.files(here)) == 1)


async def test_where_every_way_is_closed_the_picture_waits_in_the_history(
    world: World, discord_faults: DiscordFaults
) -> None:
    await world.working(private=True)
    (job,) = world.app.jobs.active()
    discord_faults.closed.add(world.alice.id)
    world.env.backend.interaction_tokens.clear()
    world.comfyui.release()
    await world.until(lambda: not world.app.delivery.showing)
    assert pictures(world) == []
    ended = await world.app.jobs.get(job.id)
    assert (ended.state, ended.delivered_at is not None, len(ended.outputs)) == ("succeeded", True, 1)


@pytest.mark.parametrize(
    "failure",
    [faults.RESET, faults.RESET_AFTER, faults.UNAVAILABLE, faults.TOO_LATE, faults.BLOCKED_WORDS],
    ids=lambda failure: failure.kind,
)
async def test_the_picture_comes_once_though_the_first_card_fails(
    world: World, discord_faults: DiscordFaults, failure: Failure
) -> None:
    discord_faults.decide = once(failure, "is_answer")
    await world.alice.slash(world.channel, "generate", prompt="a fox", width=64, height=64, steps=1)
    await world.until(lambda: "Done" in words(world))
    await world.until(lambda: not world.app.delivery.showing)
    assert pictures(world) == [world.channel.id]
    assert "again" not in words(world), "nobody is told to do over what is done"


@pytest.mark.parametrize(
    "failure", [faults.RESET, faults.RESET_AFTER, faults.UNAVAILABLE], ids=lambda failure: failure.kind
)
async def test_a_job_is_accepted_though_the_answer_meanwhile_fails(
    world: World, discord_faults: DiscordFaults, monkeypatch: pytest.MonkeyPatch, failure: Failure
) -> None:
    monkeypatch.setattr("bot.ui.requests.submission.PATIENCE", 0.0)
    discord_faults.decide = once(failure, "is_answer")
    submit = world.app.jobs.submit

    async def slowly(*args: Any, **kwargs: Any) -> Any:
        await world.until(lambda: discord_faults.struck)
        return await submit(*args, **kwargs)

    monkeypatch.setattr(world.app.jobs, "submit", slowly)
    await world.alice.slash(world.channel, "generate", prompt="a fox", width=64, height=64, steps=1)
    await world.until(lambda: "Done" in words(world))
    await world.until(lambda: not world.app.delivery.showing)
    assert pictures(world) == [world.channel.id]
    assert "again" not in words(world), "nobody is told to do over what is done"


async def test_a_placeholder_whose_answer_was_lost_is_not_posted_again(
    world: World, discord_faults: DiscordFaults
) -> None:
    message = await world.working()
    discord_faults.decide = once(faults.RESET_AFTER, "is_post")
    await world.mod.delete(message)
    world.comfyui.release()
    await world.until(lambda: not world.app.delivery.showing)
    assert pictures(world) == [world.alice.user.dm_channel.id]
    assert world.messages() == []


async def test_where_small_pictures_are_too_large_one_chooses_by_number(
    world: World, discord_faults: DiscordFaults
) -> None:
    card = await world.done(await world.generate(prompt="a fox", count=2))
    await world.until(lambda: not world.app.delivery.showing)
    discord_faults.decide = once(faults.TOO_LARGE, "sizes")
    asked = await world.alice.click(card, label="Upscale")
    assert list(world.buttons(asked.response)) == ["1", "2"]
    assert world.files(asked.response) == {}
