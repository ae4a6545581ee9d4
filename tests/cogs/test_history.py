"""/history: pages with small pictures, one job in detail, and nothing of what is private or of other servers."""

import asyncio
import re
from typing import Any

import pytest
from simcord.components import walk_components

import bot.ui.interactions.components
import cogs.history.history_queries
from bot.i18n import Language
from bot.jobs.model.job import Job
from bot.jobs.model.ports import HistoryQuery
from cogs.history.filters import MENU
from tests.cogs.forging import forge
from tests.cogs.looking import CHINESE, ENGLISH, Trouble, answer, ask, choose, menu, named, press
from tests.world import World, custom_ids

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN = "I cannot find that job. Choose one from the list that opens as you type."


async def known(world: World, who: Any, **wanted: Any) -> tuple[Job, ...]:
    """Return what somebody made, newest first, as they may see it."""
    wanted = {"user_id": who.id, **wanted}
    query = HistoryQuery(viewer=who.id, guild_id=world.guild.id, **wanted)
    return (await world.app.jobs.history(query)).jobs


async def made(world: World, who: Any, prompt: str, **options: Any) -> Job:
    """Make something and wait for it."""
    await world.done(await world.generate(who, prompt=prompt, **options))
    return (await known(world, who, limit=1))[0]


def thumbnails(world: World, message: Any) -> list[str]:
    """Return the attachment names of the small pictures shown."""
    shown = [each for each in walk_components(world.stored(message).components) if each.get("type") == 11]
    return [str(each["media"]["url"]) for each in shown]


async def test_nothing_yet_in_both_languages(shared: World) -> None:
    assert "You have made nothing here yet." in await ask(shared, shared.alice, "history")
    shared.locales[shared.alice.id] = "zh-CN"
    said = await ask(shared, shared.alice, "history", user=shared.bob)
    assert CHINESE.t("{person} has made nothing here that you may see.", person=f"<@{shared.bob.id}>") in said
    shared.locales.clear()


async def test_pages_with_small_pictures(shared: World) -> None:
    for number in range(6):
        await made(shared, shared.alice, f"a *fox* number {number}")
    message = await answer(shared, shared.alice, "history")
    said = shared.text(message)
    assert "Your history" in said
    assert r"> a \*fox\* number 5" in said
    assert "number 0" not in said
    assert len(thumbnails(shared, message)) == 5
    files = shared.files(message)
    assert len(files) == 5
    assert all(data[8:12] == b"WEBP" and len(data) < 30_000 for data in files.values())

    turned = await press(shared, shared.alice, message, "Next")
    assert "number 0" in turned
    assert "Page 2 of 2" in turned
    assert len(shared.files(message)) == 1


async def test_one_job_in_detail_and_the_way_back(shared: World) -> None:
    message = await answer(shared, shared.alice, "history")
    await press(shared, shared.alice, message, "Next")
    (option,) = menu(shared, message)["options"]
    detail = await choose(shared, shared.alice, message, option["value"])
    assert r"a \*fox\* number 0" in detail
    assert "Seed " in detail
    assert len(shared.gallery(message)) == 1
    buttons = shared.buttons(message)
    assert {"Again", "Edit", "Details", "Back to the list"} <= set(buttons)
    assert buttons["Go to the message"]["url"].startswith(
        f"https://discord.com/channels/{shared.guild.id}/{shared.channel.id}/"
    )
    assert "Page 2 of 2" in await press(shared, shared.alice, message, "Back to the list")


async def test_a_job_by_its_number_and_by_suggestion(shared: World) -> None:
    offered = await shared.alice.autocomplete(shared.channel, "history", "job", "number 3")
    assert "a *fox* number 3" in named(offered)[0]
    assert r"a \*fox\* number 3" in await ask(shared, shared.alice, "history", job=offered[0]["value"])
    assert r"a \*fox\* number" in await ask(shared, shared.bob, "history", job="#2")
    assert await ask(shared, shared.bob, "history", job="4711") == UNKNOWN
    foreign = await shared.bob.autocomplete(shared.channel, "history", "job", "", user=shared.alice)
    assert len(foreign) == 6


async def narrow(world: World, who: Any, message: Any, *values: str) -> str:
    """Choose in the menu to filter by; return what the message says then."""
    (found,) = [each for each in custom_ids(world.stored(message).components) if each.startswith(MENU)]
    result = await who.select(message, list(values), custom_id=found)
    assert result.acknowledged, "This interaction failed"
    return world.text(message)


def numbers(said: str) -> list[str]:
    """Return the numbers of the foxes a page shows."""
    return re.findall(r"number (\d)", said)


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], ids=lambda each: each.code)
async def test_a_page_is_filtered_turned_and_looked_at_across_restarts(
    shared: World, language: Language
) -> None:
    alice = shared.alice
    shared.locales[alice.id] = language.code
    services = shared.app.bot.services
    (liked,) = await known(shared, alice, text="number 2")
    if language is ENGLISH:
        await services.marks.favour(liked.id, alice.id, at=1.0)
    message = await answer(shared, alice, "history", text="FOX", workflow="txt2img", since="1d")
    assert numbers(shared.text(message)) == ["5", "4", "3", "2", "1"]
    assert f"[#{liked.number}](https://discord.com/channels/{shared.guild.id}/" in shared.text(message)

    await shared.crash()
    await shared.come_back()
    assert numbers(await press(shared, alice, message, language.t("Next"))) == ["0"]
    kept = ("text:FOX", "workflow:txt2img", "since:1d", "favourites")
    assert numbers(await narrow(shared, alice, message, *kept)) == ["2"]
    detail = await choose(shared, alice, message, liked.id)
    assert language.t("Back to the list") in detail
    assert numbers(await press(shared, alice, message, language.t("Back to the list"))) == ["2"]
    assert language.t("Nothing matches. Change the filter below.") in await narrow(
        shared, alice, message, "text:FOX", "workflow:img2img"
    )
    assert numbers(await narrow(shared, alice, message)) == ["5", "4", "3", "2", "1"]
    shared.locales.clear()


async def test_pictures_fill_a_page_and_everybodys_are_a_tap_away(shared: World) -> None:
    await made(shared, shared.bob, "an owl for all")
    message = await answer(shared, shared.alice, "history", since="1d")
    await press(shared, shared.alice, message, "As pictures")
    assert len(shared.gallery(message)) == 6
    assert all(len(data) < 60_000 for data in shared.files(message).values())
    said = await press(shared, shared.alice, message, "Everybody's")
    assert "Everybody's history" in said
    assert f"<@{shared.bob.id}>" in said
    assert len(shared.gallery(message)) == 7
    assert "an owl for all" in await press(shared, shared.alice, message, "As a list")
    (owl,) = await known(shared, shared.bob)
    await shared.app.bot.services.marks.favour(owl.id, shared.alice.id, at=2.0)
    liked = await ask(shared, shared.alice, "history", favourites=True)
    assert "an owl for all" in liked
    assert numbers(liked) == ["2"]
    assert "Your history" in await press(shared, shared.alice, message, "Only mine")
    assert "an owl" not in shared.text(message)
    shown = await answer(shared, shared.alice, "history", job=str(owl.number))
    again = await shared.alice.click(shown, label="Again")
    await shared.done(again.response)
    assert "an owl for all" in shared.text(again.response)
    his = await answer(shared, shared.alice, "history", user=shared.bob)
    said = await press(shared, shared.alice, his, "As pictures")
    assert f"History of <@{shared.bob.id}>" in said
    assert f"#{owl.number}" in said
    for user in (shared.alice, shared.bob):
        (newest, *_) = await known(shared, user, text="owl")
        await shared.app.jobs.forget(newest.id)


async def test_what_cannot_be_a_day_is_said_and_the_usual_ones_are_offered(shared: World) -> None:
    assert "as 2026-01-31" in await ask(shared, shared.alice, "history", since="soon")
    offered = await shared.alice.autocomplete(shared.channel, "history", "since", "")
    assert named(offered) == ["Last 24 hours", "Last 7 days", "Last 30 days"]
    offered = await shared.alice.autocomplete(shared.channel, "history", "workflow", "flux")
    assert offered[0]["value"] == "flux"


async def test_private_jobs_are_their_owners_alone(shared: World) -> None:
    job = await made(shared, shared.bob, "a private thing", private=True)
    assert "🔒 private" in await ask(shared, shared.bob, "history")
    assert "a private thing" in await ask(shared, shared.bob, "history", job=str(job.number))
    for other in (shared.alice, shared.mod):
        assert "private" not in await ask(shared, other, "history", user=shared.bob)
        assert await ask(shared, other, "history", job=job.id) == UNKNOWN
        assert not await other.autocomplete(shared.channel, "history", "job", "", user=shared.bob)


async def test_other_servers_are_never_shown(shared: World) -> None:
    foreign = shared.env.create_guild("elsewhere")
    room = foreign.create_text_channel("room")
    abroad = foreign.add_member(shared.alice.user)
    await shared.until(lambda: shared.app.bot.get_guild(foreign.id))
    result = await abroad.slash(room, "history")
    assert "You have made nothing here yet." in shared.text(result.response)
    result = await abroad.slash(room, "history", job="1")
    assert shared.text(result.response) == UNKNOWN


async def test_pictures_for_adults_stay_in_their_channels(shared: World) -> None:
    adult = shared.guild.create_text_channel("late")
    channel = await shared.until(lambda: shared.app.bot.get_channel(adult.id))
    # The simulation knows no age restriction; what the bot remembers of the channel does.
    channel.nsfw = True
    result = await shared.mod.slash(adult, "generate", prompt="something late")
    await shared.until(lambda: not shared.app.jobs.active())
    (job,) = await known(shared, shared.mod)
    assert result.response is not None
    message = await answer(shared, shared.alice, "history", user=shared.mod)
    said = shared.text(message)
    assert "Shown in age-restricted channels only." in said
    assert "something late" not in said
    assert not shared.files(message)
    assert "late" not in menu(shared, message)["options"][0]["label"]
    refusal = await ask(shared, shared.alice, "history", job=job.id)
    assert refusal == "This job can be shown in age-restricted channels only."
    inside = await shared.alice.slash(adult, "history", user=shared.mod)
    assert "something late" in shared.text(inside.response)


@pytest.mark.parametrize("action", ["reset", "hang", "status"])
async def test_without_the_server_the_words_are_still_there(
    shared: World, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr(cogs.history.history_queries, "THUMBNAILS_WITHIN", 0.2)
    monkeypatch.setattr(bot.ui.interactions.components, "WITHIN", 0.3)
    job = await made(shared, shared.bob, f"while {action}")
    for kept in (shared.folder / "data" / "outputs", shared.folder / "data" / "inputs"):
        for file in kept.rglob("*.png"):
            file.unlink()
    with Trouble(shared, "/view", action):
        async with asyncio.timeout(5):
            said = await ask(shared, shared.bob, "history")
            detail = await ask(shared, shared.bob, "history", job=str(job.number))
    assert f"while {action}" in said
    assert f"while {action}" in detail


async def test_files_that_discord_refuses_are_named_instead(shared: World) -> None:
    job = await made(shared, shared.bob, "something heavy")
    shared.env.inject_error(
        "PATCH", "/webhooks/*", status=413, code=40005, message="Request entity too large"
    )
    message = await answer(shared, shared.bob, "history", job=str(job.number))
    said = shared.text(message)
    assert "something heavy" in said
    assert "is too large for Discord" in said
    assert not shared.files(message)


async def test_the_list_survives_a_restart_and_what_was_deleted(shared: World) -> None:
    message = await answer(shared, shared.alice, "history")
    await press(shared, shared.alice, message, "Next")
    await shared.crash()
    await shared.come_back()
    (option,) = menu(shared, message)["options"]
    await shared.app.jobs.forget(option["value"])
    refreshed = await press(shared, shared.alice, message, "Refresh")
    assert "number 5" in refreshed
    assert "Page" not in refreshed


@pytest.mark.parametrize("typed", ["9" * 19, "9" * 4300, "9" * 6000, "#" + "0" * 5000, "٣" * 40, "²"])
async def test_no_number_is_too_long_to_be_unknown(shared: World, typed: str) -> None:
    assert await ask(shared, shared.alice, "history", job=typed) == UNKNOWN


@pytest.mark.parametrize(
    "argument",
    ["page:0:" + "9" * 20, "page:9999999:1", "page:0:²", "page:٣:٣", "whose:0:" + "9" * 80, "back::"],
)
async def test_forged_places_in_the_history_show_a_page(shared: World, argument: str) -> None:
    message = await answer(shared, shared.alice, "history")
    result = await forge(shared.alice, message, f"history:{argument}")
    assert "istory" in shared.text(message)
    assert not result.followups


async def test_a_forged_filter_is_left_out(shared: World) -> None:
    message = await answer(shared, shared.alice, "history")
    (found,) = [each for each in custom_ids(shared.stored(message).components) if each.startswith(MENU)]
    for value in ("since:xd", "since:99999999999999999999d", "since:d", "no such entry"):
        await forge(shared.alice, message, found, [value])
        assert "history" in shared.text(message)


@pytest.mark.parametrize("typed", [" ", "\u200b", "\ud800"])
async def test_a_workflow_that_cannot_be_seen_filters_nothing(shared: World, typed: str) -> None:
    message = await answer(shared, shared.alice, "history", workflow=typed)
    assert "history" in shared.text(message)
    assert shared.unlawful == []


async def test_blank_entries_of_a_forged_filter_are_left_out(shared: World) -> None:
    message = await answer(shared, shared.alice, "history")
    (found,) = [each for each in custom_ids(shared.stored(message).components) if each.startswith(MENU)]
    for value in ("workflow:", "workflow:\u200b", "workflow:\ud800", "text:"):
        await forge(shared.alice, message, found, [value])
        assert "history" in shared.text(message)
        assert shared.unlawful == []
