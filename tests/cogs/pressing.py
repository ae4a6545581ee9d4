"""Pressing what stands below a finished card, and reading what came of it."""

import io
from typing import Any

from PIL import Image
from simcord.components import walk_components

from tests.cogs.forging import forge
from tests.world import World, custom_ids


async def restarted(world: World) -> None:
    await world.crash()
    await world.come_back()


async def press(world: World, who: Any, message: Any, action: str) -> Any:
    """Press the card's control for an action, whatever it is called in whichever language."""
    stored = world.stored(message)
    wanted = next(each for each in custom_ids(stored.components) if each.startswith(f"job:{action}:"))
    result = await who.click(message, custom_id=wanted)
    assert result.acknowledged, "This interaction failed"
    return result


async def said(world: World, who: Any, message: Any, action: str) -> str:
    """Press, and return what only this person is told."""
    result = await press(world, who, message, action)
    assert result.response.ephemeral
    return world.text(result.response)


async def delete(world: World, who: Any, message: Any) -> Any:
    """Delete a job by what its details offer; return what this person is shown then."""
    panel = (await press(world, who, message, "details")).response
    await press(world, who, panel, "delete")
    return panel


async def delete_for_good(world: World, who: Any, message: Any) -> Any:
    """Delete a job by the button that cards had once; return what this person is shown then."""
    job_id = next(custom_ids(world.stored(message).components)).split(":")[2]
    asked = (await forge(who, message, f"job:delete:{job_id}")).response
    await who.click(asked, custom_id=f"job:delete:{job_id}:sure")
    return asked


async def become(world: World, who: Any, message: Any, action: str, word: str) -> Any:
    """Press what makes a new job; return its card when it is done."""
    return await world.done((await press(world, who, message, action)).response, word)


async def submit(who: Any, shown: Any, *values: Any) -> Any:
    fields = list(custom_ids(shown.modal["components"]))
    return await who.submit_modal(shown, dict(zip(fields, values, strict=False)))


def size_of(world: World, message: Any) -> tuple[int, int]:
    (data,) = world.files(message).values()
    return Image.open(io.BytesIO(data)).size


def veils(world: World, message: Any) -> list[bool]:
    return [
        item.get("spoiler", False)
        for part in walk_components(world.stored(message).components)
        if part.get("type") == 12
        for item in part["items"]
    ]
