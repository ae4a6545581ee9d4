"""/moderation: who may, what it does, and that it is recorded."""

from typing import Any

import pytest
import pytest_asyncio
import simcord

from tests.cogs.looking import CHINESE, ask
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def olga(shared: World) -> Any:
    """The operator: a member without any right in the server who owns the application."""
    olga = shared.guild.add_member(shared.env.create_user("olga"))
    shared.app.bot.owner_id = olga.id
    command = shared.env.backend.find_command("moderation", shared.guild.id)
    assert command is not None
    shared.guild.set_command_permissions(int(command["id"]), {olga: True, shared.bob: True})
    return olga


async def test_a_ban_keeps_out_and_an_unban_lets_in(shared: World) -> None:
    said = await ask(shared, shared.mod, "moderation ban", user=shared.alice, reason="*spam* @everyone")
    assert said.startswith(f"<@{shared.alice.id}> can no longer use this bot")
    assert r"\*spam\* \@everyone" in said
    message = await shared.generate(prompt="a fox")
    assert message.ephemeral
    assert not shared.app.jobs.active()
    assert "can use this bot again" in await ask(shared, shared.mod, "moderation unban", user=shared.alice)
    await shared.done(await shared.generate(prompt="a fox"))
    entries = await shared.app.policy.audit(shared.guild.id)
    assert [entry.actor_id for entry in entries] == [shared.mod.id, shared.mod.id]
    assert any("spam" in entry.detail for entry in entries)


async def test_impossible_bans_are_refused_kindly(shared: World) -> None:
    shared.locales[shared.mod.id] = "zh-CN"
    said = await ask(shared, shared.mod, "moderation ban", user=shared.mod)
    assert said == CHINESE.t("You cannot ban yourself.")
    shared.locales.clear()
    robot = shared.guild.add_member(shared.env.create_user("robot", bot=True))
    assert await ask(shared, shared.mod, "moderation ban", user=robot) == "Bots cannot use me anyway."
    assert "can use this bot again" not in await ask(shared, shared.mod, "moderation unban", user=shared.bob)


async def test_those_who_run_the_bot_cannot_be_banned(shared: World, olga: Any) -> None:
    said = await ask(shared, shared.mod, "moderation ban", user=olga)
    assert said == "The people who run the bot cannot be banned from it."
    assert await shared.app.policy.bans(shared.guild.id) == ()


async def test_members_do_not_see_it_and_cannot_use_it(shared: World, olga: Any) -> None:
    with pytest.raises(simcord.SetupError, match="not visible"):
        await shared.alice.slash(shared.channel, "moderation ban", user=shared.bob)
    # A server admin may show the command to anybody; what it does is still for moderators.
    for command, options in (
        ("ban", {"user": shared.alice}),
        ("unban", {"user": shared.alice}),
        ("pause", {}),
    ):
        said = await ask(shared, shared.bob, f"moderation {command}", **options)
        assert "can no longer" not in said
        assert "can use" not in said
        assert "Paused" not in said
    assert await shared.app.policy.bans(shared.guild.id) == ()
    assert not await shared.app.policy.paused()


async def test_only_operators_pause_and_resume(shared: World, olga: Any) -> None:
    assert "Paused" not in await ask(shared, shared.mod, "moderation pause")
    assert not await shared.app.policy.paused()
    assert "Paused" in await ask(shared, olga, "moderation pause", reason="new GPU")
    assert (await shared.generate(prompt="a fox")).ephemeral
    assert not shared.app.jobs.active()
    assert "accepted again" not in await ask(shared, shared.mod, "moderation resume")
    shared.locales[olga.id] = "zh-CN"
    assert await ask(shared, olga, "moderation resume") == CHINESE.t("New jobs are accepted again.")
    await shared.done(await shared.generate(prompt="a fox"))
    shared.locales.clear()
    assert "accepted again" not in await ask(shared, olga, "moderation resume")
