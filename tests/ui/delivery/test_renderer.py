"""One job's card while the job goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.comfy import FileRef, Output, OutputKind
from bot.jobs.model.job import Job, JobOutput, JobState, MessageRef
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.progress.latest_value import LatestValue
from bot.jobs.progress.progress import Snapshot
from bot.observe import Counters
from bot.runtime import SystemClock
from bot.ui.delivery.contexts import CardContext
from bot.ui.delivery.renderer import Renderer
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.media import nothing_smaller
from bot.ui.messages.message_api import Draft
from bot.ui.messages.pacing import ChannelBudget, Pace
from tests.jobs.samples import counting, eventually
from tests.ui.delivery.test_result_delivery import FakeJobs, FakeRoutes, done_job
from tests.ui.jobs import make_job, make_snapshot, with_outputs, with_runs

PACE = Pace(first=0.0, gap=0.001, retry=(0.001,), parting=30.0, belated=0.01)


class WatchedJobs(FakeJobs):
    """Gives a renderer whatever the test puts into the cell."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cell = LatestValue[Snapshot]()

    @asynccontextmanager
    async def watch(self, _job_id: str) -> AsyncGenerator[LatestValue[Snapshot]]:
        yield self.cell


class Attaching(FakeRoutes):
    """Says what is attached after each edit, and keeps in mind whose bytes stand under which name."""

    token_dead = False

    def __init__(self) -> None:
        super().__init__()
        self.standing: dict[int | None, dict[str, bytes]] = {}

    async def edit_by_token(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        if self.token_dead:
            raise DeliveryError(DeliveryErrorKind.TOKEN, "dead")
        return self._attach(ref, draft)

    async def edit_as_bot(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        return self._attach(ref, draft)

    def _attach(self, ref: MessageRef, draft: Draft) -> list[Any]:
        before = self.standing.get(ref.message_id, {})
        now = {each.filename: before[each.filename] for each in draft.keep}
        for upload in draft.uploads:
            assert isinstance(upload.source, Path)
            now[upload.name] = upload.source.read_bytes()
        self.standing[ref.message_id] = now
        return [SimpleNamespace(filename=name) for name in now]


def shown_job() -> Job:
    """Return a job at work whose card an interaction's token can still edit."""
    now = SystemClock().now()
    return make_job(
        JobState.RUNNING,
        created_at=now,
        message=MessageRef(9, 400, "secret", now + 900, application_id=1),
    )


def desk_for(jobs: WatchedJobs, routes: FakeRoutes, pace: Pace = PACE) -> CardContext:
    clock = SystemClock()
    return CardContext(
        jobs=cast("Any", jobs),
        routes=cast("Any", routes),
        budget=ChannelBudget(pace.gap, clock),
        pace=pace,
        clock=clock,
        counters=Counters(),
        leftovers=cast("Any", routes),
        link=lambda _job, _made: None,
        smaller=nothing_smaller,
    )


def picture(node: str, name: str, root: str = "output") -> JobOutput:
    return JobOutput(0, 0, Output(node, OutputKind.IMAGE, FileRef(name, "", root)))


PREVIEWED, FIRST, SECOND = picture("5", "t.png", "temp"), picture("8", "a.png"), picture("9", "b.png")


@pytest.mark.parametrize(
    ("while_running", "at_the_end"),
    [((PREVIEWED,), (FIRST,)), ((FIRST,), (SECOND, FIRST)), ((PREVIEWED, FIRST), (FIRST,))],
    ids=["a preview goes when the result is there", "told in another order", "fewer"],
)
@pytest.mark.parametrize("token_dies", [False, True])
async def test_a_picture_that_was_shown_before_the_end_is_not_taken_for_another(
    while_running: tuple[JobOutput, ...],
    at_the_end: tuple[JobOutput, ...],
    token_dies: bool,
    tmp_path: Path,
) -> None:
    jobs, routes = WatchedJobs(tmp_path), Attaching()
    for made in (PREVIEWED, FIRST, SECOND):
        assert made.output.file is not None
        (tmp_path / made.output.file.filename).write_bytes(made.output.file.filename.encode())
    message = MessageRef(9, 400, "secret", SystemClock().now() + 900, ephemeral=token_dies, application_id=1)
    created = SystemClock().now()

    def own(job: Job) -> Job:
        job = replace(job, message=message, created_at=created)
        return replace(job, request=replace(job.request, private=token_dies))

    running = own(with_runs(make_job(JobState.RUNNING), 0))
    jobs.cell.put(make_snapshot(job=running, outputs=while_running))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(Renderer(running, desk_for(jobs, routes)).run())
        await eventually(lambda: routes.standing.get(400))
        routes.token_dead = token_dies
        done = own(with_outputs(make_job(JobState.SUCCEEDED, finished_at=created), *at_the_end))
        jobs.cell.put(make_snapshot(job=done, outputs=at_the_end))
    has = [data for message in routes.standing.values() for data in message.values()]
    wanted = [made.output.file.filename.encode() for made in at_the_end if made.output.file]
    stale = [data for data in has if data not in wanted]
    assert sorted(set(has) - set(stale)) == sorted(wanted), "everything the job made is there"
    assert len(has) - len(stale) == len(wanted), "and nothing of it twice"
    assert token_dies or not stale, "what is no result does not stay where it can be taken away"


async def test_a_private_card_says_in_time_that_it_changes_no_more(tmp_path: Path) -> None:
    jobs, routes, clock = WatchedJobs(tmp_path), FakeRoutes(), SystemClock()
    soon = clock.now() + PACE.token_margin + PACE.parting + 0.05
    job = make_job(
        JobState.RUNNING,
        message=MessageRef(9, 400, "secret", soon, ephemeral=True, application_id=1),
    )
    job = replace(job, request=replace(job.request, private=True))
    desk = desk_for(jobs, routes)
    jobs.cell.put(make_snapshot(job=job))

    def shown() -> str:
        return str(routes.sent[-1][1].view.to_components()) if routes.sent else ""

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(Renderer(job, desk).run())
        await eventually(lambda: "this one stays as it is now" in shown())
        assert "Working" in shown()
        ended = done_job(jobs, message=job.message)
        jobs.cell.put(make_snapshot(job=replace(ended, request=job.request)))
    assert "stays as it is now" not in shown()
    assert jobs.deliveries == 1


class Hanging(FakeRoutes):
    """Does not answer the first edit."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()

    async def edit_by_token(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        if not self.begun.is_set():
            self.begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.let_go.set()
        return await super().edit_by_token(ref, draft, seconds=seconds)


async def test_the_result_does_not_wait_for_an_edit_that_hangs(tmp_path: Path) -> None:
    jobs, routes = WatchedJobs(tmp_path), Hanging()
    job = shown_job()
    desk = desk_for(jobs, routes, replace(PACE, grace=0.01))
    jobs.cell.put(make_snapshot(job=job))
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(Renderer(job, desk).run())
        await routes.begun.wait()
        jobs.cell.put(make_snapshot(job=done_job(jobs, message=job.message)))
    assert routes.let_go.is_set()
    assert (routes.taken, jobs.deliveries) == (["token"], 1)


async def test_an_edit_under_way_is_given_its_time_when_the_job_ends(tmp_path: Path) -> None:
    jobs, routes, asked = WatchedJobs(tmp_path), FakeRoutes(), asyncio.Event()
    edit, ended = routes.edit_by_token, asyncio.Event()

    async def slow(ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        asked.set()
        await ended.wait()
        await asyncio.sleep(0.01)
        return await edit(ref, draft, seconds=seconds)

    routes.edit_by_token = slow
    job = shown_job()
    jobs.cell.put(make_snapshot(job=job))
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(Renderer(job, desk_for(jobs, routes, replace(PACE, grace=60.0))).run())
        await asked.wait()
        jobs.cell.put(make_snapshot(job=done_job(jobs, message=job.message)))
        ended.set()
    assert (routes.taken, jobs.deliveries) == (["token", "token"], 1)


async def test_progress_waits_for_the_channel_and_the_result_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, routes = WatchedJobs(tmp_path), FakeRoutes()
    job = shown_job()
    desk = desk_for(jobs, routes, replace(PACE, gap=1000.0))
    booked = counting(monkeypatch, desk.budget, "book")
    jobs.cell.put(make_snapshot(job=job))
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(Renderer(job, desk).run())
        await eventually(lambda: len(routes.taken) == 1)
        jobs.cell.put(make_snapshot(job=replace(job, started_at=SystemClock().now() - 30), fraction=0.5))
        await eventually(lambda: len(booked) == 2)
        jobs.cell.put(make_snapshot(job=done_job(jobs, message=job.message)))
    assert (routes.taken, jobs.deliveries) == (["token"] * 2, 1)
    assert desk.budget.book(9) > 2900.0, "the result's own edit counts all the same"


async def test_a_result_is_delivered_when_the_database_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, routes, refusals = WatchedJobs(tmp_path), FakeRoutes(), iter(range(5))
    watch = jobs.watch

    @asynccontextmanager
    async def not_now(_job_id: str) -> AsyncGenerator[LatestValue[Snapshot]]:
        if next(refusals, None) is not None:
            raise StoreUnavailable("OperationalError")
        async with watch(_job_id) as cell:
            yield cell

    monkeypatch.setattr(jobs, "watch", not_now)
    job = done_job(jobs, message=MessageRef(9, 400, "secret", SystemClock().now() + 900, application_id=1))
    jobs.cell.put(make_snapshot(job=job))
    jobs.cell.close()
    async with asyncio.timeout(20):
        await Renderer(job, desk_for(jobs, routes), recovered=True).run()
    assert (routes.taken, jobs.deliveries) == (["token"], 1)
