"""What a refusal says of itself besides its sentence: whether it can be mended, and what it is about."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ClosedError, OptionName, UserError
from bot.policy import Actor, Place, Policy
from bot.runtime import SystemClock
from bot.store import Database, SqlPolicyStore
from bot.ui.forms.extras import parse_extra

MEMBER = Actor(user_id=1, guild_id=10)
CHANNEL = Place(guild_id=10, channel_id=100)


@pytest.fixture
async def policy(tmp_path: Path) -> AsyncIterator[Policy]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await database.open()
    (tmp_path / "words.txt").write_text("forbidden\n", "utf-8")
    policy = Policy(
        SqlPolicyStore(database),
        clock=SystemClock(),
        guilds=[10],
        blocked_words=tmp_path / "words.txt",
    )
    await policy.open()
    yield policy
    await database.close()


async def test_a_ban_and_the_pause_cannot_be_mended_and_everything_else_can(policy: Policy) -> None:
    operator = Actor(user_id=3, guild_id=10, operator=True)
    moderator = Actor(user_id=2, guild_id=10, moderator=True, admin=True)
    for place in (Place(guild_id=11, channel_id=1), Place(guild_id=None, channel_id=1)):
        with pytest.raises(ClosedError) as closed:
            await policy.may_use(MEMBER, place)
        assert not closed.value.mendable
    wishes: list[dict[str, Any]] = [{"texts": ["so forbidden"]}, {"nsfw": True}, {"priority": True}]
    for wrong in wishes:
        with pytest.raises(UserError) as refused:
            await policy.may_generate(MEMBER, CHANNEL, **wrong)
        assert refused.value.mendable, wrong
    await policy.pause(operator)
    with pytest.raises(ClosedError):
        await policy.may_generate(MEMBER, CHANNEL)
    await policy.ban(moderator, MEMBER.user_id)
    with pytest.raises(ClosedError):
        await policy.may_use(MEMBER, CHANNEL)


def test_it_knows_the_options_it_is_about() -> None:
    assert UserError("{name} must be a number.", name=OptionName("steps")).options == ("steps",)
    assert UserError("no", name="steps").options == ()
    with pytest.raises(UserError) as refused:
        parse_extra("just words")
    assert refused.value.options == ("extra",)
