"""What a store is asked for where nothing more is said."""

from bot.jobs.model.ports import HistoryQuery, Standing
from bot.jobs.model.visibility import Viewer


def test_nobody_has_a_job_before_the_first_one():
    nobody = Standing()
    assert (nobody.active, nobody.queued, nobody.today, nobody.last_at, nobody.waiting) == (0, 0, 0, None, {})


def test_who_looks_sees_no_more_than_was_said():
    query, viewer = HistoryQuery(viewer=1, guild_id=10), Viewer(user_id=1, guild_id=10)
    assert (query.everything, viewer.everything) == (False, False)
    assert (query.channels, viewer.channels) == (frozenset(), frozenset())
    assert (query.favourites, query.offset, query.limit) == (False, 0, 10)
