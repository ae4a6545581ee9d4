"""/nodes: what a node takes and gives, for moderators."""

import asyncio

import pytest
import simcord

import bot.ui.interactions.components
from tests.cogs.looking import CHINESE, Trouble, answer, ask, named, press
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_node_with_inputs_types_bounds_and_outputs(shared: World) -> None:
    said = await ask(shared, shared.mod, "nodes", name="KSampler")
    assert "Class: KSampler" in said
    assert "- **steps** · INT · 1 to 10000 · default 20" in said
    assert "- **seed** · INT · 0 to 18446744073709551615" in said
    assert "- **model** · MODEL" in said
    assert "one of" in said
    assert "- LATENT · LATENT" in said
    by_title = await ask(shared, shared.mod, "nodes", name="load checkpoint")
    assert "Class: CheckpointLoaderSimple" in by_title
    shared.locales[shared.mod.id] = "zh-CN"
    assert CHINESE.t("**Outputs**") in await ask(shared, shared.mod, "nodes", name="SaveImage")
    shared.locales.clear()


async def test_all_nodes_on_pages(shared: World) -> None:
    message = await answer(shared, shared.mod, "nodes")
    assert "Page 1 of" in shared.text(message)
    assert "Page 2 of" in await press(shared, shared.mod, message, "Next")
    one = await answer(shared, shared.mod, "nodes", name="KSampler")
    assert "Page 1 of" in await press(shared, shared.mod, one, "All nodes")


async def test_names_are_offered_from_memory(shared: World) -> None:
    with Trouble(shared, "/object_info*", "hang"):
        async with asyncio.timeout(1.5):
            offered = await shared.mod.autocomplete(shared.channel, "nodes", "name", "ksam")
    assert any(choice["value"] == "KSampler" for choice in offered)
    assert len(named(offered)) <= 25


async def test_an_unknown_node_is_answered_with_the_nearest(shared: World) -> None:
    said = await ask(shared, shared.mod, "nodes", name="KSamplr")
    assert said.startswith("There is no node “KSamplr”. Similar: KSampler")
    said = await ask(shared, shared.mod, "nodes", name="§§§§")
    assert said == "There is no node “§§§§”. `/nodes` alone shows them all."


async def test_members_neither_see_nor_use_it(shared: World) -> None:
    with pytest.raises(simcord.SetupError, match="not visible"):
        await shared.alice.slash(shared.channel, "nodes")
    command = shared.env.backend.find_command("nodes", shared.guild.id)
    assert command is not None
    shared.guild.set_command_permissions(int(command["id"]), {shared.bob: True})
    assert await ask(shared, shared.bob, "nodes") == "Only moderators can do this."
    assert await shared.bob.autocomplete(shared.channel, "nodes", "name", "K") == []


async def test_the_last_known_nodes_serve_while_the_server_is_down(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.ui.interactions.components, "WITHIN", 0.3)
    await shared.comfyui.stop()
    assert "Class: KSampler" in await ask(shared, shared.mod, "nodes", name="KSampler")
