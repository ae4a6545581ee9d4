"""A job is deleted: its files at once, the rest a minute later; that is taken back, or cut off by a crash in between."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.model.ports import HistoryQuery
from bot.settings import LimitSettings
from bot.ui.messages.pacing import Pace
from tests import faults
from tests.cogs.forging import forge
from tests.cogs.looking import ask
from tests.cogs.pressing import delete, press, restarted, said
from tests.faults import Call, DiscordFaults
from tests.world import PACE, PATIENCE, World, custom_ids

SOON = 1.5
"""Seconds a deletion may be taken back for where a test waits for its end."""


@pytest.fixture
def pace(request: pytest.FixtureRequest) -> Pace:
    return replace(PACE, undo=getattr(request, "param", 60.0))


@pytest.fixture
def limits() -> LimitSettings:
    """Enough for more files than one message takes."""
    return LimitSettings(count=12)


soon = pytest.mark.parametrize("pace", [SOON], indirect=True)


async def finished(world: World, who: Any = None, **options: Any) -> Any:
    card = await world.done(await world.generate(who, prompt="a fox", seed=5, steps=1, **options))
    await world.until(lambda: not world.app.delivery.showing)
    return card


def direct(world: World, who: Any) -> list[Any]:
    channel = who.user.dm_channel
    return list(world.env.backend.messages.get(channel.id, {}).values()) if channel else []


async def exists(world: World) -> bool:
    """Tell whether the job is still in the database."""
    rows = await world.app.jobs._store.by_number(1)
    return rows is not None


async def gone(world: World) -> None:
    async with asyncio.timeout(PATIENCE):
        while await exists(world):  # noqa: ASYNC110 - only the database can tell
            await asyncio.sleep(0.02)


def kept(world: World) -> list[str]:
    """Return the copies of outputs that we have."""
    return [path.name for path in (world.folder / "data" / "outputs").rglob("*.png")]


async def test_the_card_itself_offers_no_delete_and_details_do_to_those_who_may(world: World) -> None:
    card = await finished(world)
    assert "Delete" not in world.buttons(card)
    panels = [
        (await press(world, who, card, "details")).response for who in (world.alice, world.bob, world.mod)
    ]
    assert ["Delete" in world.buttons(panel) for panel in panels] == [True, False, True]
    assert all(panel.ephemeral for panel in panels)
    (owns, _stranger, _mod) = panels
    custom_id = next(each for each in custom_ids(world.stored(owns).components) if ":delete:" in each)
    refused = await forge(world.bob, card, custom_id)
    assert "Only the person who asked for this" in world.text(refused.response)
    assert len(world.files(card)) == 1


async def test_a_job_that_goes_on_is_to_be_cancelled_first(world: World) -> None:
    card = await world.working()
    (job,) = world.app.jobs.active()
    for argument in ("", ":now", ":sure"):
        refused = await forge(world.alice, card, f"job:delete:{job.id}{argument}")
        assert "Cancel it first" in world.text(refused.response)
    world.comfyui.release()
    await world.done(card)


async def test_one_tap_takes_the_files_off_and_undo_brings_them_back(world: World) -> None:
    card = await finished(world, count=12)
    before = [list(world.files(message)) for message in world.messages()]
    assert [len(files) for files in before] == [10, 2]
    panel = await delete(world, world.mod, card)
    public = [message for message in world.messages() if not message.is_ephemeral]
    await world.until(lambda: not any(world.files(message) for message in public))
    assert f"Deleted by <@{world.mod.id}>" in world.text(card)
    assert "a fox" not in world.text(card)
    assert "#1 · alice" in world.text(card), "whose it was is still said"
    assert list(world.buttons(card)) == ["Undo"]
    assert "#1 is deleted, and gone for good" in world.text(panel)
    assert "Undo" in world.buttons(panel)

    for who in (world.alice, world.bob):
        refused = await who.click(card, label="Undo")
        assert "Only the person who deleted this" in world.text(refused.response)
    await world.mod.click(card, label="Undo")
    await world.until(lambda: [list(world.files(message)) for message in public] == before)
    await world.until(lambda: not world.app.delivery.showing)
    assert "a fox" in world.text(card)
    assert "Details" in world.buttons(card)
    again = await world.mod.click(panel, label="Undo")
    assert "nothing to bring back" in world.text(again.followups[0] if again.followups else again.response)
    assert direct(world, world.alice) == [], "nothing has happened"
    record = await world.app.policy.audit(world.guild.id)
    assert [(each.action, each.subject) for each in record] == [("delete", str(world.alice.id))]


async def test_undo_on_the_panel_says_that_it_is_back(world: World) -> None:
    card = await finished(world)
    world.locales[world.alice.id] = "zh-CN"
    panel = await delete(world, world.alice, card)
    assert "已删除 #1" in world.text(panel)
    await world.alice.click(panel, label="撤销")
    assert "已恢复 #1" in world.text(panel)
    await world.until(lambda: len(world.files(card)) == 1)


async def test_meanwhile_nobody_is_shown_it(world: World) -> None:
    card = await finished(world)
    listed = (await world.alice.slash(world.channel, "history", job="1")).response
    custom = {
        each.split(":")[1]: each for each in custom_ids(world.stored(listed).components) if each[:4] == "job:"
    }
    await delete(world, world.alice, card)
    query = HistoryQuery(viewer=world.alice.id, guild_id=world.guild.id)
    assert (await world.app.jobs.history(query)).total == 0
    assert "I cannot find that job" in await ask(world, world.alice, "history", job="1")
    assert await world.alice.autocomplete(world.channel, "history", "job", "") == []
    before = len(world.messages())
    for action in ("again", "edit", "upscale", "use", "vary", "details", "favourite", "spoiler"):
        result = await world.alice.click(listed, custom_id=custom[action])
        answer = result.followups[0] if result.followups else result.response
        assert "no longer known" in world.text(answer), action
    assert all(message.is_ephemeral for message in world.messages()[before:])


@soon
@pytest.mark.parametrize("crashed", [False, True])
async def test_a_minute_later_message_row_and_files_are_gone(world: World, crashed: bool) -> None:
    card = await finished(world, count=12)
    assert len(kept(world)) == 12
    await delete(world, world.alice, card)
    assert await exists(world), "it can still be taken back"
    if crashed:
        await restarted(world)
    await gone(world)
    assert [message for message in world.messages() if not message.is_ephemeral] == []
    await world.until(lambda: not kept(world))
    assert direct(world, world.alice) == [], "who deleted it knows"


async def test_a_crash_between_the_mark_and_the_edit_ends_in_deleted(world: World) -> None:
    card = await finished(world)
    job = await world.app.jobs.find("1")
    assert job is not None
    await world.app.jobs.delete(job.id, by=world.alice.id, seconds=3.0)
    await restarted(world)
    await world.until(lambda: not world.files(card))
    assert "Undo" in world.buttons(card), "the rest of its time it can be taken back still"
    await gone(world)
    assert world.stored(card) is None


async def test_undo_works_after_a_restart(world: World) -> None:
    card = await finished(world)
    await delete(world, world.alice, card)
    await restarted(world)
    await world.alice.click(card, label="Undo")
    await world.until(lambda: len(world.files(card)) == 1)
    await world.until(lambda: not world.app.delivery.showing)
    await restarted(world)
    assert len(world.files(card)) == 1
    assert await exists(world)


@soon
async def test_after_that_it_is_too_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    card = await finished(world)
    panel = await delete(world, world.alice, card)
    undo = next(each for each in custom_ids(world.stored(panel).components) if each.endswith(":undo"))
    await gone(world)
    refused = await forge(world.alice, panel, undo)
    assert "nothing to bring back" in world.text(refused.response)


@soon
async def test_the_owner_of_what_a_moderator_deleted_is_told_and_nobody_else(world: World) -> None:
    world.locales[world.alice.id] = "zh-CN"
    card = await world.done(await world.generate(prompt="a fox", seed=5, steps=1), "完成")
    await world.until(lambda: not world.app.delivery.showing)
    await delete(world, world.mod, card)
    await gone(world)
    (told,) = direct(world, world.alice)
    assert "版主删除了你的 #1" in world.text(told)
    assert world.guild.name in world.text(told)
    assert "fox" not in world.text(told)
    assert "mod" not in world.text(told).replace("mods", ""), "which of them is not said"
    assert [message for message in world.messages() if not message.is_ephemeral] == []


@soon
async def test_who_takes_no_direct_messages_is_not_spoken_of_in_the_channel(
    world: World, discord_faults: DiscordFaults
) -> None:
    card = await finished(world)
    discord_faults.closed.add(world.alice.id)
    await delete(world, world.mod, card)
    await gone(world)
    assert [message for message in world.messages() if not message.is_ephemeral] == []


async def test_a_card_of_old_asks_first(world: World) -> None:
    card = await finished(world)
    job = await world.app.jobs.find("1")
    assert job is not None
    asked = (await forge(world.alice, card, f"job:delete:{job.id}")).response
    assert asked.ephemeral
    assert "Delete #1 for good?" in world.text(asked)
    await world.alice.click(asked, label="Keep")
    assert "stays as it is" in world.text(asked)
    assert len(world.files(card)) == 1
    refused = (await forge(world.bob, card, f"job:delete:{job.id}")).response
    assert "Only the person who asked for this" in world.text(refused)
    await restarted(world)
    asked = (await forge(world.alice, card, f"job:delete:{job.id}")).response
    await world.alice.click(asked, label="Delete for good")
    assert "#1 is deleted." in world.text(asked)
    await gone(world)
    assert world.stored(card) is None


async def test_where_the_card_cannot_be_changed_it_asks_first(
    world: World, discord_faults: DiscordFaults
) -> None:
    card = await finished(world)
    world.env.backend.interaction_tokens.clear()
    discord_faults.channels[world.channel.id] = faults.NO_ACCESS
    panel = await delete(world, world.alice, card)
    assert "cannot change the message" in world.text(panel)
    assert await exists(world)
    assert (await world.app.jobs.find("1")) is not None, "nothing has happened yet"
    await world.alice.click(panel, label="Delete for good")
    await gone(world)
    discord_faults.channels.clear()
    await restarted(world)
    await world.until(lambda: world.stored(card) is None)


@pytest.mark.parametrize("alive", [True, False], ids=["its token lives", "its token is dead"])
async def test_a_private_card_can_be_taken_back_while_its_token_lives(world: World, alive: bool) -> None:
    card = await finished(world, private=True)
    if not alive:
        job = await world.app.jobs.find("1")
        assert job is not None
        assert job.message is not None
        await world.app.jobs.attach_message(job.id, replace(job.message, token_expires=0.0))
    panel = await delete(world, world.alice, card)
    if not alive:
        assert "cannot change the message" in world.text(panel)
        await world.alice.click(panel, label="Delete for good")
        await gone(world)
        return
    assert not world.files(card)
    await world.alice.click(card, label="Undo")
    await world.until(lambda: len(world.files(card)) == 1)
    assert "a fox" in world.text(card)


async def test_what_is_still_being_brought_is_deleted_for_good_and_comes_no_other_way(
    world: World, discord_faults: DiscordFaults
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def halt(call: Call) -> None:
        if call.is_edit and call.sizes and "Done" in call.text:
            reached.set()
            await go_on.wait()

    discord_faults.before = halt
    card = await world.generate(prompt="a fox", seed=5, steps=1)
    await world.until(reached.is_set)
    (job,) = (await world.app.jobs.history(HistoryQuery(viewer=world.alice.id, guild_id=world.guild.id))).jobs
    panel = (await forge(world.alice, card, f"job:delete:{job.id}:now")).response
    assert "Delete for good" in world.buttons(panel)
    assert "still being delivered" in world.text(panel)
    await forge(world.alice, card, f"job:delete:{job.id}:sure")
    await gone(world)
    go_on.set()
    await world.until(lambda: not world.app.delivery.showing)
    assert [message for message in world.messages() if not message.is_ephemeral] == []
    assert direct(world, world.alice) == []


async def test_a_bad_moment_of_discords_does_not_leave_the_files_there(
    world: World, discord_faults: DiscordFaults
) -> None:
    card = await finished(world)
    left = [faults.UNAVAILABLE, faults.RESET, faults.RESET_AFTER]
    discord_faults.decide = lambda call: (
        left.pop() if left and call.is_edit and "Deleted by" in call.text else None
    )
    await delete(world, world.alice, card)
    await world.until(lambda: not left and not world.files(card))
    await world.alice.click(card, label="Undo")
    await world.until(lambda: len(world.files(card)) == 1)


async def test_what_is_taken_back_while_it_is_being_deleted_stays(
    world: World, discord_faults: DiscordFaults
) -> None:
    """The card says Undo already, but Discord's answer to the edit is slow, and is lost then."""
    card = await finished(world)
    job = await world.app.jobs.find("1")
    assert job is not None
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def halt(call: Call) -> None:
        if call.is_edit and "Deleted by" in call.text:
            reached.set()
            await go_on.wait()

    discord_faults.behind = halt
    discord_faults.decide = lambda call: faults.RESET_AFTER if "Deleted by" in call.text else None
    spawn, cards = world.outside.spawn, world.app.delivery
    deleting = spawn(cards.delete(job, by=world.alice.id), name="deleting")
    await world.until(reached.is_set)
    await spawn(cards.undelete(job.id), name="undoing")
    go_on.set()
    await deleting
    await world.until(lambda: not any("deletion of" in task.get_name() for task in world.outside.running))
    await world.until(lambda: not cards.showing)
    assert len(world.files(card)) == 1
    assert "Done" in world.text(card)


async def test_it_can_be_deleted_from_the_history_too(world: World) -> None:
    card = await finished(world)
    listed = (await world.mod.slash(world.channel, "history", user=world.alice, job="1")).response
    await delete(world, world.mod, listed)
    assert not world.files(card)
    assert "Only the person who deleted" in await said(world, world.alice, card, "delete")
