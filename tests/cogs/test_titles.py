"""What others made is listed in one's own language."""

from tests.cogs.looking import ask
from tests.world import World


async def test_lists_name_workflows_in_the_language_of_whoever_looks(world: World) -> None:
    await world.done(await world.generate(prompt="a fox"))
    world.comfyui.hold()
    running = await world.generate(prompt="a slow fox")
    world.locales[world.mod.id] = "zh-CN"
    for command, options in (
        ("queue", {}),
        ("history", {"user": world.alice}),
        ("history", {"user": world.alice, "job": "1"}),
    ):
        said = await ask(world, world.mod, command, **options)
        assert "文生图" in said, command
        assert "Text to image" not in said, command
    for command in ("cancel", "history"):
        filled = {"user": world.alice} if command == "history" else {}
        offered = await world.mod.autocomplete(world.channel, command, "job", "", **filled)
        assert any("文生图" in choice["name"] for choice in offered), command
    await world.alice.click(running, label="Cancel")
    await world.done(running, "Cancelled")
