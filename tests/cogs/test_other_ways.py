"""The ways a result takes when its card cannot be edited as usual, and a bot that dies on them."""

import asyncio
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.jobs.model.ports import StoreUnavailable
from bot.settings import LimitSettings
from bot.ui.messages.message_api import MessageApi
from tests import faults
from tests.cogs.pressing import press
from tests.faults import Call, DiscordFaults
from tests.world import World


@pytest.fixture
def limits() -> LimitSettings:
    """Enough for more files than one message takes."""
    return LimitSettings(count=12)


async def delivered(world: World) -> None:
    world.comfyui.release()
    await world.until(lambda: not world.app.delivery.showing and not world.app.jobs.active())


def everywhere(world: World) -> list[Any]:
    """Return the bot's messages in all channels."""
    ours = world.env.backend.bot_user.id
    return [
        message
        for messages in world.env.backend.messages.values()
        for message in messages.values()
        if message.author_id == ours
    ]


def refuse_edits(world: World, discord_faults: DiscordFaults, card: Any) -> None:
    """Let the card be editable no more, though new messages may be posted beside it."""
    world.env.backend.interaction_tokens.clear()
    discord_faults.decide = lambda call: (
        faults.NO_PERMISSION if call.is_edit and call.path.endswith(f"/{card.id}") else None
    )


@pytest.mark.parametrize("reason", ["private", "deleted", "refused"])
@pytest.mark.parametrize("when", ["posted", "filling", "filled"])
async def test_a_crash_on_the_way_of_a_new_message_leaves_one(
    world: World, discord_faults: DiscordFaults, when: str, reason: str
) -> None:
    reached = asyncio.Event()

    async def halt(call: Call) -> None:
        new = call.is_post and "Your result" in call.text
        filled = call.is_edit and call.channel_id is not None and bool(call.sizes) and "Done" in call.text
        if new if when.startswith("post") else filled:
            reached.set()
            await asyncio.Event().wait()

    card = await world.working(private=reason == "private")
    setattr(discord_faults, "before" if when.endswith("ing") else "behind", halt)
    if reason == "deleted":
        await world.mod.delete(card)
    else:
        refuse_edits(world, discord_faults, card)
    world.comfyui.release()
    await world.until(reached.is_set)
    await world.crash()
    discord_faults.before = discord_faults.behind = None
    await world.come_back()
    await delivered(world)
    others = [message for message in everywhere(world) if message.id != card.id]
    (new,) = others
    assert len(new.attachments) == 1
    place = world.channel.id if reason == "refused" else world.alice.user.dm_channel.id
    assert new.channel_id == place
    assert "Done" in world.text(new)
    assert ("was deleted" in world.text(new)) == (reason == "deleted")
    left = [item["filename"] for message in everywhere(world) for item in message.attachments]
    assert [name for name in left if name != "preview.jpg"] == [new.attachments[0]["filename"]]


async def test_a_new_message_mentions_its_person_and_nobody_else(
    world: World, discord_faults: DiscordFaults
) -> None:
    posts: list[Call] = []
    discord_faults.after.append(lambda call, _result: posts.append(call) if call.is_post else None)
    refuse_edits(world, discord_faults, await world.working())
    await delivered(world)
    (post,) = posts
    assert f"<@{world.alice.id}> Your result:" in post.text
    assert post.body["allowed_mentions"]["users"] == [world.alice.id]
    assert not post.body["allowed_mentions"].get("parse")


async def test_a_card_that_somebody_deleted_is_not_put_there_again(
    world: World, discord_faults: DiscordFaults
) -> None:
    posts: list[Call] = []
    discord_faults.after.append(lambda call, _result: posts.append(call) if call.is_post else None)
    await world.mod.delete(await world.working())
    await delivered(world)
    assert world.messages() == []
    (direct,) = everywhere(world)
    assert direct.channel_id == world.alice.user.dm_channel.id
    assert len(direct.attachments) == 1
    assert f"Its message in <#{world.channel.id}> was deleted" in world.text(direct)
    assert [post.channel_id for post in posts] == [direct.channel_id]
    shown = (await world.bob.slash(world.channel, "history", job="1")).response
    assert "was deleted" not in world.text(shown), "how it was brought is nobody else's business"


async def test_where_its_person_takes_no_direct_messages_it_waits_in_the_history(
    world: World, discord_faults: DiscordFaults
) -> None:
    discord_faults.closed.add(world.alice.id)
    await world.mod.delete(await world.working())
    await delivered(world)
    assert everywhere(world) == []
    assert world.app.counters.value("deliveries", way="history") == 1
    shown = (await world.alice.slash(world.channel, "history", job="1")).response
    assert "Its message was deleted and I could not send it to you directly" in world.text(shown)
    assert len(world.files(shown)) == 1


async def test_who_is_to_be_told_of_its_end_is_told_directly_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ui.cards.card.LONG", 0.0)
    card = await world.working()
    await world.until(lambda: "Notify me when it is done" in world.buttons(card))
    for who in (world.alice, world.bob):
        await press(world, who, card, "notify")
    await world.mod.delete(card)
    await delivered(world)
    told = await world.until(
        lambda: (
            said
            if len(said := [each for each in everywhere(world) if "#1 is done" in each.content]) == 2
            else None
        )
    )
    assert all(each.channel_id != world.channel.id for each in told)
    bobs = next(each for each in told if each.channel_id == world.bob.user.dm_channel.id)
    assert "discord.com" not in bobs.content, "nobody can follow a link to somebody else's direct message"


async def test_further_messages_follow_a_card_that_was_deleted(world: World) -> None:
    await world.mod.delete(await world.working(count=12))
    await delivered(world)
    assert world.messages() == []
    assert [len(message.attachments) for message in everywhere(world)] == [10, 2]


async def test_a_limit_that_discord_py_will_not_wait_out_is_waited_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = discord.PartialMessage.edit
    limited = [0.05, 0.05]

    async def edit(self: Any, **options: Any) -> Any:
        if limited:
            raise discord.RateLimited(limited.pop())
        return await original(self, **options)

    card = await world.working()
    monkeypatch.setattr(discord.PartialMessage, "edit", edit)
    world.env.backend.interaction_tokens.clear()
    await delivered(world)
    await world.done(card)
    assert limited == []
    assert [len(message.attachments) for message in everywhere(world)] == [1]


async def test_an_old_card_is_edited_once_more_and_no_oftener(
    world: World, discord_faults: DiscordFaults
) -> None:
    edits: list[Call] = []
    card = await world.working()
    world.env.backend.interaction_tokens.clear()
    await world.crash()
    world.pace = replace(world.pace, old=0.0)  # as if an hour had gone by
    refused = [faults.OLD_EDITS, faults.OLD_EDITS]
    discord_faults.decide = lambda call: refused.pop() if call.is_edit and refused else None
    discord_faults.after.append(lambda call, _result: edits.append(call) if call.is_edit else None)
    await world.come_back()
    await delivered(world)
    await world.done(card)
    assert len(edits) == 1
    assert refused == []
    assert len(world.files(card)) == 1


async def test_words_that_stop_even_the_last_edit_leave_the_picture(
    world: World, discord_faults: DiscordFaults
) -> None:
    card = await world.working()
    discord_faults.blocked = "a fox"
    world.comfyui.release()
    await world.done(card)
    assert "a fox" not in world.text(card)
    assert len(world.files(card)) == 1


async def test_a_connection_cut_in_mid_upload_is_tried_again_with_the_whole_file(
    world: World, discord_faults: DiscordFaults
) -> None:
    cut = [faults.RESET, faults.RESET_AFTER, faults.RESET]
    whole: list[tuple[int, ...]] = []

    def decide(call: Call) -> faults.Failure | None:
        if not (call.is_edit and call.sizes) or "preview.jpg" in call.text:
            return None
        whole.append(call.sizes)
        return cut.pop() if cut else None

    discord_faults.decide = decide
    card = await world.done(await world.generate(prompt="a fox"))
    await delivered(world)
    assert len(set(whole)) == 1
    assert len(whole) == 4, "and no oftener than it was cut"
    assert [len(message.attachments) for message in everywhere(world)] == [1]
    assert world.text(card).count("Done") == 1


async def test_what_nobody_foresaw_on_every_way_waits_in_the_history(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    card = await world.working()
    for route in ("edit_by_token", "edit_as_bot", "send", "direct_channel"):
        monkeypatch.setattr(MessageApi, route, broken)
    await delivered(world)
    assert world.app.counters.value("deliveries", way="history") == 1
    monkeypatch.undo()
    number = world.text(card).split("#")[1].split()[0]
    result = await world.alice.slash(world.channel, "history", job=number)
    assert "waits here in /history" in world.text(result.response)
    assert len(world.files(result.response)) == 1


async def test_a_copy_in_a_closed_channel_is_taken_away_by_the_next_process(
    world: World, discord_faults: DiscordFaults
) -> None:
    """The picture arrives there with the answer lost, the channel closes, and the bot dies with the other one sent."""

    def brings_the_picture(call: Call) -> bool:
        # With it or, where the card showed it before the end, around it.
        return call.is_edit and "Done" in call.text

    def close(call: Call, _result: Any) -> None:
        if brings_the_picture(call) and call.token is not None:
            discord_faults.decide = None
            discord_faults.tokens[call.token] = faults.TOKEN_INVALID
            discord_faults.channels[world.channel.id] = faults.NO_ACCESS

    card = await world.working()
    discord_faults.decide = lambda call: faults.RESET_AFTER if brings_the_picture(call) else None
    discord_faults.after.append(close)
    await delivered(world)
    (direct,) = world.env.backend.messages[world.alice.user.dm_channel.id].values()
    assert len(direct.attachments) == 1
    assert len(world.files(card)) == 1, "nobody could take it away there"
    await world.crash()
    discord_faults.channels.clear()
    await world.come_back()
    await world.until(lambda: not world.files(card))
    assert "Done" in world.text(card)
    assert world.text(card).count("Cancel") == 0


async def test_what_could_not_be_accepted_leaves_no_card_that_says_to_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ui.requests.submission.PATIENCE", 0.0)

    async def submit(*_args: Any, **_options: Any) -> Any:
        await world.until(lambda: any("One moment" in world.text(message) for message in world.messages()))
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(world.app.jobs, "submit", submit)
    asked = await world.alice.slash(world.channel, "generate", prompt="a fox", width=64, height=64, steps=1)
    (told,) = asked.followups
    assert told.ephemeral
    assert "Please try again" in world.text(told)
    assert [message.id for message in world.messages()] == [told.id]
