"""Who sees which jobs."""

from dataclasses import replace

import pytest

from bot.jobs.model.job import Job
from bot.jobs.model.visibility import Viewer, sees
from tests.jobs.samples import a_job, a_request

OWN, OPEN, PRIVATE = a_job(a_request(5)), a_job(a_request(1)), a_job(a_request(1, private=True))
HERE = Viewer(user_id=5, guild_id=10, channels=frozenset({100}))


@pytest.mark.parametrize(
    ("viewer", "job", "seen"),
    [
        (replace(HERE, guild_id=None, channels=frozenset()), OWN, True),
        (HERE, OPEN, True),
        (HERE, PRIVATE, False),
        (replace(HERE, channels=frozenset({101})), OPEN, False),
        (Viewer(user_id=5, guild_id=10), OPEN, False),
        (replace(HERE, everything=True, channels=frozenset()), PRIVATE, True),
        (replace(HERE, guild_id=11, everything=True), OPEN, False),
        (replace(HERE, guild_id=None), a_job(a_request(1, guild=None)), False),
    ],
)
def test_a_job_is_seen_where_it_may_be(viewer: Viewer, job: Job, seen: bool):
    assert sees(viewer, job) is seen
