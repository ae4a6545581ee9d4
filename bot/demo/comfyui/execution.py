"""Runs one graph in a worker thread and tells of it in the frames and order of a real server."""

import traceback
from collections.abc import Callable
from typing import Any

from PIL import Image, UnidentifiedImageError

from bot.demo.comfyui.folders import Folders
from bot.demo.comfyui.job import InterruptedJobError, Job, KilledError, OutOfMemoryError, Result, Switches
from bot.demo.comfyui.pixels import BROKEN_PICTURE
from bot.demo.comfyui.plan import Cache, Plan
from bot.demo.comfyui.validate import is_link
from bot.demo.comfyui.values import Outcome, Surroundings

Send = Callable[[str, dict[str, Any], bool], None]
SendPreview = Callable[[Image.Image, dict[str, Any], dict[str, Any]], None]
OUT_OF_MEMORY = (
    "Allocation on device 0 would exceed allowed memory. (out of memory)\n"
    "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have "
    "accidentally set the batch_size to a large number."
)
HELD_SECONDS = 0.01
"""How often a job that is held looks whether it may go on."""
FAILURES = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    MemoryError,
)


class Execution:
    """The run of one job; `send(kind, data, broadcast)` and `preview` are callable from this thread."""

    def __init__(
        self,
        job: Job,
        folders: Folders,
        cache: Cache,
        switches: Switches,
        *,
        step_seconds: float,
        send: Send,
        preview: SendPreview,
        now: Callable[[], float],
        held: Callable[[], bool],
    ) -> None:
        self.job, self.folders, self.cache, self.switches = job, folders, cache, switches
        self.step_seconds, self.send, self.preview = step_seconds, send, preview
        self.now, self.held = now, held
        self.result = Result()
        self.progress: dict[str, dict[str, Any]] = {}
        self.plan = Plan({}, [], folders)
        self.keys: dict[str, str] = {}
        self.executed: list[str] = []
        self.current = ""

    def run(self) -> Result:
        """Run to success, error or interrupt; raises KilledError when the server goes down."""
        self.message("execution_start", {})
        self.plan = Plan(self.job.graph, self.job.outputs, self.folders)
        self.keys = self.plan.keys
        cached = [node_id for node_id in self.job.graph if self.keys.get(node_id, "") in self.cache.known]
        self.message("execution_cached", {"nodes": cached})
        try:
            for node_id in self.plan.order if self.ready() else ():
                if self.wanted(node_id, cached):
                    self.step(node_id)
        except InterruptedJobError:
            self.message("execution_interrupted", self.where(), broadcast=True)
        except (*FAILURES, *BROKEN_PICTURE, OutOfMemoryError) as error:
            self.message("execution_error", self.failure(error))
        else:
            self.message("execution_success", {})
            self.result.success = True
        self.cache.trim(set(self.keys.values()))
        return self.result

    def ready(self) -> bool:
        """Tell whether anything is to be run: a blocked job only says so."""
        if not self.job.blocked:
            return True
        for node_id in self.job.outputs:
            blocked: dict[str, Any] = {
                "exception_message": "Execution Blocked: this branch was switched off",
                "exception_type": "ExecutionBlocked",
                "traceback": [],
                "current_inputs": [],
                "current_outputs": [],
            }
            self.send("execution_error", self.where(node_id) | blocked, False)
        return False

    def wanted(self, node_id: str, cached: list[str]) -> bool:
        """Tell whether a node is to be visited: not when it is cached and shows nothing."""
        return node_id not in cached or self.plan.node(node_id).output_node

    def step(self, node_id: str) -> None:
        """Run one node or take its result from the cache."""
        self.current = node_id
        known = self.cache.known.get(self.keys[node_id])
        if known is not None:
            self.show(node_id, known)
            self.tell_progress(node_id, 1, 1, "finished")
            return
        self.check()
        self.tell_progress(node_id, 0.0, 1.0, "running")
        self.send(
            "executing", {"node": node_id, "display_node": node_id, "prompt_id": self.job.prompt_id}, False
        )
        node = self.plan.node(node_id)
        if self.job.out_of_memory and (len(self.executed) > 2 or not self.plan.sources(node_id)):
            raise OutOfMemoryError(OUT_OF_MEMORY)
        outcome = node.run(self.surroundings(), self.inputs(node_id))
        self.cache.known[self.keys[node_id]] = outcome
        self.show(node_id, outcome)
        last = self.progress[node_id]
        self.tell_progress(node_id, last["max"], last["max"], "finished")
        self.executed.append(node_id)

    def show(self, node_id: str, outcome: Outcome) -> None:
        """Announce what an output node shows, and keep it for history."""
        if not outcome.ui:
            return
        self.result.outputs[node_id] = outcome.ui
        self.result.meta[node_id] = {
            "node_id": node_id, "display_node": node_id, "parent_node": None, "real_node_id": node_id,
        }  # fmt: skip
        data = {
            "node": node_id,
            "display_node": node_id,
            "output": outcome.ui,
            "prompt_id": self.job.prompt_id,
        }
        self.send("executed", data, False)

    def inputs(self, node_id: str) -> dict[str, Any]:
        """Return a node's values with its links followed."""
        values = self.plan.inputs(node_id)
        for name, value in values.items():
            if is_link(value):
                values[name] = self.cache.known[self.keys[value[0]]].values[value[1]]
        return values

    def surroundings(self) -> Surroundings:
        """Return what the current node may use."""
        return Surroundings(
            folders=self.folders,
            prompt=self.job.graph,
            extra_pnginfo=self.job.extra.get("extra_pnginfo") or {},
            step_seconds=self.step_seconds,
            progress=self.advance,
            check=self.check,
            show=lambda value, most, picture: self.advance(value, most, picture, "image/png"),
            sleep=lambda steps: self.wait(steps * self.step_seconds),
        )

    def wait(self, seconds: float) -> None:
        """Let time pass; only the end of the server cuts it short."""
        if self.switches.kill.wait(seconds) if seconds > 0 else self.switches.kill.is_set():
            raise KilledError

    def check(self) -> None:
        """Stop here when somebody interrupted the job."""
        if self.switches.kill.is_set():
            raise KilledError
        if self.switches.interrupt.is_set():
            self.switches.interrupt.clear()
            raise InterruptedJobError

    def advance(self, value: int, most: int, picture: Image.Image | None, media: str = "image/jpeg") -> None:
        """Tell of one step; sockets that asked for it get the preview before the number."""
        self.check()
        node_id = self.current
        self.tell_progress(node_id, value, most, "running")
        data = {"value": value, "max": most, "prompt_id": self.job.prompt_id, "node": node_id}
        if picture is None:
            self.send("progress", data, True)
        else:
            self.preview(picture, self.identity(node_id) | {"image_type": media}, data)
        while self.held() and not self.switches.interrupt.is_set():
            self.wait(HELD_SECONDS)

    def identity(self, node_id: str) -> dict[str, Any]:
        """Return how frames name a node."""
        return {
            "node_id": node_id, "prompt_id": self.job.prompt_id, "display_node_id": node_id,
            "parent_node_id": None, "real_node_id": node_id,
        }  # fmt: skip

    def tell_progress(self, node_id: str, value: float, most: float, state: str) -> None:
        """Send the state of every node touched so far."""
        self.progress[node_id] = {"value": value, "max": most, "state": state} | self.identity(node_id)
        self.send("progress_state", {"prompt_id": self.job.prompt_id, "nodes": dict(self.progress)}, True)

    def message(self, kind: str, data: dict[str, Any], *, broadcast: bool = False) -> None:
        """Send a frame that history keeps too."""
        data = {"prompt_id": self.job.prompt_id, **data, "timestamp": int(self.now() * 1000)}
        if kind == "execution_cached":
            data = {"nodes": data["nodes"], "prompt_id": data["prompt_id"], "timestamp": data["timestamp"]}
        self.result.messages.append((kind, data))
        self.send(kind, data, broadcast)

    def where(self, node_id: str | None = None) -> dict[str, Any]:
        """Return which node the job stopped at."""
        node_id = node_id or self.current
        return {
            "prompt_id": self.job.prompt_id, "node_id": node_id,
            "node_type": self.job.graph[node_id]["class_type"], "executed": list(self.executed),
        }  # fmt: skip

    def failure(self, error: BaseException) -> dict[str, Any]:
        """Return the data of an error, with all the private things a real one holds."""
        kind = type(error)
        name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
        if isinstance(error, OutOfMemoryError):
            name = "torch.OutOfMemoryError"
        elif isinstance(error, UnidentifiedImageError):
            name = "PIL.UnidentifiedImageError"
        ended = "" if isinstance(error, OutOfMemoryError) else "\n"
        given: dict[str, Any] = self.job.graph[self.current]["inputs"]
        return self.where() | {
            "exception_message": f"{error}{ended}",
            "exception_type": name,
            "traceback": traceback.format_tb(error.__traceback__),
            "current_inputs": {key: [value if isinstance(value, str | int | float) else str(value)]
                               for key, value in given.items()},
            "current_outputs": list(self.executed),
        }  # fmt: skip
