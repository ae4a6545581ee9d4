"""What people set for themselves is kept, told, and forgotten when they wish."""

from dataclasses import replace

import pytest

from bot.errors import UserError
from bot.jobs.model.job import JobState
from bot.jobs.model.ports import HistoryQuery, Standing
from bot.jobs.model.request import InputRef
from bot.runtime import SystemClock
from bot.store import Database, SqlJobStore, SqlKeyValues, SqlMarkStore, SqlProfileStore
from bot.users.form_drafts import Draft, Drafts
from bot.users.marks import Reminder
from bot.users.profile import Defaults, Notify, Profile, Profiles, Usage
from tests.jobs.samples import a_job, a_request

ALICE, BOB = 1, 2


def anything_goes(_: Standing) -> None:
    pass


async def test_settings_are_each_persons_own_and_known_after_a_restart(database: Database) -> None:
    store = SqlProfileStore(database)
    profiles = Profiles(store)
    await profiles.open()
    assert await profiles.of(ALICE) == Profile()
    await profiles.speak(ALICE, "zh-TW")
    await profiles.notify(ALICE, Notify.DIRECT)
    await profiles.notify(BOB, Notify.MENTION)
    chosen = Defaults({"model": "a.safetensors", "width": 640, "cfg": 4.5}, private=True)
    await profiles.default(ALICE, "txt2img", Defaults({"model": "b"}))
    await profiles.default(ALICE, "txt2img", chosen)
    await profiles.default(ALICE, "flux", Defaults(private=True))
    await profiles.default(ALICE, "flux", Defaults())
    wanted = Profile(language="zh-TW", notify=Notify.DIRECT, defaults={"txt2img": chosen})
    assert await profiles.of(ALICE) == wanted
    assert await profiles.of(BOB) == Profile(notify=Notify.MENTION)

    restarted = Profiles(store)
    await restarted.open()
    assert [restarted.language(user) for user in (ALICE, BOB)] == ["zh-TW", None]
    await profiles.speak(ALICE, None)
    assert restarted.language(ALICE) == "zh-TW"
    assert (await restarted.of(ALICE)).language is None
    assert restarted.language(ALICE) is None


async def test_usage_counts_as_the_limits_do(database: Database) -> None:
    store, profiles = SqlJobStore(database), SqlProfileStore(database)
    assert await profiles.usage(ALICE, midnight=0.0) == Usage()
    old = await store.accept(replace(a_job(a_request(ALICE, count=2)), created_at=50.0), anything_goes)
    await store.accept(replace(a_job(a_request(ALICE, count=3)), created_at=150.0), anything_goes)
    idle = await store.accept(replace(a_job(a_request(ALICE)), created_at=160.0), anything_goes)
    await store.save(idle.to(JobState.CANCELLED, finished_at=161.0))
    await store.accept(replace(a_job(a_request(BOB)), created_at=150.0), anything_goes)
    await SqlMarkStore(database).favour(old.id, ALICE, at=1.0)
    assert await profiles.usage(ALICE, midnight=100.0) == Usage(jobs=3, today=3, favourites=1)


async def test_forgetting_takes_marks_and_settings_of_one_person_alone(database: Database) -> None:
    store, marks, profiles = SqlJobStore(database), SqlMarkStore(database), SqlProfileStore(database)
    job = await store.accept(a_job(a_request(BOB)), anything_goes)
    for user in (ALICE, BOB):
        await marks.favour(job.id, user, at=1.0)
        await marks.remind(job.id, Reminder(user_id=user, locale="en-US"))
        await profiles.set_language(user, "zh-CN")
        await profiles.set_defaults(user, "flux", Defaults(private=True))
    drafts = Drafts(SqlKeyValues(database, SystemClock()), SystemClock())
    ref = InputRef("ef" * 32, "png", 5)
    begun = [
        Draft(id=drafts.new_id(), user_id=user, guild_id=10, workflow="flux", inputs={"image": ref})
        for user in (ALICE, BOB)
    ]
    for draft in begun:
        await drafts.keep(draft)
    assert await Profiles(profiles).forget(ALICE) == (ref,)
    assert await store.attached(ref.sha256), "the other form has it"
    assert await drafts.of(begun[1].id, BOB) == begun[1]
    with pytest.raises(UserError, match="has expired"):
        await drafts.of(begun[0].id, ALICE)
    assert await profiles.profile(ALICE) == Profile()
    assert await profiles.languages() == {BOB: "zh-CN"}
    assert [each.user_id for each in await marks.reminders(job.id)] == [BOB]
    assert (await marks.favoured(job.id, BOB)).count == 1


async def test_history_is_filtered_by_workflow_and_day(database: Database) -> None:
    store = SqlJobStore(database)
    for at, workflow in ((10.0, "flux"), (20.0, "txt2img"), (30.0, "flux")):
        request = replace(a_request(ALICE), workflow=workflow)
        await store.accept(replace(a_job(request), created_at=at), anything_goes)
    query = HistoryQuery(viewer=ALICE, guild_id=10)

    async def found(**wanted: object) -> list[float]:
        return [job.created_at for job in (await store.listed(replace(query, **wanted))).jobs]

    assert await found(workflows=("flux",)) == [30.0, 10.0]
    assert await found(workflows=("flux", "txt2img"), since=20.0) == [30.0, 20.0]
    assert await found(since=31.0) == []


async def test_inputs_are_known_as_long_as_a_job_has_them(database: Database) -> None:
    store = SqlJobStore(database)
    ref = InputRef("ab" * 32, "png", 5)
    job = await store.accept(a_job(a_request(ALICE, inputs={"image": ref})), anything_goes)
    assert await store.attached(ref.sha256)
    assert await store.ended_of(job.request.requester.user_id, 5) == ()
    ended = job.to(JobState.CANCELLED, finished_at=5.0)
    await store.save(ended)
    assert await store.ended_of(job.request.requester.user_id, 5) == (ended,)
    await store.forget(job.id)
    assert not await store.attached(ref.sha256)
