"""Of workflows bound to another server's roles, their models and uploads, nobody here is told; the banned nothing at all."""

import dataclasses
from typing import Any

import pytest

from bot.policy import Actor
from bot.ui.forms.extras import upload_folder
from tests.cogs.looking import ask, named
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
ABROAD = 4711


def bind(world: World, monkeypatch: pytest.MonkeyPatch, *roles: str, file: str) -> None:
    """Bind a copy of the default workflow with a model of its own to roles."""
    library = world.app.library
    usual = library.default()
    graph = {key: {**node, "inputs": dict(node["inputs"])} for key, node in usual.graph.items()}
    loader = next(node for node in graph.values() if "ckpt_name" in node["inputs"])
    loader["inputs"]["ckpt_name"] = file
    parameters = {name: each for name, each in usual.parameters.items() if name != "model"}
    bound = dataclasses.replace(usual, name="bound", graph=graph, parameters=parameters, roles=roles)
    monkeypatch.setattr(
        library, "_workflows", {**{each.name: each for each in library.all()}, "bound": bound}
    )


async def test_models_of_another_servers_workflow_are_not_shown(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.comfyui.folders.models["private"] = ["secret-of-theirs.safetensors", "common.safetensors"]
    bind(shared, monkeypatch, f"{ABROAD}:VIP", file="secret-of-theirs.safetensors")
    for who in (shared.alice, shared.mod):
        assert "secret" not in await ask(shared, who, "models", folder="private")
        assert "common" in await ask(shared, who, "models", folder="private")
        assert "secret" not in await ask(shared, who, "models", search="safetensors")
        assert "Name: bound" not in await ask(shared, who, "workflows show", name="bound")
        assert "bound" not in str(await who.autocomplete(shared.channel, "workflows show", "name", "bound"))
    bind(shared, monkeypatch, f"{shared.guild.id}:mods", file="secret-of-theirs.safetensors")
    assert "secret" in await ask(shared, shared.mod, "models", folder="private")
    assert "Name: bound" in await ask(shared, shared.mod, "workflows show", name="bound")
    assert "bound" in str(await shared.mod.autocomplete(shared.channel, "workflows show", "name", "bound"))
    bind(shared, monkeypatch, f"{ABROAD}:VIP", file="secret-of-theirs.safetensors")
    shared.app.bot.owner_id = shared.mod.id
    assert "secret" in await ask(shared, shared.mod, "models", folder="private")
    assert "Name: bound" in await ask(shared, shared.mod, "workflows show", name="bound")
    assert "bound" in str(await shared.mod.autocomplete(shared.channel, "workflows show", "name", "bound"))
    shared.app.bot.owner_id = None


async def test_nodes_name_no_uploads_of_others(shared: World) -> None:
    client = shared.app.fleet.pick().client
    raw: dict[str, Any] = {**(await client.object_info())}
    ours, theirs = f"{upload_folder(shared.guild.id)}/a.png", f"{upload_folder(ABROAD)}/b.png"
    inputs = {"image": [[theirs, ours, "holiday.png"], {"image_upload": True}], "file": [[theirs, "x"], {}]}
    raw["LoadImage"] = {**raw["LoadImage"], "input": {"required": inputs}}
    with pytest.MonkeyPatch.context() as patch:

        async def told() -> dict[str, Any]:
            return raw

        patch.setattr(client, "object_info", told)
        said = await ask(shared, shared.mod, "nodes", name="LoadImage")
        assert "a.png" in said
        assert "b.png" not in said
        assert "holiday" not in said
        shared.app.bot.owner_id = shared.mod.id
        assert "b.png" in await ask(shared, shared.mod, "nodes", name="LoadImage")
        shared.app.bot.owner_id = None


async def test_the_banned_are_offered_no_names(shared: World) -> None:
    await shared.done(await shared.generate(shared.bob, prompt="a fox"))
    asked = [
        ("generate", "workflow"),
        ("generate", "model"),
        ("generate", "sampler"),
        ("generate", "steps"),
        ("history", "job"),
        ("history", "workflow"),
        ("models", "folder"),
        ("workflows show", "name"),
    ]
    for command, option in asked:
        assert named(await shared.bob.autocomplete(shared.channel, command, option, "")), command
    operator = Actor(user_id=1, guild_id=shared.guild.id, operator=True)
    await shared.app.policy.ban(operator, shared.bob.id)
    for command, option in asked:
        assert await shared.bob.autocomplete(shared.channel, command, option, "") == []
    shared.comfyui.hold()
    await shared.app.policy.unban(operator, shared.bob.id)
    await shared.generate(shared.bob, prompt="one's own")
    await shared.app.policy.ban(operator, shared.bob.id)
    assert len(await shared.bob.autocomplete(shared.channel, "cancel", "job", "")) == 1
    assert "cancelled" in await ask(shared, shared.bob, "cancel", job="all")
    await shared.app.policy.unban(operator, shared.bob.id)
    shared.comfyui.release()
    await shared.until(lambda: not shared.app.jobs.active())
