"""Whose rights count where: on the guild by roles, on a card in its own channel, and never against somebody as high."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import pytest_asyncio

from bot.policy import Actor
from tests.cogs.forging import forge
from tests.cogs.looking import ask
from tests.cogs.pressing import delete, press, said
from tests.world import World, custom_ids

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOM = discord.PermissionOverwrite(manage_messages=True, view_channel=True, read_message_history=True)
ONLY_MODERATORS = "Only moderators can do this."
NOT_YOURS = "Only the person who asked for this, or a moderator, can do that."


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rosa(shared: World) -> Any:
    """A member with Manage Messages in one channel, as who opens a ticket has it; all commands are shown to her."""
    rosa = shared.guild.add_member(shared.env.create_user("rosa"))
    for name in ("moderation", "settings", "nodes", "upload"):
        command = shared.env.backend.find_command(name, shared.guild.id)
        assert command is not None
        shared.guild.set_command_permissions(int(command["id"]), {rosa: True, shared.mod: True})
    return rosa


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def room(shared: World, rosa: Any) -> Any:
    """The channel that is hers."""
    room = shared.guild.create_text_channel("ticket", overwrites={rosa: ROOM})
    await shared.until(lambda: shared.app.bot.get_channel(room.id))
    return room


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def unbanned(shared: World) -> AsyncIterator[None]:
    yield
    shared.comfyui.release()
    for ban in await shared.app.policy.bans(shared.guild.id):
        await shared.app.policy.unban(operator(shared), ban.user_id)
    shared.app.bot.owner_id = None


async def asked(world: World, who: Any, room: Any, command: str, **options: Any) -> str:
    result = await who.slash(room, command, **options)
    assert result.response.ephemeral
    return world.text(result.response)


async def test_a_channels_moderator_does_not_act_on_the_guild(shared: World, rosa: Any, room: Any) -> None:
    for command, options in (
        ("moderation ban", {"user": shared.mod}),
        ("moderation ban", {"user": shared.bob}),
        ("moderation unban", {"user": shared.bob}),
        ("settings", {}),
        ("nodes", {}),
    ):
        assert await asked(shared, rosa, room, command, **options) == ONLY_MODERATORS
    assert await shared.app.policy.bans(shared.guild.id) == ()
    refused = await rosa.slash(room, "generate", prompt="a fox", priority=True)
    assert "Only moderators can use `priority`" in shared.text(refused.response)
    assert await rosa.autocomplete(room, "nodes", "name", "") == []
    assert "Only moderators can cancel everything" in await asked(
        shared, rosa, room, "cancel", job="everything"
    )


async def test_a_channels_moderator_acts_on_cards_of_that_channel_only(
    shared: World, rosa: Any, room: Any
) -> None:
    elsewhere = await shared.done(await shared.generate(prompt="elsewhere"))
    forged = await forge(rosa, elsewhere, f"job:delete:{job_id_of(shared, elsewhere)}:now")
    assert shared.text(forged.response) == NOT_YOURS
    assert await said(shared, rosa, elsewhere, "spoiler") == NOT_YOURS
    # Nor from her own channel, where a panel of /history shows the card.
    panel = await rosa.slash(room, "history", job=job_id_of(shared, elsewhere))
    details = await press(shared, rosa, panel.response, "details")
    assert "Delete" not in shared.buttons(details.response)
    assert shared.stored(elsewhere) is not None

    here = await shared.alice.slash(room, "generate", prompt="in the room", width=64, height=64, steps=1)
    card = await shared.done(here.response)
    await delete(shared, rosa, card)
    await shared.until(lambda: not shared.files(card))


async def test_a_channels_moderator_cancels_there_and_not_elsewhere(
    shared: World, rosa: Any, room: Any
) -> None:
    shared.comfyui.hold()
    await shared.generate(prompt="elsewhere")
    await shared.alice.slash(room, "generate", prompt="in the room", width=64, height=64, steps=1)
    await shared.until(lambda: len(shared.app.jobs.active()) == 2)
    away, near = sorted(shared.app.jobs.active(), key=lambda job: job.number)
    assert [each["value"] for each in await rosa.autocomplete(room, "cancel", "job", "")] == [near.id]
    assert await asked(shared, rosa, room, "cancel", job=away.id) == NOT_YOURS
    assert f"Job #{near.number} is" in await asked(shared, rosa, room, "cancel", job=near.id)
    shared.comfyui.release()
    await shared.until(lambda: not shared.app.jobs.active())
    assert (await shared.app.jobs.get(away.id)).state == "succeeded"


async def test_the_banned_lift_nothing_not_even_their_own_ban(shared: World) -> None:
    shared.app.bot.owner_id = shared.bob.id
    command = shared.env.backend.find_command("moderation", shared.guild.id)
    assert command is not None
    shared.guild.set_command_permissions(int(command["id"]), {shared.bob: True})
    assert "can no longer" in await ask(shared, shared.bob, "moderation ban", user=shared.mod)
    for command_, options in (
        ("moderation unban", {"user": shared.mod}),
        ("moderation ban", {"user": shared.alice}),
        ("settings", {}),
    ):
        assert "has banned you" in await ask(shared, shared.mod, command_, **options)
    assert [ban.user_id for ban in await shared.app.policy.bans(shared.guild.id)] == [shared.mod.id]
    await shared.app.policy.unban(operator(shared), shared.mod.id)


async def test_nobody_bans_or_cancels_who_stands_as_high(shared: World) -> None:
    mods = shared.guild.roles["mods"]
    second = shared.guild.add_member(shared.env.create_user("second"), roles=[mods])
    above = shared.guild.create_role("above")
    lofty = shared.guild.add_member(shared.env.create_user("lofty"), roles=[above])
    backend = shared.env.backend
    backend.reorder_roles(shared.guild.id, [{"id": str(above.id), "position": 5}])
    await shared.until(lambda: known(shared, above.id).position > known(shared, mods.id).position)
    higher = "You can only do this to people whose highest role is below yours."
    shared.comfyui.hold()
    for who in (second, lofty):
        assert await ask(shared, shared.mod, "moderation ban", user=who) == higher
        card = await shared.generate(who, prompt="mine", private=True)
        assert card.ephemeral
    await shared.until(lambda: len(shared.app.jobs.active()) == 2)
    for job in shared.app.jobs.active():
        assert await ask(shared, shared.mod, "cancel", job=job.id) == higher
    card = await shared.generate(shared.mod, prompt="the moderator's")
    for who in (second, lofty):
        mine = next(job for job in shared.app.jobs.active() if job.request.requester.user_id == who.id)
        pressed = await forge(shared.mod, card, f"job:cancel:{mine.id}")
        assert shared.text(pressed.response) == higher
    assert "cancelled" in await ask(shared, shared.mod, "cancel", job="all")
    said_ = await ask(shared, shared.mod, "cancel", job="everything")
    assert said_ == "2 jobs stay: the highest role of their owners is not below yours."
    assert len(shared.app.jobs.active()) == 2
    assert await shared.app.policy.bans(shared.guild.id) == ()
    shared.comfyui.release()
    await shared.until(lambda: not shared.app.jobs.active())


def job_id_of(world: World, card: Any) -> str:
    return next(custom_ids(world.stored(card).components)).split(":")[2]


def operator(world: World) -> Any:
    return Actor(user_id=1, guild_id=world.guild.id, operator=True)


def known(world: World, role_id: int) -> discord.Role:
    guild = world.app.bot.get_guild(world.guild.id)
    assert guild is not None
    role = guild.get_role(role_id)
    assert role is not None
    return role
