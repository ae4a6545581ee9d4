"""Old files go when there are too many; those still needed stay, and so does nothing half-written."""

import asyncio
import os
from collections.abc import Set
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.jobs.files.content import ContentStore, derived_name
from bot.jobs.files.retention import YOUNG, Bounded, Retention, bounded
from bot.jobs.files.sweeping import sweep_work, work_name
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.model.request import InputRef
from tests.jobs.samples import a_job, a_request, a_run, an_output, eventually

NOW = 1_800_000_000.0
KB = 1000


class Clock:
    def now(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return NOW


class Store:
    def __init__(
        self,
        unfinished: tuple[Job, ...] = (),
        undelivered: tuple[Job, ...] = (),
        deleted: tuple[Job, ...] = (),
    ) -> None:
        self._unfinished = unfinished
        self._undelivered = undelivered
        self._deleted = deleted
        self.fails = 0

    async def unfinished(self) -> tuple[Job, ...]:
        if self.fails:
            self.fails -= 1
            raise StoreUnavailable("locked")
        return self._unfinished

    async def undelivered(self) -> tuple[Job, ...]:
        return self._undelivered

    async def being_deleted(self) -> tuple[Job, ...]:
        return self._deleted


@pytest.fixture
def content(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "outputs")


async def kept(content: ContentStore, byte: bytes, *, age: float) -> InputRef:
    ref = await content.put(byte * KB, "png")
    os.utime(content.path(ref), (NOW - age, NOW - age))
    return ref


def retention(folder: Path, most: int, store: Store | None = None) -> Retention:
    return Retention(cast("Any", store or Store()), (Bounded(folder, most),), Clock())


def there(content: ContentStore, *refs: InputRef) -> list[bool]:
    return [content.path(ref).exists() for ref in refs]


async def test_the_longest_unused_go_first_and_only_as_many_as_needed(content: ContentStore) -> None:
    refs = [await kept(content, byte, age=YOUNG * age) for byte, age in ((b"a", 5), (b"b", 9), (b"c", 3))]
    swept = await retention(content.root, 2 * KB).look()
    assert (swept.files, swept.size) == (1, KB)
    assert there(content, *refs) == [True, False, True]
    assert (await retention(content.root, 2 * KB).look()).files == 0


async def test_young_files_stay_whatever_they_weigh(content: ContentStore) -> None:
    refs = [await kept(content, b"a", age=YOUNG - 5), await kept(content, b"b", age=YOUNG + 5)]
    await retention(content.root, 0).look()
    assert there(content, *refs) == [True, False]


async def test_a_file_used_again_is_young_again(content: ContentStore) -> None:
    ref = await kept(content, b"a", age=YOUNG * 50)
    assert content.use(ref)
    assert content.path(ref).stat().st_mtime != NOW - YOUNG * 50
    assert not content.use(replace(ref, sha256="0" * 64))


async def test_what_waiting_and_undelivered_jobs_need_stays(content: ContentStore) -> None:
    attached = await kept(content, b"a", age=YOUNG * 9)
    made = await kept(content, b"b", age=YOUNG * 9)
    nobodys = await kept(content, b"c", age=YOUNG * 2)
    waiting = a_job(a_request(inputs={"image": attached}))
    output = replace(an_output(), kept=made)
    done = a_job(runs=(a_run(state=JobState.SUCCEEDED, outputs=(output,)),), state=JobState.SUCCEEDED)
    await retention(content.root, 0, Store((waiting,), (done,))).look()
    assert there(content, attached, made, nobodys) == [True, True, False]
    await retention(content.root, 0, Store(deleted=(waiting, done))).look()
    assert there(content, attached, made) == [True, True], "a deletion may be taken back"


async def test_when_the_store_cannot_say_what_is_needed_nothing_goes(content: ContentStore) -> None:
    ref = await kept(content, b"a", age=YOUNG * 9)
    store = Store()
    store.fails = 1
    keeper = retention(content.root, 0, store)
    with pytest.raises(StoreUnavailable):
        await keeper.look()
    assert there(content, ref) == [True]
    store.fails = 1
    running = asyncio.ensure_future(keeper.run())
    await eventually(lambda: not store.fails)
    assert not running.done()
    running.cancel()


async def test_folders_that_are_not_there_yet_are_no_trouble(tmp_path: Path) -> None:
    keeper = Retention(cast("Any", Store()), bounded(tmp_path, 10**9), Clock())
    await keeper.tidy()
    assert (await keeper.look()).files == 0


async def test_what_a_killed_process_left_half_done_is_removed_at_start(content: ContentStore) -> None:
    whole = await kept(content, b"a", age=1)
    killed = content.root / f".work-{2**22 + 7}-x.part"
    killed.write_bytes(b"half")
    earlier = content.root / work_name("film")
    earlier.mkdir()
    (earlier / "half.mp4").write_bytes(b"half")
    await retention(content.root, 10 * KB).tidy()
    assert there(content, whole) == [True]
    assert not killed.exists()
    assert not earlier.exists()


def test_what_is_being_done_now_stays(tmp_path: Path) -> None:
    mine, others = tmp_path / work_name("x"), tmp_path / f".work-{os.getppid()}-y"
    mine.mkdir()
    others.write_bytes(b"half")
    assert sweep_work(tmp_path) == 0
    os.utime(others, (1, 1))
    assert sweep_work(tmp_path) == 1
    assert mine.exists()


async def test_what_no_job_and_no_form_has_goes_a_day_later(tmp_path: Path) -> None:
    inputs = ContentStore(tmp_path / "inputs")
    attached, lost, fresh = [
        await kept(inputs, byte, age=age) for byte, age in ((b"a", 90_000), (b"b", 90_000), (b"c", 80_000))
    ]

    class WithInputs(Store):
        async def in_use(self, sha256s: Set[str]) -> frozenset[str]:
            return frozenset({attached.sha256} & sha256s)

    keeper = Retention(cast("Any", WithInputs()), (), Clock(), contents=(inputs,))
    swept = await keeper.look()
    assert (swept.files, swept.size) == (1, KB)
    assert there(inputs, attached, lost, fresh) == [True, False, True]


async def test_a_copy_of_a_removed_job_goes_a_day_later_with_what_was_made_of_it(tmp_path: Path) -> None:
    """As where the process died between the removal of a job and that of its files."""
    published = tmp_path / "published"
    published.mkdir()
    outputs = ContentStore(tmp_path / "outputs", derived=(published,))
    of_a_job, orphan = [await kept(outputs, byte, age=90_000) for byte in (b"a", b"b")]
    made = [published / f"{derived_name(outputs.path(ref), 'x')}.png" for ref in (of_a_job, orphan)]
    for path in made:
        path.write_bytes(b"x")

    class WithOutputs(Store):
        async def in_use(self, sha256s: Set[str]) -> frozenset[str]:
            return frozenset({of_a_job.sha256} & sha256s)

    await Retention(cast("Any", WithOutputs()), (), Clock(), contents=(outputs,)).look()
    assert there(outputs, of_a_job, orphan) == [True, False]
    assert [path.exists() for path in made] == [True, False]
