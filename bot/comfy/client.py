"""Everything one ComfyUI server can be asked, with typed answers."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp

from bot.comfy.address import ServerAddress
from bot.comfy.api import Api
from bot.comfy.catalog import Catalog
from bot.comfy.files import Files, TakeRoom, any_room
from bot.comfy.models import (
    CancelResult,
    Features,
    HistoryEntry,
    JobDetail,
    JobsPage,
    QueueSnapshot,
    Submission,
    SystemStats,
    Whereabouts,
)  # fmt: skip
from bot.comfy.outputs import FileRef
from bot.comfy.queue import Queue
from bot.comfy.records import Records
from bot.comfy.stats import parse_system_stats
from bot.comfy.transport import Socket, Transport


class ComfyClient:
    """One ComfyUI server, of any version from 0.3 on.

    Every method may raise Unreachable (no whole answer), Rejected (refused; NotFound and NotSupported are kinds of it)
    or ProtocolError (an answer that is not ComfyUI's), and nothing else of the network. No request is ever repeated.
    """

    def __init__(
        self, address: ServerAddress, session: aiohttp.ClientSession, *, cache_dir: Path | None = None,
        timeout: float = 30.0, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.address = address
        self.monotonic = monotonic
        self._transport = Transport(session, address, patience=timeout)
        self._api = Api(self._transport)
        self._queue = Queue(self._api)
        self._records = Records(self._api, self._queue)
        self._files = Files(self._api)
        self._catalog = Catalog(self._api, cache_dir, monotonic)

    @property
    def label(self) -> str:
        """Return what logs and people see of the address."""
        return self.address.label

    async def features(self, *, refresh: bool = False) -> Features:
        """Return what the server can do, as found out last; `refresh` after every new connection."""
        return await self._api.features(refresh=refresh)

    def connect(self, client_id: str, *, api: bool, heartbeat: float) -> AbstractAsyncContextManager[Socket]:
        """Open the live connection under a client id; `api` is the server's feature of that name."""
        return self._transport.connect(client_id, api=api, heartbeat=heartbeat)

    async def queue_remaining(self) -> int:
        """Return how many jobs run and wait together (GET /prompt)."""
        return await self._queue.remaining()

    async def queue(self) -> QueueSnapshot:
        """Return what runs and what waits, in order of execution (GET /queue)."""
        return await self._queue.snapshot()

    async def submit(
        self, graph: Mapping[str, Any], *, prompt_id: str, client_id: str | None,
        extra_data: Mapping[str, Any] | None = None, front: bool = False, number: float | None = None,
    ) -> Submission:  # fmt: skip
        """Post a graph under our own prompt id, a UUID (POST /prompt).

        Rejected carries what is wrong with the graph. After Unreachable or ProtocolError it may have arrived
        nevertheless: ask `locate` before sending again. A `number` must never be sent twice with one prompt id.
        """
        return await self._queue.submit(
            graph, prompt_id=prompt_id, client_id=client_id, extra_data=extra_data, front=front, number=number
        )

    async def history(
        self, *, max_items: int | None = None, offset: int | None = None
    ) -> tuple[HistoryEntry, ...]:
        """Return ended jobs, newest last; without `offset` the newest ones, `offset` counts from the oldest."""
        return await self._records.history(max_items, offset)

    async def history_entry(self, prompt_id: str) -> HistoryEntry | None:
        """Return an ended job; None alike while it waits or runs, and when it is unknown."""
        return await self._records.entry(prompt_id)

    async def jobs(self, *, status: Sequence[str] = (), limit: int = 50, offset: int = 0) -> JobsPage:
        """Return one page of jobs in any state; NotSupported on servers without `features().jobs_api`."""
        return await self._records.jobs(status, limit, offset)

    async def job(self, prompt_id: str) -> JobDetail | None:
        """Return one job in any state; None when unknown; NotSupported as for `jobs`."""
        return await self._records.job(prompt_id)

    async def locate(self, prompt_id: str) -> Whereabouts:
        """Tell whether a job waits, runs, has ended or is gone; a job that ends meanwhile is not missed."""
        return await self._records.locate(prompt_id)

    async def delete_history(self, *prompt_ids: str) -> None:
        """Make the server forget ended jobs; their files stay."""
        await self._records.delete(prompt_ids)

    async def clear_history(self) -> None:
        """Make the server forget all ended jobs, everybody's; their files stay."""
        await self._records.clear()

    async def model_folders(self) -> tuple[str, ...]:
        """Return the names of the model folders."""
        return await self._catalog.folders()

    async def models(self, folder: str) -> tuple[str, ...]:
        """Return the files of a model folder; NotFound when there is none of that name."""
        return await self._catalog.models(folder)

    async def model_metadata(self, folder: str, name: str) -> Mapping[str, Any]:
        """Return what a model's file says of itself in its header; NotFound where it says nothing, or is not there."""
        return await self._catalog.metadata(folder, name)

    async def embeddings(self) -> tuple[str, ...]:
        """Return the names of the embeddings, without suffix."""
        return await self._catalog.embeddings()

    async def object_info(self, *, max_age: float = 300.0) -> Mapping[str, Any]:
        """Return all node classes, at most `max_age` seconds old; an older copy when the server does not give them.

        Callers at the same time share one request. Raises only when there is no copy at all. Not to be changed.
        """
        return await self._catalog.nodes(max_age)

    async def load_cache(self) -> None:
        """Take the node classes kept on disk into memory, so that `cached_object_info` has them at once."""
        await self._catalog.load()

    @property
    def cached_object_info(self) -> Mapping[str, Any] | None:
        """The node classes in memory, however old: no I/O, no waiting."""
        return self._catalog.cached

    async def node_info(self, class_type: str) -> Mapping[str, Any] | None:
        """Return one node class; None when the server has none of that name."""
        return await self._catalog.node(class_type)

    async def upload_image(
        self,
        image: bytes | Path,
        name: str,
        *,
        type: str = "input",
        subfolder: str = "",
        overwrite: bool = False,
    ) -> FileRef:
        """Store an image, which is read piece by piece from a path; use the reference returned: the server may have chosen another name."""
        return await self._files.upload_image(
            image, name, type=type, subfolder=subfolder, overwrite=overwrite
        )

    async def upload_mask(
        self, image: bytes | Path, name: str, *, original: FileRef, type: str = "input", subfolder: str = "",
        overwrite: bool = False,
    ) -> FileRef:  # fmt: skip
        """Store a copy of `original` that has the mask's transparency; NotFound when there is no such original."""
        return await self._files.upload_mask(
            image, name, original=original, type=type, subfolder=subfolder, overwrite=overwrite
        )

    async def cancel(self, prompt_id: str) -> CancelResult:
        """Take out the job if it waits, stop it if it runs; nobody else's job is ever touched.

        A running job stops at its next step, and may still end well: its history decides.
        """
        return await self._queue.cancel(prompt_id)

    async def delete_pending(self, *prompt_ids: str) -> None:
        """Take waiting jobs out of the queue; running and unknown ones are left alone."""
        await self._queue.delete(prompt_ids)

    async def clear_pending(self) -> None:
        """Take all waiting jobs out of the queue, everybody's."""
        await self._queue.clear()

    async def interrupt(self, prompt_id: str) -> None:
        """Stop this job if it runs now; whether it did is not told."""
        await self._queue.interrupt(prompt_id)

    async def interrupt_everything(self) -> None:
        """Stop whatever job runs now, whoever's it is."""
        await self._queue.interrupt(None)

    async def fetch(self, ref: FileRef, *, max_bytes: int, preview: str | None = None) -> bytes:
        """Return a file; `preview` ("webp;90" or "jpeg;90") has the server re-encode an image at full size.

        Raises TooLarge over `max_bytes`, NotFound when the file is gone.
        """
        return await self._files.fetch(ref, max_bytes=max_bytes, preview=preview)

    async def fetch_to(self, ref: FileRef, path: Path, *, max_bytes: int, room: TakeRoom = any_room) -> int:
        """Stream a file to disk and return its size; nothing is left there unless it is whole.

        `room` is asked for the bytes of every piece before it is written. Raises as `fetch` does, what `room` raises,
        and OSError when the disk does not take it.
        """
        return await self._files.fetch_to(ref, path, max_bytes=max_bytes, room=room)

    def view_url(self, ref: FileRef, *, base: str | None = None) -> str:
        """Return where a browser finds a file, below `base` or the server's own address; never with credentials."""
        return self._files.view_url(ref, base)

    async def free(self, *, unload_models: bool = True, free_memory: bool = True) -> None:
        """Ask the server to give memory back after the present job."""
        await self._api.send(
            "POST", "/free", body={"unload_models": unload_models, "free_memory": free_memory}
        )

    async def system_stats(self) -> SystemStats:
        """Return versions and memory."""
        return parse_system_stats(await self._api.json("GET", "/system_stats"))
