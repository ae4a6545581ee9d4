"""Whose a card is, and who ended or removed a job: said to everybody it concerns, and to nobody else."""

from dataclasses import replace
from typing import Any

import pytest

from bot.settings import LimitSettings
from tests.cogs.filling import opened, restarted, submit
from tests.cogs.pressing import press
from tests.faults import Call, DiscordFaults
from tests.world import World


@pytest.fixture
def limits() -> LimitSettings:
    """Enough for more files than one message takes."""
    return LimitSettings(count=12)


async def form_sent(world: World, who: Any, card: Any) -> Any:
    """Return the card of what was made by sending the form behind *Edit* with other words."""
    form = await opened(who, card, "Edit")
    return (await submit(who, form, Prompt="a wolf")).response


async def test_every_card_says_whose_it_is_and_pings_nobody(
    world: World, discord_faults: DiscordFaults
) -> None:
    calls: list[Call] = []
    discord_faults.after.append(lambda call, _result: calls.append(call))
    card = await world.done(await world.generate(prompt="a fox", seed=5))
    again = (await press(world, world.bob, card, "again")).response
    assert "bob" in world.text(again), "as soon as it is there"
    larger = (await press(world, world.mod, card, "upscale")).response
    sent = await form_sent(world, world.bob, card)
    for made, name in ((card, "alice"), (again, "bob"), (larger, "mod"), (sent, "bob")):
        await world.done(made)
        assert f"· {name}\n" in world.text(made)
    await world.until(lambda: not world.app.delivery.showing)
    shown = [call for call in calls if "Text to image" in call.text and call.body]
    assert shown
    for call in shown:
        allowed = (call.body.get("data") or call.body).get("allowed_mentions")
        assert allowed is not None
        assert not allowed.get("parse"), "a name may look like a mention"
        assert not allowed.get("users")


async def test_further_messages_and_what_a_new_process_shows_say_it_too(world: World) -> None:
    world.comfyui.hold()
    await world.generate(world.bob, prompt="foxes", count=12)
    await restarted(world)
    world.comfyui.release()
    await world.until(lambda: len(world.messages()) == 2 and not world.app.delivery.showing)
    assert all("· bob\n" in world.text(message) for message in world.messages())


async def test_a_name_is_shown_as_it_is_and_does_nothing(world: World) -> None:
    user = world.env.create_user("eve", global_name="**@everyone** \u202e<@1>\n# x")
    eve = world.guild.add_member(user)
    card = await world.done(await world.generate(eve, prompt="a fox"))
    assert r"· \*\*\@everyone\*\* \<\@1\> \# x" in world.text(card)


async def test_words_a_server_forbids_may_stand_in_a_name_too(
    world: World, discord_faults: DiscordFaults
) -> None:
    discord_faults.blocked = "alice"
    card = await world.done(await world.generate(prompt="a fox"))
    assert "alice" not in world.text(card)
    assert f"<@{world.alice.id}>" in world.text(card)


async def test_a_job_whose_person_nobody_noted_the_name_of_shows_a_mention(world: World) -> None:
    await world.done(await world.generate(prompt="a fox"))
    await world.until(lambda: not world.app.delivery.showing)
    job = await world.app.jobs.find("1")
    assert job is not None
    assert job.request.requester.name == "alice"
    nameless = replace(job.request, requester=replace(job.request.requester, name=""))
    await world.app.jobs._store.save(replace(job, request=nameless))
    shown = (await world.bob.slash(world.channel, "history", job="1")).response
    assert f"· <@{world.alice.id}>\n" in world.text(shown)


async def test_a_card_says_that_a_moderator_cancelled(world: World) -> None:
    world.comfyui.hold()
    cards = [await world.generate(prompt=each) for each in ("one", "two", "three")]
    await world.done(cards[0], "Working")
    await press(world, world.mod, cards[0], "cancel")
    await press(world, world.alice, cards[1], "cancel")
    await world.mod.slash(world.channel, "cancel", job="3")
    for card in cards:
        await world.done(card, "Cancelled")
    assert ["by a moderator" in world.text(card) for card in cards] == [True, False, True]
    assert all("· mod" not in world.text(card) for card in cards), "which one is nobody's business"
    record = await world.app.policy.audit(world.guild.id)
    assert [(each.action, each.actor_id, each.subject) for each in record] == [
        ("cancel", world.mod.id, str(world.alice.id))
    ] * 2
