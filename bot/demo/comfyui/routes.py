"""Routes for tasks: prompt, queue, history, interrupt and free, with the answers a real server gives."""

import json
import uuid
from typing import Any

from aiohttp import web

from bot.demo.comfyui.nodes import NODES
from bot.demo.comfyui.objectinfo import object_info
from bot.demo.comfyui.problems import without_one
from bot.demo.comfyui.run import Run
from bot.demo.comfyui.validate import validate


async def body(request: web.Request) -> Any:
    """Return the JSON body whatever its content type; raises ValueError where the server answers 500."""
    return json.loads(await request.text())


def is_canonical(given: Any) -> bool:
    """Tell whether a value is a UUID as `str(uuid4())` writes it."""
    try:
        return isinstance(given, str) and str(uuid.UUID(given)) == given
    except ValueError:
        return False


class TaskRoutes:
    """Handlers that read and change the queue."""

    def __init__(self, run: Run) -> None:
        self.run = run

    async def post_prompt(self, request: web.Request) -> web.Response:
        """Queue a graph, or say what is wrong with it; a refused one uses up a number too."""
        worker = self.run.worker
        data: Any = await body(request)
        if "number" in data:
            number = float(data["number"])
        else:
            number = -worker.counter if data.get("front") else worker.counter
            worker.counter += 1
        if "prompt" not in data:
            refusal = {"type": "no_prompt", "message": "No prompt provided", "details": "No prompt provided"}
            return web.json_response({"error": refusal | {"extra_info": {}}, "node_errors": {}}, status=400)
        prompt_id, refused = self.prompt_id(data)
        if refused is not None:
            return refused
        graph = data["prompt"]
        targets = data.get("partial_execution_targets")
        verdict = validate(graph, self.run.folders, targets, newest=self.run.newest)
        extra: Any = data.get("extra_data", {})
        if "client_id" in data:
            extra["client_id"] = data["client_id"]
        if verdict.error is not None:
            return web.json_response({"error": verdict.error, "node_errors": verdict.node_errors}, status=400)
        if self.run.faults.take_left_out():
            verdict = without_one(verdict)
        if self.run.newest and extra is not None:
            extra["create_time"] = int(self.run.clock.now() * 1000)
        self.run.submitted.append(prompt_id)
        entry: Any = (number, prompt_id, graph, extra, verdict.outputs)
        worker.put(entry)
        answer = {"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors}
        return web.json_response(answer)

    def prompt_id(self, data: dict[str, Any]) -> tuple[str, web.Response | None]:
        """Return the job's id, or a refusal; the newest servers take nothing but a canonical UUID."""
        if not self.run.newest:
            return str(data.get("prompt_id", uuid.uuid4())), None
        given = data.get("prompt_id")
        if given is None:
            return str(uuid.uuid4()), None
        if is_canonical(given):
            return given, None
        refusal: dict[str, Any] = {
            "type": "invalid_prompt_id",
            "message": "prompt_id must be a UUID",
            "details": f"{given!r} is not a canonical UUID",
            "extra_info": {},
        }
        return "", web.json_response({"error": refusal, "node_errors": {}}, status=400)

    async def get_prompt(self, request: web.Request) -> web.Response:
        """Return the number of tasks."""
        return web.json_response(self.run.hub.status()["status"])

    async def get_queue(self, request: web.Request) -> web.Response:
        """Return what runs and what waits; the latter as the raw heap, which is not the order of running."""
        worker = self.run.worker
        running = [worker.running] if worker.running else []
        return web.json_response({"queue_running": running, "queue_pending": worker.pending})

    async def post_queue(self, request: web.Request) -> web.Response:
        """Delete pending jobs; unknown and running ids are passed over."""
        data: Any = await body(request)
        if data.get("clear"):
            self.run.worker.clear()
        if "delete" in data:
            for prompt_id in data["delete"]:
                self.run.worker.delete(prompt_id)
        return web.Response()

    async def post_interrupt(self, request: web.Request) -> web.Response:
        """Interrupt one job if it runs, or whatever runs; there is no answer whether it hit."""
        try:
            data: Any = await body(request)
        except ValueError:
            data = {}
        prompt_id = data.get("prompt_id")
        self.run.worker.interrupt(prompt_id or None)
        return web.Response()

    async def post_free(self, request: web.Request) -> web.Response:
        """Forget cached results."""
        data: Any = await body(request)
        if data.get("free_memory"):
            self.run.worker.cache.known.clear()
        data.get("unload_models")
        return web.Response()

    async def get_history(self, request: web.Request) -> web.Response:
        """Return a page of finished jobs."""
        most, offset = request.query.get("max_items"), request.query.get("offset")
        page = self.run.worker.history_page(
            int(most) if most is not None else None, int(offset) if offset is not None else -1
        )
        return web.json_response(page)

    async def get_history_entry(self, request: web.Request) -> web.Response:
        """Return one finished job, or `{}` for one that is not."""
        prompt_id = request.match_info["prompt_id"]
        entry = self.run.worker.history.get(prompt_id)
        return web.json_response({prompt_id: entry} if entry else {})

    async def post_history(self, request: web.Request) -> web.Response:
        """Delete or clear history."""
        data: Any = await body(request)
        if data.get("clear"):
            self.run.worker.history.clear()
        if "delete" in data:
            for prompt_id in data["delete"]:
                self.run.worker.history.pop(prompt_id, None)
        return web.Response()


class InfoRoutes:
    """Handlers that only tell about the server."""

    def __init__(self, run: Run) -> None:
        self.run = run

    async def all_classes(self, request: web.Request) -> web.Response:
        """Return every node class."""
        folders, newest = self.run.folders, self.run.newest
        return web.json_response(
            {name: object_info(node, folders, newest=newest) for name, node in NODES.items()}
        )

    async def one_class(self, request: web.Request) -> web.Response:
        """Return one class; an unknown one is `{}`."""
        node = NODES.get(request.match_info["name"])
        known = {node.name: object_info(node, self.run.folders, newest=self.run.newest)} if node else {}
        return web.json_response(known)

    async def models(self, request: web.Request) -> web.Response:
        """Return the names of the model folders."""
        return web.json_response(list(self.run.folders.models))

    async def model_files(self, request: web.Request) -> web.Response:
        """Return a folder's files, or 404."""
        files = self.run.folders.models.get(request.match_info["folder"])
        return web.Response(status=404) if files is None else web.json_response(files)

    async def model_header(self, request: web.Request) -> web.Response:
        """Return what a file of weights says of itself, or 404."""
        file = request.match_info["folder"], request.query.get("filename", "")
        header = self.run.folders.headers.get(file)
        return web.Response(status=404) if header is None else web.json_response(header)

    async def embeddings(self, request: web.Request) -> web.Response:
        """Return embeddings without their suffix."""
        return web.json_response([name.rpartition(".")[0] for name in self.run.folders.models["embeddings"]])

    async def features(self, request: web.Request) -> web.Response:
        """Return the feature flags."""
        return web.json_response(self.run.hub.features())

    async def system_stats(self, request: web.Request) -> web.Response:
        """Return version and memory."""
        newest = self.run.newest
        system = {
            "os": "linux" if newest else "posix",
            "ram_total": 16 * 2**30,
            "ram_free": 9 * 2**30,
            "comfyui_version": "0.38.1" if newest else "0.3.64",
            "python_version": "3.11.7 (stand-in)",
            "pytorch_version": "none (pictures are painted, not generated)",
            "embedded_python": False,
            "argv": ["main.py", "--preview-method", "latent2rgb"],
        }
        device = {
            "name": "stand-in (no GPU)",
            "type": "cpu",
            "index": None,
            "vram_total": 16 * 2**30,
            "vram_free": 9 * 2**30,
            "torch_vram_total": 16 * 2**30,
            "torch_vram_free": 9 * 2**30,
        }
        return web.json_response({"system": system, "devices": [device]})
