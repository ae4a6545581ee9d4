"""A bot's job service with everything real: sockets to a stand-in ComfyUI, a database on disk, the shipped workflows."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest

from bot.comfy import ComfyClient, Fleet, Listener, Server, ServerAddress
from bot.demo.comfyui import StandIn
from bot.jobs.execution.recovery import of_shards
from bot.jobs.execution.run_monitor import Pace
from bot.jobs.files.content import ContentStore
from bot.jobs.model.job import Job, JobState
from bot.jobs.progress.progress import Snapshot
from bot.jobs.service import JobService
from bot.runtime import SystemClock, Tasks
from bot.settings import LimitSettings
from bot.store import Database, SqlJobStore
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.library import Library
from tests.jobs.samples import a_request, eventually
from tests.migrated import lay_database

WORKFLOWS = Path(__file__).parents[2] / "workflows"


class World:
    """One bot process after another on the same data and the same server."""

    def __init__(self, tmp_path: Path, comfyui: StandIn) -> None:
        self.path = tmp_path
        self.comfyui = comfyui
        self.limits: dict[str, Any] = {"jobs_per_user": 50}
        self.depth = 2
        self.grace = 0.5
        self.patience = 2.0
        self.poll = 0.25
        self.silence = 60.0
        self.listening = True
        self.status_within = 5.0
        """Seconds in which a server has to say something of a new job."""
        self.mine = of_shards(None, ())
        self.others: tuple[StandIn, ...] = ()
        """Further servers of the fleet."""
        self.accepted: list[Job] = []
        self.workflows = tmp_path / "workflows"
        shutil.copytree(WORKFLOWS, self.workflows)
        shutil.copy(WORKFLOWS / "txt2img.json", self.workflows / "single.json")
        (self.workflows / "single.toml").write_text(
            '[parameters.batch]\nfixed = 1\n[parameters.model]\ndefault = "auto"\n', "utf-8"
        )
        self.jobs: JobService
        self.server: Server
        self.store: SqlJobStore

    async def start(self) -> None:
        self.tasks = Tasks()
        self.session = aiohttp.ClientSession()
        self.database = Database(f"sqlite+aiosqlite:///{self.path}/bot.db")
        await self.database.open()
        self.store = SqlJobStore(self.database)
        self.server = self._server(self.comfyui)
        client, listener = self.server.client, self.server.listener
        others = [self._server(each) for each in self.others]
        library = Library(self.workflows, "txt2img")
        with suppress(Exception):
            await client.object_info()
        raw = client.cached_object_info
        await library.load(ObjectInfo(raw) if raw is not None else None)
        self.content = ContentStore(self.path / "inputs")
        self.jobs = JobService(
            store=self.store,
            fleet=Fleet(self.server, *others),
            library=library,
            limits=LimitSettings(**self.limits),
            content=self.content,
            kept=ContentStore(self.path / "outputs"),
            clock=SystemClock(),
            spawn=self.tasks.spawn,
            depth=self.depth,
            pace=Pace(poll=self.poll, haste=0.05, second_look=0.1, silence=self.silence),
            grace=self.grace,
            random=Random(7),
            mine=self.mine,
        )
        self.accepted = []
        self.jobs.on_accepted(self.accepted.append)
        if self.listening:
            self.tasks.spawn(listener.run(), name="listener")
            await listener.ready(1)
            for other in others:
                self.tasks.spawn(other.listener.run(), name="listener")
                await other.listener.ready(1)
        await self.jobs.recover()
        self.tasks.spawn(self.jobs.run(), name="jobs")

    def _server(self, comfyui: StandIn) -> Server:
        client = ComfyClient(
            ServerAddress.parse(comfyui.url),
            self.session,
            cache_dir=self.path / "cache",
            timeout=self.patience,
        )
        return Server(client, Listener(client, delay=lambda attempt: 0.05, status_within=self.status_within))

    async def crash(self) -> None:
        """Cut every task off where it is; nothing is tidied up but what the operating system would."""
        await self.tasks.close()
        await self.session.close()
        await self.database.close()

    async def restart(self) -> None:
        await self.crash()
        await self.start()

    async def submit(self, user: int = 1, **changes: Any) -> Job:
        changes.setdefault("values", {"prompt": "a cat", "steps": 4, "width": 64, "height": 64})
        return await self.jobs.submit(a_request(user, **changes))

    async def until(self, job: Job, condition: Callable[[Snapshot], bool], seconds: float = 30) -> Snapshot:
        """Watch a job as a display does until it looks as wanted."""
        async with asyncio.timeout(seconds), self.jobs.watch(job.id) as cell:
            while (snapshot := await cell.next()) is not None:
                if condition(snapshot):
                    return snapshot
        raise AssertionError(f"ended without looking as wanted: {await self.jobs.get(job.id)}")

    async def ended(self, job: Job, seconds: float = 30) -> Job:
        return (await self.until(job, lambda snapshot: snapshot.job.state.is_final, seconds)).job

    async def running(self, job: Job) -> Snapshot:
        return await self.until(job, lambda snapshot: snapshot.job.state is JobState.RUNNING)

    async def looks_about(self, method: str, path: str, times: int = 3) -> None:
        """Wait until the server has been asked this so many times more; all answers but the last have been heard."""

        def asked() -> int:
            return [request[:2] for request in self.comfyui.requests].count((method, path))

        enough = asked() + times
        await eventually(lambda: asked() >= enough)

    def posts(self) -> int:
        return len(self.comfyui.submitted)


@pytest.fixture(params=["new"])
async def comfyui(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StandIn]:
    async with StandIn(tmp_path / "comfyui", step_seconds=0.005, version=request.param) as server:
        yield server


@pytest.fixture
async def world(tmp_path: Path, comfyui: StandIn) -> AsyncIterator[World]:
    await asyncio.to_thread(lay_database, tmp_path)
    world = World(tmp_path, comfyui)
    await world.start()
    yield world
    await world.crash()
