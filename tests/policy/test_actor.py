"""Who acts, on what and where, as far as nothing more is said."""

import pytest

from bot.policy import Actor, Card, Place, Rank


def test_nobody_has_a_right_that_was_not_given() -> None:
    actor = Actor(user_id=1, guild_id=10)
    assert (actor.moderator, actor.admin, actor.operator, actor.owner) == (False,) * 4
    assert (actor.may_moderate, actor.rank) == (False, Rank())
    card = Card(owner=1, guild_id=10)
    assert (card.private, card.visible, card.moderated) == (False,) * 3
    assert not Place(guild_id=10, channel_id=1).nsfw


@pytest.mark.parametrize(
    "actor",
    [
        Actor(user_id=1, guild_id=10, moderator=True),
        Actor(user_id=1, guild_id=10, admin=True),
        Actor(user_id=1, guild_id=10, operator=True),
    ],
)
def test_each_of_these_rights_is_enough_to_moderate(actor: Actor) -> None:
    assert actor.may_moderate
    assert actor.rank == Rank(moderator=True, operator=actor.operator)
