"""What somebody has used up counts on after they removed it, without anybody's name."""

from contextlib import suppress
from dataclasses import replace

from sqlalchemy import text

from bot.jobs.model.job import JobState
from bot.jobs.model.ports import Standing
from bot.store import Database, SqlJobStore, SqlProfileStore
from tests.jobs.samples import a_job, a_request

ALICE, BOB = 123456789012345678, 2
DAY = 86_400.0
MORNING = DAY * 3 + 100


def anything_goes(_: Standing) -> None:
    pass


async def standing(store: SqlJobStore, user: int, at: float) -> Standing:
    """Return what a new job of somebody would be measured against."""
    seen: list[Standing] = []

    class RefusedError(Exception):
        pass

    def look(found: Standing) -> None:
        seen.append(found)
        raise RefusedError

    with suppress(RefusedError):
        await store.accept(a_job(a_request(user), created_at=at), look)
    return seen[0]


async def done(store: SqlJobStore, user: int, at: float, cost: int, state: JobState = JobState.FAILED):
    job = await store.accept(a_job(a_request(user), created_at=at, cost=cost), anything_goes)
    await store.save(job.to(state, finished_at=at + 1))
    return job


async def test_removed_jobs_count_on(database: Database) -> None:
    store = SqlJobStore(database)
    jobs = [await done(store, ALICE, at, cost) for at, cost in ((MORNING, 4), (MORNING + 5, 3), (DAY, 9))]
    jobs.append(await done(store, ALICE, MORNING + 9, 2, JobState.CANCELLED))
    await done(store, BOB, MORNING + 1, 1)
    before = await standing(store, ALICE, MORNING + 50)
    assert (before.today, before.last_at) == (7, MORNING + 5)
    for job in jobs:
        await store.forget(job.id)
        assert replace(await standing(store, ALICE, MORNING + 50), waiting={}) == before
    assert await store.spent(ALICE, midnight=DAY * 3) == 7
    unconfirmed = await store.accept(a_job(a_request(ALICE), created_at=MORNING + 20), anything_goes)
    await store.forget(unconfirmed.id)
    assert await store.spent(ALICE, midnight=DAY * 3) == 7, "nobody heard that it was accepted"
    assert (await SqlProfileStore(database).usage(ALICE, midnight=DAY * 3)).today == 7
    assert (await standing(store, BOB, MORNING + 50)).today == 1
    tomorrow = await standing(store, ALICE, DAY * 4 + 1)
    assert (tomorrow.today, tomorrow.last_at) == (0, MORNING + 5)


async def test_what_is_kept_names_nobody_and_goes_when_its_time_is_over(database: Database) -> None:
    store = SqlJobStore(database)
    job = await done(store, ALICE, MORNING, 4)
    await store.forget(job.id)

    async def rows(table: str) -> list[str]:
        async with database.reading() as connection:
            return [str(row) for row in await connection.execute(text(f"SELECT * FROM {table}"))]

    assert len(await rows("counters")) == 1
    assert str(ALICE) not in "".join([*await rows("counters"), *await rows("key_values")])
    await store.forget_counters(day=DAY * 3, last=MORNING + 1)
    assert len(await rows("counters")) == 1, "its day is not over"
    await store.forget_counters(day=DAY * 4, last=MORNING)
    assert len(await rows("counters")) == 1, "its cooldown is not over"
    await store.forget_counters(day=DAY * 4, last=MORNING + 1)
    assert await rows("counters") == await rows("key_values") == []
