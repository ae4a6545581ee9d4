"""The loop that gives servers their next jobs, as many as each may hold."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Generator
from contextlib import ExitStack, contextmanager

from bot.comfy import Fleet, LinkState, Server, Status
from bot.jobs.execution.health import Health
from bot.jobs.execution.runner import Runner
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import JobId
from bot.jobs.progress.snapshots import SnapshotPublisher
from bot.jobs.queue.repository import JobRepository
from bot.jobs.queue.scheduler import in_order
from bot.runtime import Clock, Spawn

log = logging.getLogger(__name__)


class Dispatcher:
    """Knows which jobs are in somebody's hands, and starts the next when there is room."""

    def __init__(
        self,
        repository: JobRepository,
        snapshots: SnapshotPublisher,
        runner: Runner,
        health: Health,
        fleet: Fleet,
        spawn: Spawn,
        clock: Clock,
        *,
        depth: int,
        tick: float,
    ) -> None:
        """Make a dispatcher; after `tick` seconds servers in doubt are considered again when nothing else happens."""
        self._repository = repository
        self._snapshots = snapshots
        self._runner = runner
        self._health = health
        self._fleet = fleet
        self._spawn = spawn
        self._clock = clock
        self._depth = depth
        self._tick = tick
        self._slots: dict[JobId, str] = {}
        self._wake = asyncio.Event()
        self.draining = False

    def wake(self) -> None:
        """Look at once whether there is something to send."""
        self._wake.set()

    def resume(self, job: Job) -> None:
        """Go on with a job that may be on a server already, on the server it was sent to if there is still such."""
        run = job.current_run or (job.runs[-1] if job.runs else None)
        server = self._fleet.find(run.server) if run is not None else None
        self._start(job, server or self._fleet.servers[0])

    async def run(self) -> None:
        """Feed until cancelled."""
        with self._listening():
            while True:
                try:
                    if not self.draining:
                        await self._feed()
                    await self._tend()
                    await self._repository.tidy()
                except Exception:
                    log.exception("servers could not be fed; trying again")
                try:
                    async with asyncio.timeout(self._tick):
                        await self._wake.wait()
                except TimeoutError:
                    continue
                self._wake.clear()

    async def _feed(self) -> None:
        closed: set[str] = set()
        while self._next() is not None and (server := self._emptiest(closed)) is not None:
            up_before = self._snapshots.load.up.get(server.label)
            allowed = await self._health.may_feed(server)
            if self._snapshots.load.up.get(server.label) != up_before:
                self._snapshots.refresh()
            job = self._next()  # asking took time: whoever was next may have gone
            if self.draining:
                return
            if not allowed:
                closed.add(server.label)
            elif job is not None:
                self._start(job, server)

    async def _tend(self) -> None:
        """Have servers looked through for what nobody waits for, even if nothing is to be sent."""
        for server in self._fleet.servers:
            await self._health.tend(server)

    def _emptiest(self, closed: Collection[str]) -> Server | None:
        """Return the server with the fewest of our jobs: so none stands idle, and a fast one does more."""
        held = Counter(self._slots.values())
        open_ = [
            server
            for server in self._fleet.servers
            if server.label not in closed and held[server.label] < self._depth
        ]
        return min(open_, key=lambda server: held[server.label], default=None)

    def _next(self) -> Job | None:
        jobs = self._repository.unfinished
        taken = [job for job in jobs if job.id in self._slots]
        waiting = [job for job in jobs if job.state is JobState.QUEUED and job.id not in self._slots]
        load = self._snapshots.load
        return next(iter(in_order(waiting, taken, load.served, load.served_guilds)), None)

    def _start(self, job: Job, server: Server) -> None:
        self._slots[job.id] = server.label
        self._snapshots.load.note_served(job, self._clock.monotonic())
        self._spawn(self._live(job.id, server), name=f"job {job.number}")

    async def _live(self, job_id: JobId, server: Server) -> None:
        try:
            await self._runner.live(job_id, server)
        finally:
            self._slots.pop(job_id, None)
            self._wake.set()

    @contextmanager
    def _listening(self) -> Generator[None]:
        with ExitStack() as stack:
            for server in self._fleet.servers:
                stack.callback(server.listener.on_status(self._counter(server)))
                stack.callback(server.listener.on_link(self._on_link))
            yield

    def _counter(self, server: Server) -> Callable[[Status], None]:
        def count(status: Status) -> None:
            self._snapshots.load.remaining[server.label] = status.queue_remaining
            self._snapshots.refresh()

        return count

    def _on_link(self, state: LinkState) -> None:
        if state is LinkState.UP:
            self._wake.set()
