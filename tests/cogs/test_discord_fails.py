"""What becomes of results when Discord fails: each way it can, one by one."""

from collections.abc import Iterator

import pytest

from bot.ui.routes import Routes
from tests import faults
from tests.faults import Call, DiscordFaults, Failure
from tests.world import World


@pytest.fixture
def discord_faults() -> Iterator[DiscordFaults]:
    """What is wrong with Discord."""
    with faults.failing(DiscordFaults()) as failing:
        yield failing


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
    world.comfyui.step_seconds = 0.2
    message = await world.generate(prompt="a fox", steps=60)
    await world.until(lambda: "Working" in world.text(message))
    (job,) = world.app.jobs.active()
    await world.mod.delete(message)
    await world.app.jobs.cancel(job.id, by=world.mod.id, moderator=True)
    await world.until(lambda: "Cancelled" in words(world))
    assert len(world.messages()) == 1


async def test_something_unforeseen_on_one_route_leaves_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Routes, "edit_by_token", broken)
    message = await world.generate(prompt="a fox")
    await world.done(message)
    assert len(world.files(message)) == 1
