"""Slash commands that workflows have of their own."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.cogs.asking import picture
from tests.cogs.looking import named
from tests.world import ROOT, World

PORTRAIT = """
title = { en = "Portrait", zh-CN = "人像" }
description = { en = "A studio portrait", zh-CN = "影棚人像" }
command = "portrait"

[parameters.style]
node = "Negative prompt"
input = "text"
title = { en = "Style", zh-CN = "风格" }
choices = { "film" = "35mm film", "studio" = "studio light" }
default = "film"

[parameters.steps]
minimum = 1
maximum = 9
default = 3

[parameters.width]
default = 64
hidden = true

[parameters.height]
default = 64
hidden = true

[parameters.denoise]
fixed = 1.0

[parameters.model]
default = "auto"
"""

SKETCH = """
command = "sketch"

[parameters.model]
default = "auto"
"""


def write(folder: Path, manifest: str, name: str = "portrait", graph: str = "txt2img") -> None:
    shutil.copy(ROOT / "workflows" / f"{graph}.json", folder / f"{name}.json")
    (folder / f"{name}.toml").write_text(manifest, "utf-8")


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    world = World(tmp_path, monkeypatch)
    world.workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", world.workflows)
    write(world.workflows, PORTRAIT)
    async with world:
        await world.until(lambda: world.app.bot.registration.settled)
        yield world
    assert world.outside.failures == []


def options(world: World, command: str) -> list[str]:
    """Return the names of the options that Discord knows of a command."""
    return [option["name"] for option in world.commands()[command]["options"]]


async def reload(world: World) -> None:
    await world.app.library.load()


async def test_a_workflow_is_used_by_its_own_command(world: World) -> None:
    known = world.commands()["portrait"]
    assert known["name_localizations"]["zh-CN"] == "人像"
    assert known["description_localizations"]["zh-TW"] == "影棚人像"
    known_options = {option["name"]: option for option in known["options"]}
    assert " ".join(known_options) == (
        "prompt style aspect seed steps model lora cfg sampler scheduler batch count private priority"
    )
    assert (known_options["steps"]["min_value"], known_options["steps"]["max_value"]) == (1, 9)
    assert [each["name"] for each in known_options["style"]["choices"]] == ["film", "studio"]
    assert known_options["style"]["name_localizations"]["zh-CN"] == "风格"
    assert known_options["model"]["autocomplete"]

    offered = await world.alice.autocomplete(world.channel, "portrait", "model", "demo")
    assert "demo-painter.safetensors" in named(offered)
    assert named(await world.alice.autocomplete(world.channel, "portrait", "lora", "")) != []
    assert named(await world.alice.autocomplete(world.channel, "portrait", "count", "9")) == ["4"]

    result = await world.alice.slash(
        world.channel, "portrait", prompt="a miller", seed=5, style="studio light", steps=2, private=True
    )
    assert result.response.ephemeral
    await world.done(result.response)
    said = world.text(result.response)
    assert "a miller" in said
    assert "Seed 5" in said
    world.locales[world.bob.id] = "zh-CN"
    result = await world.bob.slash(world.channel, "portrait", prompt="x", steps=2, lora="nope")
    assert "nope" in world.text(result.response)


async def test_commands_follow_the_workflow_folder(world: World) -> None:
    ids = world.commands()["portrait"]["id"]
    # A new one, with a file to attach.
    write(world.workflows, SKETCH, "sketch", "img2img")
    await reload(world)
    sketch = await world.until(lambda: world.commands().get("sketch"))
    assert {option["name"]: option["type"] for option in sketch["options"]}["image"] == 11
    result = await world.alice.slash(world.channel, "sketch", prompt="x", image=("photo.png", picture()))
    await world.done(result.response)

    # A changed one: Discord shows the change, and a client that has not noticed is told.
    write(world.workflows, PORTRAIT.replace("[parameters.style]", "[parameters.look]"))
    stale = world.commands()["portrait"]
    await reload(world)
    await world.until(lambda: "look" in options(world, "portrait"))
    changed = world.commands()["portrait"]
    assert changed["id"] == ids
    registered = world.env.backend.commands[None]
    registered["portrait", 1] = stale
    result = await world.alice.slash(world.channel, "portrait", prompt="x", style="35mm film")
    assert "This command has just changed" in world.text(result.response)
    registered["portrait", 1] = changed

    # A model that is gone for a while: the command stays and says what is the matter, also after a restart.
    graph = json.loads((world.workflows / "portrait.json").read_text("utf-8"))
    graph["99"] = {"class_type": "NoSuchNode", "inputs": {"images": ["6", 0]}}
    graph["7"]["inputs"]["images"] = ["99", 0]
    (world.workflows / "portrait.json").write_text(json.dumps(graph), "utf-8")
    await reload(world)
    await world.crash()
    await world.come_back()
    assert world.commands()["portrait"]["options"] == changed["options"]
    result = await world.alice.slash(world.channel, "portrait", prompt="x")
    assert "cannot be used at present" in world.text(result.response)
    assert result.response.ephemeral

    # A file that cannot be read, then a file that is gone.
    (world.workflows / "portrait.json").write_text("{", "utf-8")
    await reload(world)
    result = await world.alice.slash(world.channel, "portrait", prompt="x")
    assert "cannot be used at present" in world.text(result.response)
    stale = world.commands()["portrait"]
    (world.workflows / "portrait.json").unlink()
    await reload(world)
    await world.until(lambda: "portrait" not in world.commands())
    registered = world.env.backend.commands[None]
    registered["portrait", 1] = stale
    result = await world.alice.slash(world.channel, "portrait", prompt="x")
    assert "This command has just changed" in world.text(result.response)


async def test_a_prompt_is_asked_for_by_discord_itself(world: World) -> None:
    portrait = {
        option["name"]: option.get("required", False) for option in world.commands()["portrait"]["options"]
    }
    assert next(iter(portrait)) == "prompt"
    assert [name for name, required in portrait.items() if required] == ["prompt"]


async def test_a_workflow_takes_the_place_of_imagine_and_gives_it_back(world: World) -> None:
    ours = options(world, "imagine")
    assert ours == ["prompt", "image", "aspect"]
    write(world.workflows, PORTRAIT.replace('"portrait"', '"imagine"'), "fast")
    await reload(world)
    await world.until(lambda: "style" in options(world, "imagine"))
    shown = await world.mod.slash(world.channel, "workflows show", name="fast")
    assert "command of the bot itself" not in world.text(shown.response)
    result = await world.alice.slash(
        world.channel, "imagine", prompt="a miller", style="studio light", steps=2
    )
    await world.done(result.response)

    # Another manifest, then none: the bot's own one is back, also after a restart in between.
    write(
        world.workflows,
        PORTRAIT.replace('"portrait"', '"imagine"').replace("parameters.style", "parameters.look"),
        "fast",
    )
    await reload(world)
    await world.until(lambda: "look" in options(world, "imagine"))
    await world.crash()
    await world.come_back()
    assert "look" in options(world, "imagine")
    (world.workflows / "fast.toml").unlink()
    await reload(world)
    await world.until(lambda: options(world, "imagine") == ours)
    result = await world.alice.slash(world.channel, "imagine", prompt="a miller")
    await world.done(result.response)


async def test_what_discord_would_refuse_is_told_to_moderators_and_works_through_generate(
    world: World,
) -> None:
    write(world.workflows, PORTRAIT.replace('"portrait"', '"queue"'), "double")
    write(world.workflows, PORTRAIT, "second")
    await reload(world)
    await world.app.bot.registration.register()
    assert len(world.commands()["queue"].get("options") or []) == 0
    for name, sentence in (
        ("double", "/queue is a command of the bot itself"),
        ("second", "belongs to the workflow"),
    ):
        shown = await world.mod.slash(world.channel, "workflows show", name=name)
        assert sentence in world.text(shown.response)
    message = await world.generate(prompt="x", workflow="second", steps=2)
    await world.done(message)


async def test_a_command_obeys_what_generate_obeys(world: World) -> None:
    role = world.guild.create_role("painters")
    painter = world.guild.add_member(world.env.create_user("carol"), roles=[role])
    world.locales[world.bob.id] = "zh-CN"
    write(world.workflows, PORTRAIT.replace('"portrait"', '"secret"') + "", "secret")
    manifest = world.workflows / "secret.toml"
    manifest.write_text(f'roles = ["{world.guild.id}:painters"]\n' + manifest.read_text("utf-8"), "utf-8")
    write(world.workflows, "nsfw = true\n" + PORTRAIT.replace('"portrait"', '"adult"'), "adult")
    await reload(world)
    await world.until(lambda: {"secret", "adult"} <= world.commands().keys())
    result = await world.alice.slash(world.channel, "secret", prompt="x", steps=2)
    assert result.response.ephemeral
    assert "roles" in world.text(result.response)
    result = await painter.slash(world.channel, "secret", prompt="x", steps=2)
    await world.done(result.response)
    result = await world.bob.slash(world.channel, "adult", prompt="x")
    assert "年龄" in world.text(result.response)
    result = await world.alice.slash(world.channel, "portrait", prompt="x", priority=True)
    assert "priority" in world.text(result.response)
    assert not world.app.jobs.active()


async def test_commands_of_the_operators_test_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world: Any = World(tmp_path, monkeypatch)
    world.workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", world.workflows)
    world.dev_guild = 4242
    async with world:
        assert "portrait" not in world.commands(4242)
        write(world.workflows, PORTRAIT)
        await reload(world)
        await world.until(lambda: "portrait" in world.commands(4242))
        (world.workflows / "portrait.toml").unlink()
        await reload(world)
        await world.until(lambda: "portrait" not in world.commands(4242))
        assert world.commands() == {}
