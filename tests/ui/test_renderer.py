"""One job's card while the job goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from bot.jobs.job import JobState, MessageRef
from bot.jobs.latest import Latest
from bot.jobs.progress import Snapshot
from bot.observe import Counters
from bot.runtime import SystemClock
from bot.ui.means import Desk
from bot.ui.media import nothing_smaller
from bot.ui.pacing import ChannelBudget, Pace
from bot.ui.renderer import Renderer
from tests.ui.jobs import make_job, make_snapshot
from tests.ui.test_final import FakeJobs, FakeRoutes, done_job

PACE = Pace(first=0.0, gap=0.001, retry=(0.001,), parting=30.0)


class WatchedJobs(FakeJobs):
    """Gives a renderer whatever the test puts into the cell."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cell = Latest[Snapshot]()

    @asynccontextmanager
    async def watch(self, _job_id: str) -> AsyncGenerator[Latest[Snapshot]]:
        yield self.cell


async def test_a_private_card_says_in_time_that_it_changes_no_more(tmp_path: Path) -> None:
    jobs, routes, clock = WatchedJobs(tmp_path), FakeRoutes(), SystemClock()
    soon = clock.now() + PACE.token_margin + PACE.parting + 0.05
    job = make_job(
        JobState.RUNNING,
        message=MessageRef(9, 400, "secret", soon, ephemeral=True, application_id=1),
    )
    job = replace(job, request=replace(job.request, private=True))
    desk = Desk(
        jobs=cast("Any", jobs),
        routes=cast("Any", routes),
        budget=ChannelBudget(PACE.gap, clock),
        pace=PACE,
        clock=clock,
        counters=Counters(),
        leftovers=cast("Any", routes),
        link=lambda _ref: None,
        smaller=nothing_smaller,
    )
    jobs.cell.put(make_snapshot(job=job))
    rendering = asyncio.create_task(Renderer(job, desk).run())  # noqa: TID251 - it is what is tried here

    def shown() -> str:
        return str(routes.sent[-1][1].view.to_components()) if routes.sent else ""

    async with asyncio.timeout(20):
        while "this one stays as it is now" not in shown():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        assert "Working" in shown()
        ended = done_job(jobs, message=job.message)
        jobs.cell.put(make_snapshot(job=replace(ended, request=job.request)))
        await rendering
    assert "stays as it is now" not in shown()
    assert jobs.deliveries == 1
