"""The guard rails as members, moderators and operators meet them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.policy import Actor, Card, GuildRules, Place, Policy, Rank, Who
from bot.policy.rules import USUAL, read
from bot.runtime import SystemClock
from bot.store import Database, SqlPolicyStore
from bot.ui.cards.buttons import Action
from bot.workflows.model.workflow import Workflow
from tests.migrated import lay_database

MEMBER = Actor(user_id=1, guild_id=10)
MODERATOR = Actor(user_id=2, guild_id=10, moderator=True)
OPERATOR = Actor(user_id=3, guild_id=10, operator=True)
CHANNEL = Place(guild_id=10, channel_id=100)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    await asyncio.to_thread(lay_database, tmp_path)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await database.open()
    yield database
    await database.close()


async def make(database: Database, tmp_path: Path) -> Policy:
    words = tmp_path / "words.txt"
    words.write_text("forbidden\n", "utf-8")
    policy = Policy(SqlPolicyStore(database), clock=SystemClock(), guilds=[10], blocked_words=words)
    await policy.open()
    return policy


@pytest.fixture
async def policy(database: Database, tmp_path: Path) -> Policy:
    return await make(database, tmp_path)


async def test_a_member_in_a_served_guild_may_generate(policy: Policy):
    await policy.may_generate(MEMBER, CHANNEL, texts=["a cat"])


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(guild_id=None, channel_id=1), "direct messages"),
        (Place(guild_id=11, channel_id=1), "not available"),
    ],
)
async def test_elsewhere_nobody_may(policy: Policy, place: Place, words: str):
    with pytest.raises(UserError, match=words):
        await policy.may_use(OPERATOR, place)


async def test_without_a_list_every_guild_is_served(database: Database):
    policy = Policy(SqlPolicyStore(database), clock=SystemClock())
    await policy.open()
    await policy.may_use(MEMBER, Place(guild_id=99, channel_id=1))


async def test_nsfw_workflows_need_an_age_restricted_channel(policy: Policy):
    with pytest.raises(UserError, match="age-restricted"):
        await policy.may_generate(MEMBER, CHANNEL, nsfw=True)
    await policy.may_generate(MEMBER, Place(guild_id=10, channel_id=100, nsfw=True), nsfw=True)


async def test_priority_is_for_those_who_moderate(policy: Policy):
    with pytest.raises(UserError, match="priority"):
        await policy.may_generate(MEMBER, CHANNEL, priority=True)
    await policy.may_generate(MODERATOR, CHANNEL, priority=True)
    await policy.may_generate(OPERATOR, CHANNEL, priority=True)


async def test_blocked_words_are_named(policy: Policy):
    with pytest.raises(UserError, match="forbidden"):
        await policy.may_generate(MEMBER, CHANNEL, texts=["fine", "so FORBIDDEN!"])


async def test_what_is_not_wanted_may_be_named_in_a_negative_prompt(policy: Policy):
    await policy.may_generate(MEMBER, CHANNEL, texts=["fine"], negative=["forbidden"])
    policy.may_say(["fine"], ["forbidden"])


async def test_a_ban_holds_over_a_restart_until_it_is_lifted(
    policy: Policy, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    await policy.ban(MODERATOR, 1, reason="spam")
    await policy.ban(MODERATOR, 1, reason="more spam")
    restarted = await make(database, tmp_path)
    with pytest.raises(UserError, match="banned"):
        await restarted.may_use(MEMBER, CHANNEL)
    assert [(ban.user_id, ban.by, ban.reason) for ban in await restarted.bans(10)] == [(1, 2, "more spam")]
    await restarted.unban(MODERATOR, 1)
    await restarted.may_use(MEMBER, CHANNEL)
    with pytest.raises(UserError, match="not banned"):
        await restarted.unban(MODERATOR, 1)
    assert [entry.action for entry in await policy.audit(10)] == ["unban", "ban", "ban"]
    assert await policy.audit(11) == ()
    assert "unban by user 2 in guild 10" in caplog.text


async def test_only_moderators_ban_and_never_themselves(policy: Policy):
    with pytest.raises(UserError, match="moderators"):
        await policy.ban(MEMBER, 5)
    with pytest.raises(UserError, match="yourself"):
        await policy.ban(MODERATOR, MODERATOR.user_id)
    with pytest.raises(UserError, match="server"):
        await policy.unban(Actor(user_id=3, guild_id=None, operator=True), 5)


async def test_the_pause_stops_everybody_and_survives_a_restart(
    policy: Policy, database: Database, tmp_path: Path
):
    await policy.pause(OPERATOR)
    with pytest.raises(UserError, match="already"):
        await policy.pause(OPERATOR, reason="again")
    restarted = await make(database, tmp_path)
    with pytest.raises(UserError, match="paused"):
        await restarted.may_generate(OPERATOR, CHANNEL)
    await restarted.may_use(MEMBER, CHANNEL)
    await restarted.resume(OPERATOR)
    await restarted.may_generate(MEMBER, CHANNEL)
    with pytest.raises(UserError, match="not paused"):
        await restarted.resume(OPERATOR)
    assert [entry.action for entry in await policy.audit(None)] == ["resume", "pause"]


async def test_only_operators_pause(policy: Policy):
    for act in (policy.pause, policy.resume):
        with pytest.raises(UserError, match="run the bot"):
            await act(MODERATOR)


async def test_other_acts_are_recorded_too(policy: Policy):
    await policy.note(MODERATOR, "cancel", subject="job 7", detail="x" * 1000)
    (entry,) = await policy.audit(10, limit=1)
    assert (entry.action, entry.subject, len(entry.detail)) == ("cancel", "job 7", 400)


@pytest.mark.parametrize(
    ("rules", "action", "allowed"),
    [
        (GuildRules(), "again", "owner stranger moderator"),
        (GuildRules(), "details", "owner stranger moderator"),
        (GuildRules(), "delete", "owner moderator"),
        (GuildRules(), "spoiler", "owner moderator"),
        (GuildRules(actions={"again": Who.OWNER}), "again", "owner moderator"),
        (GuildRules().with_going_on(Who.OWNER), "vary", "owner moderator"),
        (GuildRules().with_going_on(Who.OWNER), "details", "owner stranger moderator"),
        (GuildRules(actions={"upscale": Who.MODERATORS}), "upscale", "moderator"),
        (GuildRules(actions={"upscale": Who.MODERATORS}), "vary", "owner stranger moderator"),
    ],
)
async def test_who_may_press_what_is_as_the_server_says(
    database: Database, rules: GuildRules, action: str, allowed: str
) -> None:
    policy = Policy(SqlPolicyStore(database), clock=SystemClock())
    await policy.decide(MODERATOR, lambda _: rules)
    place = Place(guild_id=10, channel_id=1)
    people = {"owner": Actor(user_id=1, guild_id=10), "stranger": Actor(user_id=2, guild_id=10)}
    people["moderator"] = Actor(user_id=3, guild_id=10)
    may: list[str] = []
    for name, actor in people.items():
        try:
            moderated = name == "moderator"
            card = Card(owner=1, guild_id=10, visible=True, moderated=moderated)
            await policy.may_act_on_card(actor, place, action, card)
        except UserError:
            continue
        may.append(name)
    assert " ".join(may) == allowed
    assert (await policy.rules(11)) == GuildRules()


@pytest.mark.parametrize("actor", [MEMBER, Actor(user_id=3, guild_id=None, operator=True)])
async def test_rules_are_the_moderators_of_that_server(policy: Policy, actor: Actor) -> None:
    with pytest.raises(UserError):
        await policy.decide(actor, lambda rules: rules.with_going_on(Who.OWNER))
    assert await policy.rules(10) == GuildRules()


async def test_rules_are_kept_and_recorded_and_what_changes_nothing_is_not(
    policy: Policy, database: Database, tmp_path: Path
) -> None:
    decided = await policy.decide(
        MODERATOR, lambda rules: replace(rules.with_going_on(Who.OWNER), upscale="更大")
    )
    assert await policy.decide(MODERATOR, lambda rules: rules) == decided
    again = await make(database, tmp_path)
    assert await again.rules(10) == decided
    assert (decided.going_on, decided.may("cancel"), decided.upscale) == (Who.OWNER, Who.OWNER, "更大")
    assert (await again.rules(11), await again.rules(None)) == (GuildRules(), GuildRules())
    await again.decide(MODERATOR, lambda _: GuildRules())
    latest, first = await again.audit(10)
    assert latest.detail == "usual"
    assert "更大" in first.detail


@pytest.mark.parametrize(
    ("kept", "rules"),
    [
        ("", GuildRules()),
        ("{", GuildRules()),
        ("[1]", GuildRules()),
        ('{"actions": 3, "upscale": 4}', GuildRules()),
        ('{"actions": {"again": "friends", "vary": [], "delete": "moderators"}}', None),
    ],
)
def test_rules_that_a_later_version_wrote_are_read_as_far_as_they_are_known(
    kept: str, rules: GuildRules | None
) -> None:
    found = read(kept)
    assert found == (rules or replace(found, actions={**USUAL, "delete": Who.MODERATORS}))


HERE = Card(owner=1, guild_id=10, visible=True)


@pytest.mark.parametrize(
    ("actor", "card", "action", "refusal"),
    [
        # In the job's own channel, whatever the guild says.
        (Actor(user_id=2, guild_id=10), replace(HERE, moderated=True), "delete", None),
        (MODERATOR, HERE, "delete", "Only the person"),
        (MODERATOR, HERE, "spoiler", "Only the person"),
        # What cannot be seen can be cancelled by moderators, and nothing else.
        (MODERATOR, replace(HERE, visible=False), "cancel", None),
        (MODERATOR, replace(HERE, visible=False), "details", "cannot see"),
        (MODERATOR, replace(HERE, visible=False, private=True), "details", "private"),
        (Actor(user_id=2, guild_id=10), replace(HERE, visible=False), "cancel", "cannot see"),
        # Of another guild nobody touches anything, and one's own is not another guild's either.
        (MODERATOR, replace(HERE, guild_id=11), "cancel", "another server"),
        (Actor(user_id=1, guild_id=10), replace(HERE, guild_id=11), "details", "another server"),
        # What is not known is refused to all, owners and operators too.
        (Actor(user_id=1, guild_id=10), HERE, "explode", "no longer works"),
        (OPERATOR, HERE, "explode", "no longer works"),
        (OPERATOR, HERE, "delete", None),
    ],
)
async def test_what_is_done_to_a_job_is_decided_in_its_channel(
    policy: Policy, actor: Actor, card: Card, action: str, refusal: str | None
) -> None:
    if refusal is None:
        await policy.may_act_on_card(actor, CHANNEL, action, card)
        return
    with pytest.raises(UserError, match=refusal):
        await policy.may_act_on_card(actor, CHANNEL, action, card)


def test_every_button_of_a_card_is_known_to_the_rules() -> None:
    assert {*Action} - {Action.PICK} == USUAL.keys()


async def test_the_banned_keep_what_is_theirs_and_lift_nothing(policy: Policy) -> None:
    await policy.ban(OPERATOR, MODERATOR.user_id)
    await policy.ban(OPERATOR, 5)
    banned = "has banned you"
    for refused in (
        policy.unban(MODERATOR, MODERATOR.user_id),
        policy.unban(MODERATOR, 5),
        policy.ban(MODERATOR, 1),
        policy.decide(MODERATOR, lambda rules: rules.with_going_on(Who.OWNER)),
        policy.may_moderate_guild(MODERATOR, CHANNEL),
        policy.may_act_on_card(MODERATOR, CHANNEL, "cancel", replace(HERE, moderated=True)),
        policy.may_act_on_card(MODERATOR, CHANNEL, "again", replace(HERE, owner=2)),
    ):
        with pytest.raises(UserError, match=banned):
            await refused
    await policy.may_act_on_card(MODERATOR, CHANNEL, "delete", replace(HERE, owner=2))
    assert {ban.user_id for ban in await policy.bans(10)} == {MODERATOR.user_id, 5}


async def test_no_ban_holds_for_an_operator(policy: Policy) -> None:
    await policy.ban(MODERATOR, OPERATOR.user_id)
    with pytest.raises(UserError, match="has banned you"):
        await policy.may_use(replace(OPERATOR, operator=False), CHANNEL)
    await policy.may_generate(OPERATOR, CHANNEL, texts=["a cat"])
    await policy.may_operate(OPERATOR, CHANNEL)
    await policy.unban(OPERATOR, OPERATOR.user_id)


LOW, HIGH = (1, -100), (5, -100)


@pytest.mark.parametrize(
    ("actor", "other", "allowed"),
    [
        (replace(MODERATOR, top_role=LOW), Rank(), True),
        (replace(MODERATOR, top_role=LOW), Rank(role=LOW), True),
        (replace(MODERATOR, top_role=LOW), Rank(role=LOW, moderator=True), False),
        (replace(MODERATOR, top_role=LOW), Rank(role=HIGH), False),
        (replace(MODERATOR, top_role=HIGH), Rank(role=LOW, moderator=True), True),
        (replace(MODERATOR, top_role=HIGH), Rank(owner=True), False),
        (replace(MODERATOR, owner=True), Rank(role=HIGH, moderator=True), True),
        (replace(MODERATOR, owner=True), Rank(operator=True), False),
        (OPERATOR, Rank(owner=True, role=HIGH), True),
        # Of two roles on one position the older one is higher.
        (replace(MODERATOR, top_role=(1, -5)), Rank(role=(1, -6), moderator=True), True),
        (replace(MODERATOR, top_role=(1, -6)), Rank(role=(1, -5), moderator=True), False),
    ],
)
async def test_nobody_acts_against_who_stands_as_high(
    policy: Policy, actor: Actor, other: Rank, allowed: bool
) -> None:
    if allowed:
        policy.may_act_against(actor, other)
        await policy.ban(actor, 5, rank=other)
        return
    with pytest.raises(UserError):
        policy.may_act_against(actor, other)
    with pytest.raises(UserError):
        await policy.ban(actor, 5, rank=other)
    assert await policy.bans(10) == ()


@pytest.mark.parametrize(
    ("roles", "admitted"),
    [
        ((), True),
        ((7,), True),
        (("7",), True),
        (("10:VIP",), True),
        (("11:VIP",), False),
        (("VIP",), False),
        (("8", "10: VIP "), True),
        ((8,), False),
    ],
)
def test_a_workflow_is_for_roles_of_one_guild(
    policy: Policy, roles: tuple[int | str, ...], admitted: bool
) -> None:
    workflow = Workflow(name="w", roles=roles)
    vip = Actor(user_id=1, guild_id=10, roles=frozenset({7}), role_names=frozenset({"VIP"}))
    assert policy.admits(vip, workflow) is admitted
    assert policy.admits(OPERATOR, workflow)
    if not admitted:
        with pytest.raises(UserError, match="certain roles"):
            policy.may_use_workflow(vip, workflow)


@pytest.mark.parametrize(
    ("roles", "concerned"),
    [((), True), ((7,), True), ((8,), False), (("10:VIP",), True), (("11:VIP",), False), (("VIP",), False)],
)
def test_a_workflow_concerns_the_guild_of_its_roles(
    policy: Policy, roles: tuple[int | str, ...], concerned: bool
) -> None:
    assert policy.concerns(Workflow(name="w", roles=roles), 10, frozenset({7})) is concerned


async def test_a_result_attached_again_is_for_whom_its_card_is(policy: Policy) -> None:
    own, foreign = Card(owner=1, guild_id=10), Card(owner=2, guild_id=10)
    await policy.may_go_on_from_file(MEMBER, [foreign])
    await policy.decide(MODERATOR, lambda rules: rules.with_going_on(Who.OWNER))
    await policy.may_go_on_from_file(MEMBER, [])
    await policy.may_go_on_from_file(MEMBER, [foreign, own])
    await policy.may_go_on_from_file(OPERATOR, [foreign])
    await policy.may_go_on_from_file(MEMBER, [replace(foreign, moderated=True)])
    with pytest.raises(UserError, match="only the person who asked"):
        await policy.may_go_on_from_file(MEMBER, [foreign])
    await policy.decide(MODERATOR, lambda rules: rules.with_going_on(Who.MODERATORS))
    with pytest.raises(UserError, match="only moderators"):
        await policy.may_go_on_from_file(MEMBER, [own])
