"""The endpoints of one server, whichever version it is of."""

import re
from collections.abc import AsyncGenerator, Container, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.comfy import raw
from bot.comfy.errors import NotFound, NotSupported, ProtocolError, Rejected
from bot.comfy.joined import Joined
from bot.comfy.models import Features
from bot.comfy.transport import Method, Transport


def segment(name: str) -> str:
    """Return a name as one segment of a path; raise NotFound for a name that can be none.

    What leads out of a folder is none: a proxy before the server may decode `%2F` before it looks where a path leads.
    """
    if not name or not {".", ".."}.isdisjoint(re.split(r"[/\\]", name)):
        raise NotFound("no such name")
    return quote(name, safe="", errors="replace")


class Api:
    """Requests by path without prefix. What the server can do is found out once, and again when asked to."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.known: Features | None = None
        """What is known of the server, without asking."""
        self._detection = Joined[Features]()

    async def features(self, *, refresh: bool = False) -> Features:
        """Return what the server can do; raises Unreachable, Rejected, or ProtocolError when it is no ComfyUI."""
        if self.known is not None and not refresh:
            return self.known
        return await self._detection.run(self._detect)

    async def json(
        self, method: Method, path: str, *, params: Mapping[str, str] | None = None, body: Any = None,
        form: aiohttp.FormData | None = None, graph: Mapping[str, Any] = raw.NOTHING, patience: float | None = None,
    ) -> Any:  # fmt: skip
        """Return the decoded answer."""
        path = await self.path(path)
        return await self.transport.json(
            method, path, params=params, body=body, form=form, graph=graph, patience=patience
        )

    async def send(
        self, method: Method, path: str, *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> None:
        """Make a request whose answer says nothing but that it was taken."""
        await self.transport.send(method, await self.path(path), params=params, body=body)

    async def content(self, path: str) -> bytes:
        """Return the bytes of an answer that is JSON of considerable size."""
        return await self.transport.content(await self.path(path))

    async def chunks(
        self, path: str, params: Mapping[str, str], max_bytes: int, *, never: Container[str] = ()
    ) -> AsyncGenerator[bytes]:
        """Give a file piece by piece; see `Transport.chunks`."""
        answer = self.transport.chunks(await self.path(path), params, max_bytes, never=never)
        async with aclosing(answer) as chunks:
            async for chunk in chunks:
                yield chunk

    async def path(self, path: str) -> str:
        """Return the path as this server knows it."""
        return f"/api{path}" if (await self.features()).api_prefix else path

    async def _detect(self) -> Features:
        prefix = await self._speaks("/api/prompt")
        if not prefix and not await self._speaks("/prompt"):
            raise ProtocolError(f"{self.transport.address.label} does not answer like a ComfyUI server")
        base = "/api" if prefix else ""
        system = raw.mapping((await self._optional(f"{base}/system_stats")).get("system"))
        flags = await self._optional(f"{base}/features")
        jobs = await self._optional("/api/jobs", limit="1") if prefix else raw.NOTHING
        self.known = Features(
            prefix,
            isinstance(jobs.get("jobs"), list),
            raw.text(system.get("comfyui_version")),
            raw.whole(flags.get("max_upload_size")),
        )
        return self.known

    async def _speaks(self, path: str) -> bool:
        """Tell whether the path answers as ComfyUI's does; a page of something else's front end does not count."""
        try:
            return "exec_info" in raw.mapping(await self.transport.json("GET", path))
        except (NotFound, NotSupported, ProtocolError):
            return False

    async def _optional(self, path: str, **params: str) -> Mapping[str, Any]:
        try:
            return raw.mapping(await self.transport.json("GET", path, params=params))
        except (Rejected, ProtocolError):
            return raw.NOTHING
