"""Which attached files jobs and forms have; one person's take no more than their part."""

from pathlib import Path

import pytest

from bot.errors import UserError
from bot.jobs.files import share as module
from bot.jobs.files.content import ContentStore
from bot.jobs.files.share import Share
from bot.jobs.model.job import JobState
from bot.jobs.model.request import InputRef
from bot.store import Database, SqlJobStore
from tests.jobs.rooms import roomy
from tests.jobs.samples import a_job, a_request

ALICE, BOB = 1, 2
KB = 1000


async def with_file(
    store: SqlJobStore, content: ContentStore, user: int, byte: bytes, *, ended: bool
) -> InputRef:
    ref = await content.put(byte * KB, "png")
    job = await store.accept(a_job(a_request(user, inputs={"image": ref})), lambda _: None)
    if ended:
        await store.save(job.to(JobState.CANCELLED, finished_at=1.0, delivered_at=1.0))
    return ref


async def test_the_oldest_of_a_persons_own_files_make_room(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST", 3 * KB)
    store, content = SqlJobStore(database), ContentStore(tmp_path, space=roomy(tmp_path))
    share = Share(store, content, 0)
    bobs = await with_file(store, content, BOB, b"b", ended=True)
    first, second, third = [
        await with_file(store, content, ALICE, byte, ended=True) for byte in (b"1", b"2", b"3")
    ]
    await share.make_room(ALICE, 0)
    await share.make_room(BOB, 2 * KB)
    there = [content.path(each).exists() for each in (bobs, first, second, third)]
    assert there == [True, True, True, True]
    await share.make_room(ALICE, KB)
    there = [content.path(each).exists() for each in (bobs, first, second, third)]
    assert there == [True, False, True, True]


async def test_what_unfinished_jobs_need_stays_and_the_person_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST", 2 * KB)
    store, content = SqlJobStore(database), ContentStore(tmp_path, space=roomy(tmp_path))
    refs = [await with_file(store, content, ALICE, byte, ended=False) for byte in (b"1", b"2")]
    with pytest.raises(UserError, match="unfinished jobs need them"):
        await Share(store, content, 0).make_room(ALICE, KB)
    assert all(content.path(each).exists() for each in refs)


async def test_files_of_jobs_and_of_forms_are_known(database: Database, tmp_path: Path) -> None:
    store, content = SqlJobStore(database), ContentStore(tmp_path, space=roomy(tmp_path))
    first = await with_file(store, content, ALICE, b"1", ended=True)
    second = await with_file(store, content, ALICE, b"2", ended=True)
    again = await with_file(store, content, ALICE, b"1", ended=True)
    assert again == first
    assert await store.inputs_of(ALICE) == (second, first), "used again is used last"
    assert await store.inputs_of(BOB) == ()
    assert await store.in_use({first.sha256, second.sha256, "0" * 64}) == {first.sha256, second.sha256}
