"""Everything registered with Discord, and everything it is sent, walked through once."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import pytest_asyncio

from bot.client import EXTENSIONS
from bot.registration import RegistrationPace
from bot.ui.cards.buttons import TEMPLATE
from bot.workflows.commands.own_commands import BUILT_IN
from tests.world import ROOT, World

NAME = re.compile(r"[-_'\w]{1,32}")
CHINESE = ("zh-CN", "zh-TW")
SLASH, ON_MESSAGES = 1, 3
"""Discord's types of commands."""
COMMON = {
    "moderation",
    "queue",
    "status",
    "cancel",
    "history",
    "models",
    "upload",
    "nodes",
    "generate",
    "workflows",
}


def world_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Make a world where every workflow has a command of its own, to be walked through like the bot's."""
    world = World(folder, monkeypatch)
    world.workflows = folder / "workflows"
    shutil.copytree(ROOT / "workflows", world.workflows)
    for manifest in world.workflows.glob("*.toml"):
        manifest.write_text(f'command = "my-{manifest.stem}"\n' + manifest.read_text("utf-8"), "utf-8")
    return world


async def registered(world: World) -> None:
    """Wait until the server's classes are known, which the commands' choices come from, and Discord knows of them."""
    await world.until(lambda: world.app.library.default().parameters["sampler"].choices)
    await world.until(lambda: world.app.bot.registration.settled)


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world for one test."""
    async with world_in(tmp_path, monkeypatch) as world:
        await registered(world)
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One world for the tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        async with world_in(tmp_path_factory.mktemp("world"), patch) as world:
            await registered(world)
            yield world


looking = pytest.mark.asyncio(loop_scope="module")


@looking
async def test_own_commands_are_among_them_and_take_no_name_of_ours(shared: World) -> None:
    names = {command["name"] for command in await payload(shared)}
    own = {f"my-{manifest.stem}" for manifest in shared.workflows.glob("*.toml")}
    assert own <= names
    assert names - own <= BUILT_IN
    assert names >= BUILT_IN


def walked(options: list[dict[str, Any]], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for option in options:
        here = f"{path} {option['name']}"
        yield here, option
        yield from walked(option.get("options") or [], here)


async def payload(world: World, kind: int = SLASH) -> list[dict[str, Any]]:
    tree = world.app.bot.tree
    translator = tree.translator
    assert translator is not None
    everything = [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]
    assert {command["type"] for command in everything} == {SLASH, ON_MESSAGES}
    return [command for command in everything if command["type"] == kind]


async def test_every_menu_of_messages_is_one_discord_takes(world: World) -> None:
    menus = await payload(world, ON_MESSAGES)
    assert {menu["name"] for menu in menus} == {"Use as input", "Upscale", "Show parameters"}
    assert len(menus) <= 5
    for locale in (None, *CHINESE):
        names = [menu["name_localizations"][locale] if locale else menu["name"] for menu in menus]
        assert len(set(names)) == len(names)
        assert all(1 <= len(name) <= 32 and name == name.strip() for name in names), names
    assert all(menu["contexts"] == [0] and menu["integration_types"] == [0] for menu in menus)
    assert all(menu.get("description", "") == "" for menu in menus), (
        "Discord refuses words below a menu's name"
    )


@looking
async def test_every_command_is_one_discord_takes(shared: World) -> None:
    commands = await payload(shared)
    assert {command["name"] for command in commands} >= COMMON & {
        extension.removesuffix(".cog").split(".")[-1] for extension in EXTENSIONS
    }
    assert len({command["name"] for command in commands}) == len(commands)
    for command in commands:
        texts = 0
        assert len(command.get("options") or []) <= 25
        for path, node in [
            (command["name"], command),
            *walked(command.get("options") or [], command["name"]),
        ]:
            names = [node["name"], *(node.get("name_localizations") or {}).values()]
            for name in names:
                assert NAME.fullmatch(name), (path, name)
                assert name == name.lower(), (path, name)
            descriptions = [
                node.get("description", ""),
                *(node.get("description_localizations") or {}).values(),
            ]
            assert all(1 <= len(text) <= 100 for text in descriptions), path
            texts += max(map(len, names)) + max(map(len, descriptions))
            texts += sum(
                len(str(choice["name"])) + len(str(choice["value"])) for choice in node.get("choices") or []
            )
            assert len(node.get("choices") or []) <= 25, path
            for bound in ("min_value", "max_value"):
                assert abs(node.get(bound, 0)) <= 2**53 - 1, path
        assert texts <= 8000, command["name"]


@looking
async def test_required_options_come_first_and_names_differ_in_every_language(shared: World) -> None:
    for command in await payload(shared):
        for path, node in [
            (command["name"], command),
            *walked(command.get("options") or [], command["name"]),
        ]:
            options = node.get("options") or []
            required = [bool(option.get("required")) for option in options]
            assert required == sorted(required, reverse=True), path
            for locale in (None, *CHINESE):
                names = [
                    (option.get("name_localizations") or {}).get(locale, option["name"]) for option in options
                ]
                assert len(set(names)) == len(names), (path, locale)


@looking
async def test_everything_is_for_servers_only(shared: World) -> None:
    for command in await payload(shared):
        assert command.get("contexts") == [0], command["name"]
        assert command.get("integration_types") == [0], command["name"]


@looking
async def test_generate_has_the_options_people_rely_on(shared: World) -> None:
    (generate,) = [command for command in await payload(shared) if command["name"] == "generate"]
    assert " ".join(option["name"] for option in generate["options"]) == (
        "prompt workflow image image2 mask aspect negative_prompt model lora seed count steps cfg sampler scheduler "
        "denoise width height priority private extra"
    )
    assert not any(option.get("required") for option in generate["options"])


@looking
async def test_imagine_insists_on_a_prompt_alone_so_that_what_is_pasted_behind_it_is_one(
    shared: World,
) -> None:
    (imagine,) = [command for command in await payload(shared) if command["name"] == "imagine"]
    assert [(option["name"], option.get("required", False)) for option in imagine["options"]] == [
        ("prompt", True),
        ("image", False),
        ("aspect", False),
    ]


@looking
async def test_dynamic_controls_have_ids_of_their_own_form(shared: World) -> None:
    patterns = [pattern.pattern for pattern in shared.app.bot._connection._view_store._dynamic_items]
    assert TEMPLATE.pattern in patterns
    example = "job:cancel:" + "0" * 32
    assert [pattern for pattern in patterns if re.fullmatch(pattern, example)] == [TEMPLATE.pattern]
    for pattern in patterns:
        assert re.match(r"[a-z]+:", pattern), pattern


async def test_commands_are_registered_again_only_when_they_changed(world: World) -> None:
    bot = world.app.bot
    await bot.registration.register()
    assert not await bot.registration.register()
    bot.tree.remove_command("generate")
    assert await bot.registration.register()


async def test_commands_that_discord_does_not_take_now_are_registered_later(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registration, tries = world.app.bot.registration, []

    async def sync(*, guild: object = None) -> list[object]:
        tries.append(guild)
        if len(tries) < 3:
            raise discord.HTTPException(SimpleNamespace(status=500, reason=""), "upstream trouble")  # pyright: ignore[reportArgumentType]
        return []

    registration.pace = RegistrationPace(quiet=0.01, gap=0.01, again=0.01)
    monkeypatch.setattr(world.app.bot.tree, "sync", sync)
    world.app.bot.tree.remove_command("generate")
    assert not await registration.attempt()
    assert "upstream trouble" in caplog.text
    registration.change()
    await world.until(lambda: len(tries) == 3)
    assert not await registration.register()


async def test_no_more_new_commands_are_registered_than_discord_takes_in_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registration, tree = world.app.bot.registration, world.app.bot.tree
    monkeypatch.setattr("bot.registration.CREATES_A_DAY", len(tree.get_commands()))

    @tree.command(name="another", description="One more")
    async def another(interaction: discord.Interaction[Any]) -> None: ...

    assert not await registration.attempt()
    assert "more than Discord takes today" in caplog.text
    tree.remove_command("another")
    tree.remove_command("generate")
    assert await registration.register()


async def test_a_command_of_a_workflow_that_discord_takes_amiss_does_not_keep_the_others_back(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tree, synced = world.app.bot.tree, world.app.bot.tree.sync

    async def sync(*, guild: Any = None) -> list[Any]:
        commands = tree.get_commands(guild=guild)
        at = next((number for number, each in enumerate(commands) if each.name == "my-flux"), None)
        if at is None:
            return await synced(guild=guild)
        wrong = {str(at): {"name": {"_errors": [{"code": "X", "message": "not that name"}]}}}
        told = {"code": 50035, "message": "Invalid Form Body", "errors": wrong}
        response: Any = SimpleNamespace(status=400, reason="Bad Request")
        raise discord.app_commands.CommandSyncFailure(discord.HTTPException(response, told), commands)

    monkeypatch.setattr(tree, "sync", sync)
    tree.remove_command("generate")
    assert await world.app.bot.registration.attempt()
    assert "Discord refuses /my-flux: " in caplog.text
    assert "not that name" in caplog.text
    assert "my-flux" not in world.commands()
    assert "my-upscale" in world.commands()
    assert "generate" not in world.commands()
