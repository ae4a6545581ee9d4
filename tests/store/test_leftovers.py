"""Messages that stayed behind are kept until they are cleared up, also when their job is forgotten."""

from bot.jobs.model.leftover import Leftover
from bot.jobs.model.ports import Standing
from bot.store import Database, SqlJobStore, SqlLeftoverStore
from tests.jobs.samples import a_job

LARGE = 2**62


def anything_goes(_: Standing) -> None:
    pass


async def test_they_are_kept_as_first_noted_oldest_first_and_outlive_their_job(database: Database) -> None:
    jobs, store = SqlJobStore(database), SqlLeftoverStore(database)
    job = await jobs.accept(a_job(), anything_goes)
    second = Leftover(job_id=job.id, channel_id=LARGE, message_id=LARGE + 1, remove=True, since=20.5)
    first = Leftover(job_id=job.id, channel_id=LARGE, message_id=LARGE + 2, remove=False, since=10.5)
    for each in (
        second,
        first,
        Leftover(job_id=job.id, channel_id=1, message_id=LARGE + 2, remove=True, since=99.0),
    ):
        await store.leave(each)
    await jobs.forget(job.id)
    assert await store.leftovers(10) == (first, second)
    assert await store.leftovers(1) == (first,)
    await store.cleared(first.message_id)
    await store.cleared(first.message_id)
    assert await store.leftovers(10) == (second,)
