"""Favourites and reminders are kept, counted, and go with their job."""

from dataclasses import replace

import pytest

from bot.jobs.model.ports import HistoryQuery, Standing
from bot.jobs.model.request import JobId
from bot.store import Database, SqlJobStore, SqlMarkStore
from bot.users.marks import Favour, Reminder
from tests.jobs.samples import a_job

ALICE, BOB = 1, 2


def anything_goes(_: Standing) -> None:
    pass


async def test_favourites_are_each_persons_own(database: Database) -> None:
    store, marks = SqlJobStore(database), SqlMarkStore(database)
    liked = await store.accept(a_job(), anything_goes)
    await store.accept(a_job(), anything_goes)
    assert await marks.favour(liked.id, ALICE, at=1.0) == Favour(own=True, count=1)
    assert await marks.favour(liked.id, BOB, at=2.0) == Favour(own=True, count=2)
    requester = liked.request.requester
    query = HistoryQuery(
        viewer=requester.user_id,
        guild_id=requester.guild_id,
        channels=frozenset({requester.channel_id}),
        favourites=True,
    )
    assert (await store.listed(replace(query, viewer=BOB))).jobs == (liked,)
    assert (await store.listed(replace(query, viewer=BOB, channels=frozenset()))).total == 0
    assert await marks.favour(liked.id, BOB, at=3.0) == Favour(own=False, count=1)
    assert (await store.listed(replace(query, viewer=BOB))).total == 0
    assert await marks.favoured(liked.id, ALICE) == Favour(own=True, count=1)
    await store.forget(liked.id)
    assert (await store.listed(replace(query, viewer=ALICE))).total == 0
    with pytest.raises(LookupError):
        await marks.favour(liked.id, ALICE, at=4.0)


async def test_reminders_wait_until_somebody_was_told(database: Database) -> None:
    store, marks = SqlJobStore(database), SqlMarkStore(database)
    job = await store.accept(a_job(), anything_goes)
    await marks.remind(job.id, Reminder(user_id=ALICE, locale="zh-CN"))
    await marks.remind(job.id, Reminder(user_id=BOB, locale="en-US"))
    await marks.remind(job.id, Reminder(user_id=ALICE, locale="zh-CN", direct=True))
    told = Reminder(user_id=ALICE, locale="zh-CN", direct=True), Reminder(user_id=BOB, locale="en-US")
    assert await marks.reminders(job.id) == told
    assert await marks.overdue() == ()
    await store.save(replace(job, delivered_at=5.0))
    assert await marks.overdue() == (job.id,)
    await marks.reminded(job.id, ALICE)
    await marks.reminded(job.id, BOB)
    await marks.reminded(job.id, BOB)
    assert await marks.overdue() == ()
    with pytest.raises(LookupError):
        await marks.remind(JobId("0" * 32), told[0])
