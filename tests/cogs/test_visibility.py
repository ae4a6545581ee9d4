"""What others see of jobs: those of channels and threads they can read now, in every list, count and menu."""

import re
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from simcord.backend.models import Overwrite
from simcord.enums import ChannelType, OverwriteType

from tests.cogs.forging import forge
from tests.cogs.looking import answer, ask, menu, named
from tests.cogs.pressing import press, said
from tests.world import World, custom_ids

pytestmark = pytest.mark.asyncio(loop_scope="module")

HIDDEN = discord.PermissionOverwrite(view_channel=False)
SHOWN = discord.PermissionOverwrite(view_channel=True, read_message_history=True)
UNKNOWN = "I cannot find that job. Choose one from the list that opens as you type."
CANNOT_SEE = "This job was made in a channel that you cannot see."


async def made(world: World, who: Any, channel: Any, prompt: str) -> Any:
    """Make something in a channel; return its card."""
    result = await who.slash(channel, "generate", prompt=prompt, width=64, height=64, steps=1)
    return await world.done(result.response)


def id_of(world: World, card: Any) -> str:
    return next(custom_ids(world.stored(card).components)).split(":")[2]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def secret(shared: World) -> Any:
    """A channel that alice can see, and bob and the moderator cannot."""
    secret = shared.guild.create_text_channel(
        "secret", overwrites={shared.guild.default_role: HIDDEN, shared.alice: SHOWN}
    )
    await shared.until(lambda: shared.app.bot.get_channel(secret.id))
    return secret


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hidden(shared: World, secret: Any) -> Any:
    """The card of a job that alice has made there."""
    return await made(shared, shared.alice, secret, "a hidden lair")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def thread(shared: World) -> Any:
    """A private thread in the common channel with alice in it."""
    backend = shared.env.backend
    opened = backend.create_thread(
        shared.channel.id, "whisper", owner_id=shared.alice.id, type=ChannelType.PRIVATE_THREAD
    )
    backend.add_thread_member(opened.id, backend.bot_user.id)
    return next(each for each in shared.channel.threads if each.id == opened.id)


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def released(shared: World) -> AsyncIterator[None]:
    yield
    shared.comfyui.release()
    shared.app.bot.owner_id = None


async def test_no_list_count_or_menu_tells_of_a_channel_that_somebody_cannot_see(
    shared: World, hidden: Any
) -> None:
    await made(shared, shared.alice, shared.channel, "an open field")
    job_id = id_of(shared, hidden)
    assert "a hidden lair" in await ask(shared, shared.alice, "history")
    for who in (shared.bob, shared.mod):
        message = await answer(shared, who, "history", user=shared.alice)
        assert "an open field" in shared.text(message)
        assert "lair" not in shared.text(message)
        assert len(menu(shared, message)["options"]) == 1
        assert await ask(shared, who, "history", job=job_id) == UNKNOWN
        offered = named(await who.autocomplete(shared.channel, "history", "job", "", user=shared.alice))
        assert not any("lair" in name for name in offered)
        assert "lair" not in await ask(shared, who, "history", user=shared.alice, text="lair")


async def test_a_forged_press_gets_nothing_of_it(shared: World, hidden: Any) -> None:
    job_id = id_of(shared, hidden)
    open_ = await made(shared, shared.bob, shared.channel, "a meadow")
    for action in ("details", "again", "edit", "favourite", "use", "delete"):
        result = await forge(shared.bob, open_, f"job:{action}:{job_id}")
        assert shared.text(result.response) == CANNOT_SEE
        assert result.modal is None


async def test_it_is_seen_as_soon_as_the_channel_is_and_no_longer(
    shared: World, secret: Any, hidden: Any
) -> None:
    backend = shared.env.backend
    allow, deny = SHOWN.pair()
    backend.set_overwrite(
        secret.id,
        Overwrite(target_id=shared.bob.id, type=OverwriteType.MEMBER, allow=allow.value, deny=deny.value),
    )
    await shared.until(lambda: _sees(shared, shared.bob, secret))
    assert "a hidden lair" in await ask(shared, shared.bob, "history", user=shared.alice)
    panel = await answer(shared, shared.bob, "history", job=id_of(shared, hidden))
    backend.delete_overwrite(secret.id, shared.bob.id)
    await shared.until(lambda: not _sees(shared, shared.bob, secret))
    assert "lair" not in await ask(shared, shared.bob, "history", user=shared.alice)
    assert await said(shared, shared.bob, panel, "details") == CANNOT_SEE


def _sees(world: World, who: Any, channel: Any) -> bool:
    known: Any = world.app.bot.get_channel(channel.id)
    return known.overwrites_for(discord.Object(who.id)).view_channel is True


async def test_a_card_that_is_there_can_be_used_where_nothing_older_can_be_read(shared: World) -> None:
    live = discord.PermissionOverwrite(read_message_history=False)
    stage = shared.guild.create_text_channel("live", overwrites={shared.bob: live})
    await shared.until(lambda: shared.app.bot.get_channel(stage.id))
    card = await made(shared, shared.alice, stage, "a passing cloud")
    assert "a passing cloud" not in await ask(shared, shared.bob, "history", user=shared.alice)
    assert "a passing cloud" in await said(shared, shared.bob, card, "details")


async def test_a_private_thread_is_for_who_is_in_it(shared: World, thread: Any) -> None:
    card = await made(shared, shared.alice, thread, "a whispered name")
    job_id = id_of(shared, card)
    for who in (shared.bob, shared.mod):
        assert "whispered" not in await ask(shared, who, "history", user=shared.alice)
        assert await ask(shared, who, "history", job=job_id) == UNKNOWN
    backend = shared.env.backend
    backend.add_thread_member(thread.id, shared.bob.id)
    assert "whispered" in await ask(shared, shared.bob, "history", user=shared.alice)
    backend.remove_thread_member(thread.id, shared.bob.id)
    assert "whispered" not in await ask(shared, shared.bob, "history", user=shared.alice)


async def test_an_archived_thread_is_looked_up_once(shared: World) -> None:
    backend = shared.env.backend
    opened = backend.create_thread(
        shared.channel.id, "old", owner_id=shared.alice.id, type=ChannelType.PUBLIC_THREAD
    )
    thread = next(each for each in shared.channel.threads if each.id == opened.id)
    await made(shared, shared.alice, thread, "a dusty scroll")
    guild = shared.app.bot.get_guild(shared.guild.id)
    assert guild is not None
    guild._remove_thread(discord.Object(opened.id))  # as the gateway forgets threads that are archived
    assert guild.get_thread(opened.id) is None
    for _ in range(2):
        assert "a dusty scroll" in await ask(shared, shared.bob, "history", user=shared.alice)


async def test_what_was_made_in_a_channel_that_is_gone_is_its_owners(shared: World) -> None:
    gone = shared.guild.create_text_channel("gone")
    await shared.until(lambda: shared.app.bot.get_channel(gone.id))
    await made(shared, shared.alice, gone, "a lost city")
    assert "a lost city" in await ask(shared, shared.bob, "history", user=shared.alice)
    shared.env.backend.delete_channel(gone.id)
    await shared.until(lambda: shared.app.bot.get_channel(gone.id) is None)
    assert "a lost city" not in await ask(shared, shared.bob, "history", user=shared.alice)
    assert "a lost city" in await ask(shared, shared.alice, "history")


async def test_the_queue_tells_moderators_number_and_owner_and_others_nothing(
    shared: World, secret: Any
) -> None:
    shared.comfyui.hold()
    await shared.alice.slash(secret, "generate", prompt="a lair at work", width=64, height=64, steps=1)
    await shared.until(shared.app.jobs.active)
    (job,) = shared.app.jobs.active()
    queue = await ask(shared, shared.bob, "queue")
    assert "a private job" in queue
    assert f"#{job.number}" not in queue
    queue = await ask(shared, shared.mod, "queue")
    assert f"#{job.number} · hidden · <@{shared.alice.id}>" in queue
    assert job.workflow_title not in queue
    offered = named(await shared.mod.autocomplete(shared.channel, "cancel", "job", ""))
    assert offered[0] == f"#{job.number} · hidden · alice"
    assert await ask(shared, shared.bob, "cancel", job=job.id) == UNKNOWN
    assert f"Job #{job.number} is" in await ask(shared, shared.mod, "cancel", job=str(job.number))
    shared.comfyui.release()
    await shared.until(lambda: not shared.app.jobs.active())


async def test_operators_see_everything(shared: World, hidden: Any) -> None:
    shared.app.bot.owner_id = shared.bob.id
    private = await shared.done(await shared.generate(prompt="a diary", private=True))
    listed = await ask(shared, shared.bob, "history", user=shared.alice)
    assert "a hidden lair" in await ask(shared, shared.bob, "history", user=shared.alice, text="lair")
    assert "a diary" in listed
    shared.app.bot.owner_id = None
    assert "a diary" not in await ask(shared, shared.bob, "history", user=shared.alice)
    assert private.ephemeral


async def test_a_card_does_not_lead_to_what_its_readers_cannot_see(
    shared: World, secret: Any, hidden: Any
) -> None:
    job = await shared.app.jobs.find(id_of(shared, hidden))
    assert job is not None
    panel = await answer(shared, shared.alice, "history", job=job.id)
    before = {each.id for each in shared.messages()}
    await press(shared, shared.alice, panel, "upscale")
    card = await shared.until(
        lambda: next((each for each in shared.messages() if each.id not in before), None)
    )
    await shared.done(card)
    assert "an earlier picture" in shared.text(card)
    assert not re.search(rf"#{job.number}\b", shared.text(card))
    assert str(secret.id) not in shared.text(card)
