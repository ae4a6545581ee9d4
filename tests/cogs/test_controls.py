"""The buttons of a card, as owner, stranger and moderator, before and after a restart."""

from typing import Any

import pytest

from bot.jobs.model.job import JobState
from tests.cogs.filling import filled, opened, submit
from tests.world import World, custom_ids


async def restarted(world: World, restart: bool) -> None:
    if restart:
        await world.crash()
        await world.come_back()


BOTH = pytest.mark.parametrize("restart", [False, True], ids=["before", "after a restart"])


class TestCancel:
    async def test_while_running(self, world: World) -> None:
        message = await world.working()
        result = await world.alice.click(message, label="Cancel")
        assert result.acknowledged
        await world.done(message, "Cancelled")
        assert list(world.buttons(message)) == ["Again", "Edit", "Details"]
        assert world.comfyui.running is None

    async def test_while_queued_and_the_running_one_goes_on(self, world: World) -> None:
        first = await world.working()
        second = await world.generate(world.bob, prompt="another")
        third = await world.generate(world.bob, prompt="a third")
        await world.bob.click(third, label="Cancel")
        await world.done(third, "Cancelled")
        await world.bob.click(second, label="Cancel")
        await world.done(second, "Cancelled")
        assert world.comfyui.running is not None
        assert "Working" in world.text(first)

    @pytest.mark.parametrize("chinese", [False, True])
    @BOTH
    async def test_strangers_may_not_owners_and_moderators_may(
        self, world: World, chinese: bool, restart: bool
    ) -> None:
        world.locales = {who.id: "zh-CN" for who in (world.alice, world.bob, world.mod) if chinese}
        label, refusal, cancelled = (
            ("取消", "只有发起人", "已取消")
            if chinese
            else ("Cancel", "Only the person who asked", "Cancelled")
        )
        world.comfyui.hold()
        cards = [await world.generate(prompt=prompt) for prompt in ("one", "two")]
        await restarted(world, restart)
        for card, who in zip(cards, (world.mod, world.alice), strict=True):
            refused = await world.bob.click(card, label=label)
            assert refused.response.ephemeral
            assert refusal in world.text(refused.response)
            assert cancelled not in world.text(card)
            await who.click(card, label=label)
            await world.done(card, cancelled)


@BOTH
class TestAfterwards:
    async def test_again_makes_another_with_a_new_seed(self, world: World, restart: bool) -> None:
        message = await world.done(await world.generate(prompt="a fox", seed=5))
        await restarted(world, restart)
        result = await world.alice.click(message, label="Again")
        await world.done(result.response)
        assert "a fox" in world.text(result.response)
        assert "Seed 5 " not in world.text(result.response)
        assert "Seed 5" in world.text(message), "the first card stays as it is"

    async def test_again_by_somebody_else_is_their_own_job(self, world: World, restart: bool) -> None:
        message = await world.done(await world.generate(prompt="a fox", seed=5))
        await restarted(world, restart)
        world.locales[world.bob.id] = "zh-CN"
        result = await world.bob.click(message, label="Again")
        await world.done(result.response, "完成")

    async def test_edit_shows_what_was_used_and_makes_what_is_changed(
        self, world: World, restart: bool
    ) -> None:
        message = await world.done(
            await world.generate(prompt="a fox", negative_prompt="rain", seed=5, steps=7)
        )
        await restarted(world, restart)
        shown = await opened(world.alice, message, "Edit")
        assert filled(shown) == {
            "Prompt": "a fox",
            "Aspect ratio": "64×64",
            "How many": "",
            "Model": "",
            "More settings": False,
        }
        card = (await submit(world.alice, shown, Prompt="a wolf", More_settings=True)).response
        await restarted(world, restart)
        shown = await opened(world.alice, card, "Next")
        assert {**filled(shown), "Negative prompt": "rain", "Seed": "5", "Steps": "7"} == filled(shown)
        await submit(world.alice, shown, Negative_prompt="", Steps="9")
        await restarted(world, restart)
        shown = await opened(world.alice, card, "Next")
        await submit(world.alice, shown, Width="512", Height="256")
        answer = await world.alice.click(card, label="Generate")
        await world.done(answer.response)
        said = world.text(answer.response)
        assert "a wolf" in said
        assert "Seed 5" in said
        assert "512×256" in said
        assert "Steps 9" in said


async def second_page(world: World, message: Any) -> tuple[Any, Any]:
    """Return the card that goes with the form, and the form's second page."""
    shown = await opened(world.alice, message, "Edit")
    card = (await submit(world.alice, shown, More_settings=True)).response
    return card, await opened(world.alice, card, "Next")


async def test_a_form_with_nonsense_is_refused_in_words(world: World) -> None:
    message = await world.done(await world.generate(prompt="a fox", seed=5))
    card, shown = await second_page(world, message)
    await submit(world.alice, shown, Seed="many")
    answer = await world.alice.click(card, label="Generate")
    assert answer.response.ephemeral
    assert "whole number" in world.text(answer.response)


async def test_an_emptied_seed_draws_a_new_one(world: World) -> None:
    message = await world.done(await world.generate(prompt="a fox", seed=5))
    await world.alice.click(message, label="Spoiler")
    card, shown = await second_page(world, message)
    await submit(world.alice, shown, Seed="")
    answer = await world.alice.click(card, label="Generate")
    await world.done(answer.response)
    assert "Seed 5 " not in world.text(answer.response)
    assert "No spoiler" in world.buttons(answer.response), "what is made of it is veiled like it"


async def test_a_job_nobody_knows_any_more_is_said(world: World) -> None:
    message = await world.done(await world.generate(prompt="a fox"))
    (job,) = [item.job for item in [await world.app.jobs.snapshot(_job_id(world, message))]]
    assert job.state is JobState.SUCCEEDED
    await world.app.jobs.forget(job.id)
    result = await world.alice.click(message, label="Again")
    assert result.response.ephemeral
    assert world.text(result.response)


def _job_id(world: World, message: Any) -> Any:
    return next(custom_ids(world.stored(message).components)).split(":")[2]


async def test_private_jobs_stay_private(world: World) -> None:
    message = await world.done(await world.generate(prompt="a secret", private=True))
    result = await world.alice.click(message, label="Again")
    assert result.response.ephemeral
    await world.done(result.response)
