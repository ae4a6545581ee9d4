"""From a slash command to the picture."""

from tests.world import World


async def test_a_prompt_becomes_a_picture(world: World) -> None:
    message = await world.generate(prompt="a red fox", seed=0)
    assert "a red fox" in world.text(message)
    await world.done(message)
    said = world.text(message)
    assert "Seed 0" in said
    assert len(world.files(message)) == 1
