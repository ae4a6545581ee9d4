"""The queue, the history and the one worker that runs job after job."""

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

from PIL import Image

from bot.demo.comfyui.execution import Execution
from bot.demo.comfyui.faults import Faults
from bot.demo.comfyui.folders import Folders
from bot.demo.comfyui.job import Job, KilledError, Result, Switches
from bot.demo.comfyui.plan import Cache
from bot.demo.comfyui.sockets import Hub, encoded
from bot.demo.comfyui.values import is_object
from bot.runtime import Clock

# number, prompt id, graph, extra data, output ids: a plain tuple, as the heap of the real server compares it.
Entry = tuple[float, str, dict[str, Any], dict[str, Any], list[str]]
SECRET_KEYS = ("auth_token_comfy_org", "api_key_comfy_org")
MOST_HISTORY = 10_000
# The newest servers keep results while memory lasts; this is about 200 MB.
CACHED_PIXELS = 64_000_000


class Worker:
    """Runs one job at a time, smallest (number, prompt id) first; everything is in memory only."""

    def __init__(
        self,
        folders: Folders,
        hub: Hub,
        faults: Faults,
        clock: Clock,
        *,
        step_seconds: Callable[[], float],
        newest: bool,
        executed: list[str],
    ) -> None:
        self.folders, self.hub, self.faults, self.clock = folders, hub, faults, clock
        self.step_seconds, self.newest, self.executed = step_seconds, newest, executed
        self.pending: list[Entry] = []
        self.running: Entry | None = None
        self.history: dict[str, dict[str, Any]] = {}
        self.cancelled: dict[str, Entry] = {}
        self.counter = 0
        self.switches = Switches()
        self.cache = Cache(keep=CACHED_PIXELS if newest else 0)
        self.dead = False
        self.arrived = asyncio.Event()

    # The queue

    def put(self, entry: Entry) -> None:
        """Queue a job; raises TypeError for a second entry with the same number and prompt id, yet keeps it."""
        try:
            heapq.heappush(self.pending, entry)
        finally:
            self.arrived.set()
        self.changed()

    def changed(self) -> None:
        """Tell every socket the number of tasks, the running one included."""
        self.hub.queue_remaining = len(self.pending) + (self.running is not None)
        self.hub.publish("status", self.hub.status(), None)

    def delete(self, prompt_id: str) -> bool:
        """Take one pending job out; it leaves no history and no frame but `status`."""
        for number, entry in enumerate(self.pending):
            if entry[1] == prompt_id:
                self.cancelled[prompt_id] = self.pending.pop(number)
                heapq.heapify(self.pending)
                self.changed()
                return True
        return False

    def clear(self) -> None:
        """Take all pending jobs out; the running one goes on."""
        self.pending.clear()
        self.changed()

    def interrupt(self, prompt_id: str | None) -> bool:
        """Interrupt what runs now, or only if it is this job; tells whether it hit."""
        if self.running is None or prompt_id not in (None, self.running[1]):
            return False
        self.switches.interrupt.set()
        return True

    # The work

    async def run_for_ever(self) -> None:
        """Run jobs until the server ends."""
        while not self.switches.kill.is_set():
            await self.arrived.wait()
            self.arrived.clear()
            while self.pending and not self.switches.kill.is_set():
                await self.run_next()

    async def run_next(self) -> None:
        """Run the first job of the queue and write it down."""
        self.running = entry = heapq.heappop(self.pending)
        self.switches.interrupt.clear()
        self.changed()
        if self.faults.dead_worker or not is_object(entry[3]):
            self.dead = True
            await asyncio.Event().wait()
        client_id: str | None = entry[3].get("client_id")
        self.hub.client_id = client_id
        self.executed.append(entry[1])
        result = await self.execute(entry, client_id)
        self.hub.last_node = None
        self.finish(entry, result)
        if client_id is not None:
            self.hub.publish("executing", {"node": None, "prompt_id": entry[1]}, client_id)

    async def execute(self, entry: Entry, client_id: str | None) -> Result:
        """Run the graph in a thread; its frames come back to the loop in order."""
        loop = asyncio.get_running_loop()
        quiet = entry[3].get("preview_method") == "none" and self.newest

        def deliver(kind: str, data: dict[str, Any], broadcast: bool) -> None:
            if kind == "executing":
                self.hub.last_node = data["display_node"]
            if client_id is not None or broadcast:
                self.hub.publish(kind, data, client_id)

        def send(kind: str, data: dict[str, Any], broadcast: bool) -> None:
            loop.call_soon_threadsafe(deliver, kind, data, broadcast)

        def preview(picture: Image.Image, about: dict[str, Any], step: dict[str, Any]) -> None:
            if client_id is not None:
                self.hub.wants_metadata(client_id)
            if quiet and about["image_type"] == "image/jpeg":
                send("progress", step, True)
            else:
                loop.call_soon_threadsafe(
                    self.hub.publish_preview, encoded(picture, about["image_type"]), about, step, client_id
                )

        job = Job(
            entry[1],
            entry[2],
            entry[3],
            entry[4],
            self.faults.take_out_of_memory(),
            self.faults.take_blocked(),
        )
        execution = Execution(
            job, self.folders, self.cache, self.switches,
            step_seconds=self.step_seconds(), send=send, preview=preview, now=self.clock.now,
            held=lambda: self.faults.holds(len(self.executed)),
        )  # fmt: skip
        try:
            return await asyncio.to_thread(execution.run)
        except KilledError:
            return Result()

    def finish(self, entry: Entry, result: Result) -> None:
        """Write the history entry, then tell the new number of tasks."""
        self.running = None
        if self.switches.kill.is_set():
            return
        if not self.faults.forget_history:
            extra = {key: value for key, value in entry[3].items() if key not in SECRET_KEYS}
            self.history[entry[1]] = {
                "prompt": [*entry[:3], extra, entry[4]],
                "outputs": result.outputs,
                "status": {
                    "status_str": "success" if result.success else "error",
                    "completed": result.success,
                    "messages": [list(message) for message in result.messages],
                },
                "meta": result.meta,
            }
            while len(self.history) > MOST_HISTORY:
                del self.history[next(iter(self.history))]
        self.changed()

    def kill(self) -> None:
        """Make the thread stop as soon as it can, as if the process ended."""
        self.switches.kill.set()
        self.arrived.set()

    def history_page(self, most: int | None, offset: int) -> dict[str, Any]:
        """Return a part of the history; without an offset the newest entries."""
        keys = list(self.history)
        if offset < 0 and most is not None:
            offset = len(keys) - most
        taken: dict[str, Any] = {}
        for number, key in enumerate(keys):
            if number < offset:
                continue
            taken[key] = self.history[key]
            if most is not None and len(taken) >= most:
                break
        return taken
