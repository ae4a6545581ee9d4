"""The life of the stand-in ComfyUI: start, stop and restart on one port."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from bot.demo.comfyui.faults import Faults
from bot.demo.comfyui.files import FileRoutes
from bot.demo.comfyui.folders import Folders
from bot.demo.comfyui.gate import Gate
from bot.demo.comfyui.jobs import JobRoutes
from bot.demo.comfyui.routes import InfoRoutes, TaskRoutes
from bot.demo.comfyui.run import Run
from bot.demo.comfyui.sockets import MAX_UPLOAD, Hub
from bot.demo.comfyui.worker import Worker
from bot.runtime import Clock, Spawn, SystemClock, Tasks


class StandIn:
    """A ComfyUI that paints pictures without a model and misbehaves on request.

    `version` "old" speaks as 0.3.64, "new" as 0.38. `step_seconds` is the time one sampler step takes and
    may be changed at any time. Outputs and uploads live below `data_dir`.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        step_seconds: float = 0.25,
        version: Literal["new", "old"] = "new",
        faults: Faults | None = None,
        spawn: Spawn | None = None,
        clock: Clock | None = None,
        base_path: str = "",
        required_headers: Mapping[str, str] | None = None,
        basic_auth: tuple[str, str] | None = None,
        restart_seconds: float = 0.2,
    ) -> None:
        self.folders = Folders(data_dir)
        self.step_seconds = step_seconds
        self.version = version
        self.faults = faults or Faults()
        self.requests: list[tuple[str, str, Any]] = []
        self.submitted: list[str] = []
        self.executed: list[str] = []
        self.restart_seconds = restart_seconds
        self._spawn: Spawn = spawn or Tasks().spawn
        self._clock = clock or SystemClock()
        self._base_path = base_path.rstrip("/")
        self._headers = dict(required_headers or {})
        self._basic_auth = basic_auth
        self._host, self._port = "127.0.0.1", 0
        self._run: Run | None = None
        self._gate: Gate | None = None
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def url(self) -> str:
        """Return the address, base path included; a restart keeps it."""
        return f"http://{self._host}:{self._port}{self._base_path}"

    @property
    def running(self) -> str | None:
        """Return the id of the job that runs now."""
        entry = self._run.worker.running if self._run else None
        return entry[1] if entry else None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and return the address; raises OSError when the port is taken."""
        self._host, self._port = host, port
        await asyncio.to_thread(self.folders.make)
        newest = self.version == "new"
        hub = Hub(self.faults, newest=newest)
        worker = Worker(
            self.folders, hub, self.faults, self._clock,
            step_seconds=lambda: self.step_seconds, newest=newest, executed=self.executed,
        )  # fmt: skip
        self._run = Run(self.folders, hub, worker, self.faults, self._clock, newest, self.submitted)
        self._gate = Gate(self.faults, self.requests, self._base_path, self._headers, self._basic_auth)
        app = web.Application(client_max_size=MAX_UPLOAD, middlewares=[self._gate.middleware()])
        add_routes(app, self._run, self._base_path)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, reuse_address=True)
        await site.start()
        self._port = int(self._runner.addresses[0][1])
        self._tasks = [
            self._spawn(hub.send_for_ever(), name="stand-in sender"),
            self._spawn(worker.run_for_ever(), name="stand-in worker"),
        ]
        return self.url

    async def stop(self) -> None:
        """End at once, like a killed process: sockets break, the running job is lost."""
        if self._run is None or self._runner is None or self._gate is None:
            return
        self._run.worker.kill()
        self._run.hub.drop()
        self._gate.closing.set()
        await self._runner.cleanup()
        sender, worker = self._tasks
        sender.cancel()
        if not self._run.worker.dead:
            await asyncio.wait(
                (worker,), timeout=5
            )  # a thread cannot be cancelled, but looks up within a step
        worker.cancel()
        await asyncio.gather(sender, worker, return_exceptions=True)
        self._run = self._gate = self._runner = None

    async def restart(self) -> None:
        """End and start again on the same port; queue, history and temp files are gone, the counter is 0."""
        host, port = self._host, self._port
        await self.stop()
        await asyncio.sleep(self.restart_seconds)
        await self.start(host, port)

    def hold(self, after: int = 0) -> None:
        """Keep every job at work, but the first so many since the beginning, until `release`."""
        self.faults.hold_after = after

    def release(self) -> None:
        """Let jobs that were held go on."""
        self.faults.hold_after = None

    def drop_sockets(self) -> None:
        """Cut every WebSocket now, without a closing frame."""
        if self._run is not None:
            self._run.hub.drop()

    def forget(self, prompt_id: str) -> None:
        """Remove a job from the history, as if somebody had deleted it."""
        if self._run is not None:
            self._run.worker.history.pop(prompt_id, None)

    def send_to_all(self, kind: str, data: dict[str, Any]) -> None:
        """Send a frame of any type to every socket, as custom nodes do."""
        if self._run is not None:
            self._run.hub.publish(kind, data, None)

    def send_text(self, node_id: str, text: str, client_id: str | None = None) -> None:
        """Send a progress text (binary event 3) to one client id or to every socket."""
        if self._run is not None:
            self._run.hub.publish_text(node_id, text, client_id)

    @property
    def connected(self) -> list[str]:
        """Return the client ids that are registered now."""
        return list(self._run.hub.sockets) if self._run else []

    def history(self) -> dict[str, Any]:
        """Return a copy of the history."""
        return json.loads(json.dumps(self._run.worker.history)) if self._run else {}


def add_routes(app: web.Application, run: Run, base: str) -> None:
    """Register every route, with and without `/api`, and the catch-all that makes unknown POSTs a 405."""
    tasks, infos, files, jobs = TaskRoutes(run), InfoRoutes(run), FileRoutes(run), JobRoutes(run)
    router = app.router
    if run.newest:
        router.add_get(f"{base}/api/jobs", jobs.many)
        router.add_post(f"{base}/api/jobs/cancel", jobs.cancel_many)
        router.add_get(f"{base}/api/jobs/{{prompt_id}}", jobs.one)
        router.add_post(f"{base}/api/jobs/{{prompt_id}}/cancel", jobs.cancel)
    for prefix in (base, f"{base}/api"):
        router.add_get(f"{prefix}/ws", run.hub.serve)
        router.add_get(f"{prefix}/prompt", tasks.get_prompt)
        router.add_post(f"{prefix}/prompt", tasks.post_prompt)
        router.add_get(f"{prefix}/queue", tasks.get_queue)
        router.add_post(f"{prefix}/queue", tasks.post_queue)
        router.add_post(f"{prefix}/interrupt", tasks.post_interrupt)
        router.add_post(f"{prefix}/free", tasks.post_free)
        router.add_get(f"{prefix}/history", tasks.get_history)
        router.add_post(f"{prefix}/history", tasks.post_history)
        router.add_get(f"{prefix}/history/{{prompt_id}}", tasks.get_history_entry)
        router.add_get(f"{prefix}/object_info", infos.all_classes)
        router.add_get(f"{prefix}/object_info/{{name}}", infos.one_class)
        router.add_get(f"{prefix}/models", infos.models)
        router.add_get(f"{prefix}/models/{{folder}}", infos.model_files)
        router.add_get(f"{prefix}/view_metadata/{{folder}}", infos.model_header)
        router.add_get(f"{prefix}/embeddings", infos.embeddings)
        router.add_get(f"{prefix}/features", infos.features)
        router.add_get(f"{prefix}/system_stats", infos.system_stats)
        router.add_get(f"{prefix}/view", files.view)
        router.add_post(f"{prefix}/upload/image", files.upload_image)
        router.add_post(f"{prefix}/upload/mask", files.upload_mask)
    router.add_get(f"{base}/{{tail:.*}}", not_found)


async def not_found(request: web.Request) -> web.StreamResponse:
    """Answer an unknown path as the static route does: empty, and of no particular type."""
    return web.Response(status=404, content_type="application/octet-stream")
