"""/settings: only moderators decide, in their language, across restarts; and what they decide happens."""

from typing import Any

import discord
import pytest
import simcord
from simcord.components import walk_components

from bot.i18n import language_for
from bot.media.stripping.keep import Keep
from bot.policy.rules import GuildRules, Who
from tests.cogs.looking import CHINESE, ENGLISH, answer, ask, check
from tests.world import World, custom_ids

pytestmark = pytest.mark.asyncio(loop_scope="module")

GRAPH = b"KSampler"
"""A name that is in every graph, and so in what ComfyUI writes into a picture."""
TAIWAN = language_for("zh-TW")


async def choose(world: World, who: Any, message: Any, action: str, value: str) -> Any:
    """Choose something in one of the menus; return what answers."""
    result = await who.select(message, [value], custom_id=f"settings:{action}")
    assert result.acknowledged, "This interaction failed"
    return result


def chosen(world: World, message: Any) -> dict[str, str]:
    """Return what each menu shows as what holds."""
    check(world, message)
    menus = [each for each in walk_components(world.stored(message).components) if each.get("type") == 3]
    return {
        menu["custom_id"].removeprefix("settings:"): option["value"]
        for menu in menus
        for option in menu["options"]
        if option.get("default")
    }


async def press(world: World, who: Any, card: Any, action: str) -> Any:
    """Press the card's button for an action; return what came of it."""
    wanted = next(
        each for each in custom_ids(world.stored(card).components) if each.startswith(f"job:{action}:")
    )
    return await who.click(card, custom_id=wanted)


async def moderating(world: World, may: bool) -> None:
    """Give the moderators their right in the server, or take it away."""
    (role,) = [
        each for each in world.env.backend.guilds[world.guild.id].roles.values() if each.name == "mods"
    ]
    world.env.backend.edit_role(
        world.guild.id, role.id, {"permissions": discord.Permissions(manage_messages=may).value}
    )
    known = world.app.bot.get_guild(world.guild.id)
    assert known is not None
    await world.until(
        lambda: any(each.permissions.manage_messages is may for each in known.roles if each.id == role.id)
    )


async def restarted(world: World) -> None:
    await world.crash()
    await world.come_back()


async def test_only_moderators_see_and_change_it(shared: World) -> None:
    command = shared.env.backend.find_command("settings", shared.guild.id)
    assert command is not None
    with pytest.raises(simcord.SetupError, match="not visible"):
        await shared.bob.slash(shared.channel, "settings")
    # A server admin may show the command to anybody; it is still for moderators.
    shared.guild.set_command_permissions(int(command["id"]), {shared.bob: True})
    for lang in (ENGLISH, CHINESE):
        shared.locales[shared.bob.id] = lang.code
        assert await ask(shared, shared.bob, "settings") == lang.t("Only moderators can do this.")
    shared.locales.clear()
    assert command["name_localizations"] == {"zh-CN": "服务器设置", "zh-TW": "伺服器設定"}
    assert int(command["default_member_permissions"]) == discord.Permissions(manage_messages=True).value


async def test_each_choice_is_kept_shown_and_recorded(shared: World) -> None:
    usual = {"others": "anyone", "upscale": "upscale", "metadata": "without paths"}
    message = await answer(shared, shared.mod, "settings")
    assert chosen(shared, message) == usual
    assert "Settings of this server" in shared.text(message)
    shared.locales[shared.mod.id] = "zh-CN"
    await choose(shared, shared.mod, message, "others", Who.OWNER)
    assert CHINESE.t("Settings of this server") in shared.text(message)
    await restarted(shared)

    shared.locales[shared.mod.id] = "zh-TW"
    await choose(shared, shared.mod, message, "metadata", Keep.NOTHING)
    assert TAIWAN.t("Settings of this server") in shared.text(message)
    await choose(shared, shared.mod, message, "upscale", "img2img")
    shared.locales.clear()
    await restarted(shared)
    again = await answer(shared, shared.mod, "settings")
    assert chosen(shared, again) == {"others": "owner", "upscale": "img2img", "metadata": "nothing"}
    noted = await shared.app.policy.audit(shared.guild.id)
    assert [(each.actor_id, each.action) for each in noted] == [
        (shared.mod.id, action) for action in ("rules", "metadata", "rules")
    ]
    assert "img2img" in noted[0].detail

    for action, value in usual.items():
        await choose(shared, shared.mod, again, action, value)
    assert chosen(shared, again) == usual
    assert await shared.app.policy.rules(shared.guild.id) == GuildRules()


async def test_what_is_decided_happens(shared: World) -> None:
    card = await shared.done(await shared.generate(prompt="a fox", seed=5))
    assert GRAPH in b"".join(shared.files(card).values())
    message = await answer(shared, shared.mod, "settings")
    await choose(shared, shared.mod, message, "others", Who.OWNER)
    for lang in (ENGLISH, CHINESE):
        if lang is CHINESE:
            await restarted(shared)
        shared.locales[shared.bob.id] = lang.code
        refusal = lang.t("Only the person who asked for this, or a moderator, can do that.")
        rule = lang.t("Only who asked for a picture, and moderators, can go on from it by its buttons")
        for action in ("again", "vary", "upscale", "edit", "use"):
            refused = (await press(shared, shared.bob, card, action)).response
            assert refused.ephemeral
            assert shared.text(refused) == refusal
        assert "a fox" in shared.text((await press(shared, shared.bob, card, "details")).response)
        assert rule in await ask(shared, shared.bob, "help")
    shared.locales.clear()
    for who in (shared.alice, shared.mod):
        assert (await press(shared, who, card, "edit")).modal is not None

    await choose(shared, shared.mod, message, "upscale", "img2img")
    await choose(shared, shared.mod, message, "metadata", Keep.NOTHING)
    await restarted(shared)
    larger = await shared.done((await press(shared, shared.alice, card, "upscale")).response)
    job = await shared.app.jobs.find(next(custom_ids(shared.stored(larger).components)).split(":")[2])
    assert job is not None
    assert job.request.workflow == "img2img"
    (data,) = shared.files(larger).values()
    assert data.startswith(b"\x89PNG")
    assert GRAPH not in data

    await choose(shared, shared.mod, message, "others", Who.MODERATORS)
    assert chosen(shared, message)["others"] == "moderators"
    for lang in (ENGLISH, CHINESE):
        if lang is CHINESE:
            await restarted(shared)
        for who in (shared.alice, shared.bob):
            shared.locales[who.id] = lang.code
            refused = (await press(shared, who, card, "again")).response
            assert shared.text(refused) == lang.t("Only moderators can do this.")
            rule = lang.t("Only moderators can go on from pictures by their buttons")
            assert rule in await ask(shared, who, "help")
    shared.locales.clear()
    assert (await press(shared, shared.mod, card, "edit")).modal is not None

    await choose(shared, shared.mod, message, "others", Who.ANYONE)
    assert (await press(shared, shared.bob, card, "edit")).modal is not None


async def test_what_is_not_there_any_more_cannot_be_chosen(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await answer(shared, shared.mod, "settings")
    before = await shared.app.policy.rules(shared.guild.id)
    library = shared.app.library
    left = tuple(each for each in library.enabled() if each.name != "upscale")
    monkeypatch.setattr(library, "enabled", lambda: left)
    for language in (ENGLISH, CHINESE):
        shared.locales[shared.mod.id] = language.code
        told = (await choose(shared, shared.mod, message, "upscale", "upscale")).response
        expected = language.t("This workflow is not there any more. Use `/settings` again.")
        assert shared.text(told) == expected
    shared.locales.clear()
    assert await shared.app.policy.rules(shared.guild.id) == before


@pytest.mark.parametrize("lang", [ENGLISH, CHINESE], ids=lambda each: each.code)
async def test_who_moderates_no_more_changes_nothing_with_a_message_left_open(
    shared: World, lang: Any
) -> None:
    message = await answer(shared, shared.mod, "settings")
    services, guild = shared.app.bot.services, shared.guild.id
    before = await services.policy.rules(guild), await services.metadata.kept(guild)
    shared.locales[shared.mod.id] = lang.code
    await moderating(shared, False)
    for action, value in (("others", Who.OWNER), ("upscale", "upscale"), ("metadata", Keep.ALL)):
        told = (await choose(shared, shared.mod, message, action, value)).response
        assert told.ephemeral
        assert shared.text(told) == lang.t("Only moderators can do this.")
    await moderating(shared, True)
    shared.locales.clear()
    assert (await services.policy.rules(guild), await services.metadata.kept(guild)) == before
