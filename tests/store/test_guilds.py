"""Servers that were left are noted once, kept while they may come back, and forgotten with all that was stored."""

import pytest

from bot.jobs.departures import GRACE, Departures
from bot.jobs.execution.recovery import guilds_of
from bot.jobs.model.ports import Standing
from bot.policy import Ban
from bot.policy.ports import AuditEntry
from bot.store import Database, SqlGuildStore, SqlJobStore, SqlPolicyStore
from tests.jobs.samples import a_job, a_request

HERE, GONE, OTHER = 10 << 22, 11 << 22, 12 << 22


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


def anything_goes(_: Standing) -> None:
    pass


async def something_of_each(database: Database) -> None:
    policy = SqlPolicyStore(database)
    await SqlJobStore(database).accept(a_job(a_request(1, guild=HERE)), anything_goes)
    await SqlJobStore(database).accept(a_job(a_request(1, guild=None)), anything_goes)
    for guild in (HERE, GONE):
        entry = AuditEntry(at=1.0, actor_id=2, action="ban", guild_id=guild)
        await policy.ban(Ban(guild_id=guild, user_id=3, by=2, at=1.0), entry)
        await policy.set_flag(f"metadata:{guild}", "all", entry)


async def test_a_server_the_bot_is_not_in_is_forgotten_after_a_month(database: Database) -> None:
    await something_of_each(database)
    store, clock = SqlGuildStore(database), Clock()
    departures = Departures(store, clock)
    await departures.left(OTHER)
    clock.time += GRACE
    assert await departures.due() == (), "nobody knows yet which servers the bot is in"
    await departures.seen([HERE, OTHER])
    assert await store.left() == {GONE: clock.time}, "one that is there again is not left"
    first = clock.time
    clock.time += GRACE - 1
    await departures.seen([HERE])
    assert await store.left() == {GONE: first}, "the first time counts"
    assert await departures.due() == ()
    clock.time += 1
    assert await departures.due() == (GONE,)
    await departures.forget(GONE)
    assert await store.mentioned() == {HERE}
    assert await store.left() == {}
    assert [ban.user_id for ban in await SqlPolicyStore(database).bans(HERE)] == [3]
    assert await SqlPolicyStore(database).flag(f"metadata:{HERE}") == "all"
    assert await SqlPolicyStore(database).flag(f"metadata:{GONE}") is None


async def test_a_server_that_comes_back_is_kept(database: Database) -> None:
    await something_of_each(database)
    store, clock = SqlGuildStore(database), Clock()
    departures = Departures(store, clock)
    await departures.seen([HERE])
    await departures.left(GONE)
    clock.time += 2 * GRACE
    await departures.back(GONE)
    assert await departures.due() == ()
    await departures.left(HERE)
    await departures.seen([HERE, GONE])
    assert await store.left() == {}


@pytest.mark.parametrize(("shards", "noticed"), [([0], {HERE}), ([1], {GONE})])
async def test_each_process_looks_after_its_own_servers(
    database: Database, shards: list[int], noticed: set[int]
) -> None:
    await something_of_each(database)
    store, clock = SqlGuildStore(database), Clock()
    departures = Departures(store, clock, guilds_of(2, shards))
    await departures.seen([])
    assert set(await store.left()) == noticed
    await store.leave([HERE, GONE], at=clock.time)
    clock.time += GRACE
    assert set(await departures.due()) == noticed
