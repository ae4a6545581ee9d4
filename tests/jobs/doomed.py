"""A bot process that submits one job and kills itself at a given point: `python -m tests.jobs.doomed POINT URL FOLDER`."""

import asyncio
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import aiohttp

from bot.comfy import ComfyClient, Fleet, Listener, Server, ServerAddress
from bot.jobs.execution.run_monitor import Pace
from bot.jobs.files.content import ContentStore
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.ports import Admit
from bot.jobs.service import JobService
from bot.runtime import SystemClock, Tasks
from bot.settings import LimitSettings
from bot.store import Database, SqlJobStore, instance_lock
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.library import Library
from tests.jobs.samples import a_request


class Point(StrEnum):
    """Where the process dies."""

    BEFORE_ACCEPTED = "before the job is committed"
    ACCEPTED = "after the job is committed"
    BEFORE_PROMPT_ID = "before the prompt id is committed"
    PROMPT_ID = "after the prompt id is committed, before POST"
    POSTED = "after POST, before its answer is committed"
    SUBMITTED = "after the answer to POST is committed"
    RUNNING = "while running"
    BEFORE_END = "before the end is committed"
    ENDED = "after the end is committed, before anybody is told"


def die() -> None:
    """Be killed as by the system: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


class DoomedStore(SqlJobStore):
    """Kills its process around the commit that is the point."""

    def __init__(self, database: Database, point: Point) -> None:
        super().__init__(database)
        self.point = point

    async def accept(self, job: Job, admit: Admit) -> Job:
        if self.point is Point.BEFORE_ACCEPTED:
            die()
        accepted = await super().accept(job, admit)
        if self.point is Point.ACCEPTED:
            die()
        return accepted

    async def save(self, job: Job) -> None:
        before = {JobState.SUBMITTING: Point.BEFORE_PROMPT_ID, JobState.SUCCEEDED: Point.BEFORE_END}
        after = {
            JobState.SUBMITTING: Point.PROMPT_ID,
            JobState.SUBMITTED: Point.SUBMITTED,
            JobState.RUNNING: Point.RUNNING,
            JobState.SUCCEEDED: Point.ENDED,
        }
        if before.get(job.state) is self.point:
            die()
        await super().save(job)
        if after.get(job.state) is self.point:
            die()


class DoomedClient(ComfyClient):
    """Kills its process when a prompt has been posted, if that is the point."""

    point: Point

    async def submit(self, *args: Any, **kwargs: Any) -> Any:
        answer = await super().submit(*args, **kwargs)
        if self.point is Point.POSTED:
            die()
        return answer


async def live(point: Point, url: str, folder: Path) -> None:
    """Do as the bot does until the point comes."""
    address = f"sqlite+aiosqlite:///{folder}/bot.db"
    tasks = Tasks()
    async with instance_lock(address, patience=0), aiohttp.ClientSession() as session:
        database = Database(address)
        await database.open()
        client = DoomedClient(ServerAddress.parse(url), session, cache_dir=folder / "cache")
        client.point = point
        listener = Listener(client)
        library = Library(folder / "workflows", "txt2img")
        await library.load(ObjectInfo(await client.object_info()))
        jobs = JobService(
            store=DoomedStore(database, point), fleet=Fleet(Server(client, listener)), library=library,
            limits=LimitSettings(), content=ContentStore(folder / "inputs"), clock=SystemClock(),
            spawn=tasks.spawn, pace=Pace(poll=0.2, haste=0.02, second_look=0.1),
        )  # fmt: skip
        tasks.spawn(listener.run(), name="listener")
        await listener.ready(5)
        await jobs.recover()
        tasks.spawn(jobs.run(), name="jobs")
        await jobs.submit(a_request(values={"prompt": "a cat", "steps": 4, "width": 64, "height": 64}))
        await asyncio.sleep(30)


if __name__ == "__main__":
    asyncio.run(live(Point(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
