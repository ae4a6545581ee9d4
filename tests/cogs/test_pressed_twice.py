"""A button pressed twice, or a form sent twice, in a hurry: one job; what is meant twice: two."""

from typing import Any

import pytest

from tests.cogs.filling import opened, submit
from tests.cogs.pressing import press, said
from tests.world import World


async def finished(world: World, **options: Any) -> Any:
    card = await world.done(await world.generate(prompt="a fox", seed=5, steps=1, **options))
    await world.until(lambda: not world.app.delivery.showing)
    return card


def results(world: World) -> list[Any]:
    """Return the cards of what was made from the first one."""
    return [each for each in world.messages()[1:] if not each.is_ephemeral]


def jobs(world: World) -> int:
    return len(results(world))


@pytest.mark.parametrize("action", ["again", "vary", "upscale"])
async def test_a_button_pressed_twice_makes_one_job(world: World, action: str) -> None:
    card = await finished(world)
    await press(world, world.alice, card, action)
    result = await press(world, world.alice, card, action)
    assert result.response.id == card.id, "nothing more is said"
    assert not result.followups
    assert jobs(world) == 1
    await press(world, world.bob, card, action)
    assert jobs(world) == 2, "somebody else means it too"
    await world.env.advance_time(3.0)
    await press(world, world.alice, card, action)
    assert jobs(world) == 3, "and so does who presses again later"
    await world.until(lambda: not world.app.jobs.active())


async def test_two_different_pictures_are_two_wishes(world: World) -> None:
    card = await finished(world, count=2)
    asked = (await press(world, world.alice, card, "upscale")).response
    for label in ("1", "2", "2"):
        assert (await world.alice.click(asked, label=label)).acknowledged
    made = sorted(world.text(each).split("picture ")[1][0] for each in results(world))
    assert made == ["1", "2"]


async def test_a_form_sent_twice_makes_one_job(world: World) -> None:
    card = await finished(world)
    form = await opened(world.alice, card, "Edit")
    await submit(world.alice, form, Prompt="a wolf")
    form._interaction.modal_consumed = False  # as where the answer to the first one was lost
    result = await submit(world.alice, form, Prompt="a wolf")
    assert result.response.id == card.id, "nothing more is said"
    assert jobs(world) == 1
    other = await opened(world.alice, card, "Edit")
    await submit(world.alice, other, Prompt="a wolf")
    assert jobs(world) == 2, "a form opened anew is another one"


async def test_a_refused_press_may_be_repeated_at_once(world: World) -> None:
    card = await finished(world)
    world.app.jobs._dispatcher.draining = True
    assert "about to restart" in await said(world, world.alice, card, "again")
    world.app.jobs._dispatcher.draining = False
    await press(world, world.alice, card, "again")
    assert jobs(world) == 1
