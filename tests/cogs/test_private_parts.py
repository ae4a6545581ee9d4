"""Films that only one person sees, when their card's token dies between the first and the last of them."""

from typing import Any

import pytest

from tests.cogs.test_other_ways import delivered
from tests.world import World


async def half_done(world: World) -> Any:
    """Return the private card of a job of two films that shows the first; the second one is being made."""
    world.comfyui.hold(after=1)
    card = await world.generate(workflow="wan-video", prompt="a fox", count=2, private=True)
    await world.until(lambda: films(world, card))
    return card


def films(world: World, card: Any) -> set[str]:
    """Return the films of a card, which may also show a preview of the one that is being made."""
    return set(world.files(card)) - {"preview.jpg"}


@pytest.mark.parametrize("restarted", [False, True])
async def test_each_comes_once(world: World, restarted: bool) -> None:
    card = await half_done(world)
    if restarted:
        await world.crash()
    world.env.backend.interaction_tokens.clear()
    if restarted:
        await world.come_back()
    await delivered(world)
    (direct,) = world.env.backend.messages[world.alice.user.dm_channel.id].values()
    (first,), (second,) = films(world, card), direct.attachments
    assert second["filename"] != first
    assert f"Look for {first} in the message that only you see" in world.text(direct)
