"""A guild's rule about going on from results holds for the same picture attached again."""

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from bot.policy import Actor, Who
from tests.cogs.looking import ask
from tests.cogs.test_pictures import menu
from tests.world import World, custom_ids

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONLY_MODERATORS = "This was made here, and only moderators can go on from it."
NOT_YOURS = "This was made here: only the person who asked for it, or a moderator, can go on from it."


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def result(shared: World) -> bytes:
    """The file of a picture that alice has made, as Discord has it."""
    card = await shared.done(await shared.generate(prompt="a fox of ours", seed=77))
    (data,) = shared.files(card).values()
    return data


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def usual(shared: World) -> AsyncIterator[None]:
    yield
    await decide(shared, Who.ANYONE)


async def decide(world: World, who: Who) -> None:
    mod = Actor(user_id=world.mod.id, guild_id=world.guild.id, moderator=True)
    await world.app.policy.decide(mod, lambda rules: rules.with_going_on(who))


def saved_again(data: bytes) -> bytes:
    """Return the same picture as an image editor saves it: without anything that was written inside."""
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


async def reposted(world: World, who: Any, data: bytes) -> Any:
    return await who.send(world.channel, "look", attachments=[("mine.png", data)])


def told(world: World, result: Any) -> str:
    """Return what somebody is told after the card that was begun is taken back."""
    assert result.response is None
    (refusal,) = result.followups
    assert refusal.ephemeral
    return world.text(refusal)


async def upscaled(world: World, who: Any, message: Any) -> str:
    return told(world, await menu(world, who, "Upscale", message))


async def test_the_menus_go_on_from_it_no_more_than_its_card(shared: World, result: bytes) -> None:
    message = await reposted(shared, shared.bob, result)
    await decide(shared, Who.MODERATORS)
    for who in (shared.bob, shared.alice):
        assert await upscaled(shared, who, message) == ONLY_MODERATORS
        shown = await menu(shared, who, "Use as input", message)
        fields = dict(
            zip(custom_ids(shown.modal["components"]), ("a blue fox", ["-"], ["img2img"]), strict=False)
        )
        assert ONLY_MODERATORS in told(shared, await who.submit_modal(shown, fields))
    await shared.done((await menu(shared, shared.mod, "Upscale", message)).response)
    await decide(shared, Who.OWNER)
    assert await upscaled(shared, shared.bob, message) == NOT_YOURS
    await shared.done((await menu(shared, shared.alice, "Upscale", message)).response)
    await decide(shared, Who.ANYONE)
    await shared.done((await menu(shared, shared.bob, "Upscale", message)).response)


async def test_nor_do_commands_and_forms(shared: World, result: bytes) -> None:
    await decide(shared, Who.MODERATORS)
    refused = await shared.bob.slash(shared.channel, "generate", prompt="a cat", image=("mine.png", result))
    assert ONLY_MODERATORS in told(shared, refused)
    assert not shared.app.jobs.active()


async def test_what_is_written_inside_is_enough_and_without_it_nothing_is_recognised(
    shared: World, result: bytes
) -> None:
    await decide(shared, Who.OWNER)
    longer = await reposted(shared, shared.bob, result + b"\0")
    assert await upscaled(shared, shared.bob, longer) == NOT_YOURS
    other = await reposted(shared, shared.bob, saved_again(result))
    await shared.done((await menu(shared, shared.bob, "Upscale", other)).response)
    said = await ask(shared, shared.mod, "settings")
    assert "one that was saved anew is not recognised" in said


async def test_another_guild_has_rules_of_its_own(shared: World, result: bytes) -> None:
    foreign = shared.env.create_guild("elsewhere")
    room = foreign.create_text_channel("room")
    carol = foreign.add_member(shared.env.create_user("carol"))
    await shared.until(lambda: shared.app.bot.get_guild(foreign.id))
    await decide(shared, Who.MODERATORS)
    message = await carol.send(room, attachments=[("mine.png", result)])
    used = await carol.context_menu(room, "Upscale", message)
    await shared.done(used.response)
