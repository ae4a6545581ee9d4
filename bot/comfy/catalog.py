"""What a server can be asked for: its node classes, kept in memory and on disk, and its model files."""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bot.comfy import raw
from bot.comfy.api import Api, segment
from bot.comfy.errors import ComfyError, NotFound, ProtocolError
from bot.comfy.joined import Joined

log = logging.getLogger(__name__)

MOST_CLASSES = 50_000
"""Node classes that a server may have; one with all packs there are has some 20 000."""

RETRY_SECONDS = 15.0
"""How long an older copy is given out after a failed attempt before the next attempt is made."""


class Catalog:
    """Node classes with expiry. An older copy is better than none: it is given out while the server is down."""

    def __init__(self, api: Api, cache_dir: Path | None, monotonic: Callable[[], float]) -> None:
        self._api = api
        self._monotonic = monotonic
        key = hashlib.sha256(api.transport.address.label.encode()).hexdigest()[:16]
        self._file = None if cache_dir is None else cache_dir / f"object_info-{key}.json"
        self._flight = Joined[Mapping[str, Any]]()
        self._nodes: Mapping[str, Any] | None = None
        self._fetched_at = float("-inf")
        self._failed_at = float("-inf")
        self._written: bytes | None = None
        self._loaded = False

    @property
    def cached(self) -> Mapping[str, Any] | None:
        """The newest copy in memory, however old; never waits."""
        return self._nodes

    async def load(self) -> None:
        """Take the copy on disk into memory, unless something newer is there."""
        if self._loaded or self._file is None:
            return
        self._loaded = True
        try:
            body = await asyncio.to_thread(self._file.read_bytes)
            nodes = await asyncio.to_thread(_nodes, body)
        except FileNotFoundError:
            return
        except (OSError, ProtocolError) as error:
            log.warning("the kept copy of the node classes cannot be used: %s", error)
            return
        if self._nodes is None:
            self._nodes, self._written = nodes, await asyncio.to_thread(_digest, body)

    async def nodes(self, max_age: float) -> Mapping[str, Any]:
        """Return all node classes, no older than `max_age` seconds if the server answers."""
        await self.load()
        now = self._monotonic()
        if self._nodes is not None and (
            now - self._fetched_at < max_age or now - self._failed_at < RETRY_SECONDS
        ):
            return self._nodes
        try:
            return await self._flight.run(self._fetch)
        except ComfyError as error:
            if self._nodes is None:
                raise
            log.info("node classes of %s not renewed: %s", self._api.transport.address.label, error)
            return self._nodes

    async def node(self, class_type: str) -> Mapping[str, Any] | None:
        """Return one node class, from a fresh copy of all or by asking for it alone; None when there is none."""
        await self.load()
        if self._nodes is not None and self._monotonic() - self._fetched_at < RETRY_SECONDS:
            return self._nodes.get(class_type)
        try:
            body = raw.mapping(await self._api.json("GET", f"/object_info/{segment(class_type)}"))
        except NotFound:
            return None
        except ComfyError:
            if self._nodes is None:
                raise
            return self._nodes.get(class_type)
        found = body.get(class_type)
        return raw.mapping(found) if isinstance(found, dict) else None

    async def folders(self) -> tuple[str, ...]:
        """Return the names of the model folders."""
        return _names(await self._api.json("GET", "/models"))

    async def models(self, folder: str) -> tuple[str, ...]:
        """Return the files of a model folder; raise NotFound when there is no such folder."""
        return _names(await self._api.json("GET", f"/models/{segment(folder)}"))

    async def metadata(self, folder: str, name: str) -> Mapping[str, Any]:
        """Return the header of a file of weights; raise NotFound where it has none."""
        return raw.mapping(
            await self._api.json("GET", f"/view_metadata/{segment(folder)}", params={"filename": name})
        )

    async def embeddings(self) -> tuple[str, ...]:
        """Return the names of the embeddings, without suffix."""
        return _names(await self._api.json("GET", "/embeddings"))

    async def _fetch(self) -> Mapping[str, Any]:
        try:
            body = await self._api.content("/object_info")
            nodes = await asyncio.to_thread(_nodes, body)
        except ComfyError:
            self._failed_at = self._monotonic()
            raise
        self._nodes, self._fetched_at = nodes, self._monotonic()
        await self._keep(body)
        return nodes

    async def _keep(self, body: bytes) -> None:
        digest = await asyncio.to_thread(_digest, body)
        if self._file is None or digest == self._written:
            return
        try:
            await asyncio.to_thread(_write, self._file, body)
        except OSError as error:
            log.warning("the node classes cannot be kept on disk: %s", error)
        else:
            self._written = digest


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def _nodes(body: bytes) -> Mapping[str, Any]:
    """Read the node classes; blocks, but lets other threads have their turn."""
    try:
        told = raw.decode_members(body)
    except ValueError:
        raise ProtocolError("the answer is not JSON") from None
    nodes = {name: raw.mapping(node) for name, node in told.items() if isinstance(node, dict)}
    if not 0 < len(nodes) <= MOST_CLASSES:
        raise ProtocolError("the node classes are not told as ComfyUI tells them")
    return nodes


def _names(body: Any) -> tuple[str, ...]:
    if not isinstance(body, list):
        raise ProtocolError("the names are not told as ComfyUI tells them")
    return raw.texts(body)  # pyright: ignore[reportUnknownArgumentType] - checked there, member by member


def _write(file: Path, body: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(body)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
