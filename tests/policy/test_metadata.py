"""What a server lets out with its files is its moderators' decision, and survives a restart."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.media.stripping.keep import Keep
from bot.policy import Actor
from bot.policy.metadata import MetadataRules
from bot.runtime import SystemClock
from bot.store import Database, SqlPolicyStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlPolicyStore]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await database.open()
    yield SqlPolicyStore(database)
    await database.close()


async def test_moderators_decide_for_their_server(store: SqlPolicyStore) -> None:
    rules, mod = MetadataRules(store, SystemClock()), Actor(user_id=2, guild_id=10, moderator=True)
    assert await rules.kept(10) is Keep.WITHOUT_PATHS
    await rules.decide(mod, Keep.NOTHING)
    again = MetadataRules(store, SystemClock())
    assert [await again.kept(guild) for guild in (10, 11, None)] == [
        Keep.NOTHING,
        Keep.WITHOUT_PATHS,
        Keep.WITHOUT_PATHS,
    ]
    await rules.decide(mod, Keep.WITHOUT_PATHS)
    assert await rules.kept(10) is Keep.WITHOUT_PATHS
    assert [entry.detail for entry in await store.audit(10, 5)] == ["without paths", "nothing"]


@pytest.mark.parametrize(
    "actor", [Actor(user_id=1, guild_id=10), Actor(user_id=2, guild_id=None, moderator=True)]
)
async def test_nobody_else_does(store: SqlPolicyStore, actor: Actor) -> None:
    with pytest.raises(UserError):
        await MetadataRules(store, SystemClock()).decide(actor, Keep.ALL)
