"""What every request passes first: the log of requests, access rules, faults, and the plain 500."""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot.demo.comfyui.faults import FaultAction, Faults, HttpFault
from bot.demo.comfyui.pixels import BROKEN_PICTURE
from bot.demo.comfyui.values import is_object

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PLAIN_500 = "500 Internal Server Error\n\nServer got itself in trouble"
BROKEN = (ValueError, TypeError, LookupError, AttributeError, OSError, RuntimeError)


@dataclass(slots=True)
class Gate:
    """Stands before all routes."""

    faults: Faults
    requests: list[tuple[str, str, Any]]
    base_path: str = ""
    required_headers: dict[str, str] = field(default_factory=dict[str, str])
    basic_auth: tuple[str, str] | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def middleware(self) -> Middleware:
        """Return this gate as aiohttp wants it."""

        @web.middleware
        async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self.handle(request, handler)

        return pass_through

    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request through, refuse it, or spoil it."""
        path = self.bare_path(request.path)
        self.requests.append((request.method, path, await sent_json(request)))
        if not self.allowed(request):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="ComfyUI"'})
        if foreign_origin(request):
            return web.Response(status=403)
        if self.faults.slow > 0:
            await self.pause(self.faults.slow)
        fault = self.faults.take_http(request.method, path)
        if fault is not None and (early := await self.before(request, fault)) is not None:
            return early
        try:
            response = await handler(request)
        except (*BROKEN, *BROKEN_PICTURE):
            response = web.Response(status=500, text=PLAIN_500)
            response.force_close()
        return response if fault is None else await self.after(request, response, fault)

    def bare_path(self, path: str) -> str:
        """Return the path without base and without `/api`, except where only `/api` has it."""
        path = path.removeprefix(self.base_path)
        bare = path.removeprefix("/api")
        return path if bare == path or bare.startswith("/jobs") else bare

    def allowed(self, request: web.Request) -> bool:
        """Tell whether the request carries what a proxy in front would want."""
        wanted = dict(self.required_headers)
        if self.basic_auth is not None:
            pair = base64.b64encode(":".join(self.basic_auth).encode()).decode()
            wanted[hdrs.AUTHORIZATION] = f"Basic {pair}"
        return all(request.headers.get(name) == value for name, value in wanted.items())

    async def before(self, request: web.Request, fault: HttpFault) -> web.StreamResponse | None:
        """Apply the faults that strike before anything is done."""
        match FaultAction(fault.action):
            case FaultAction.RESET:
                return cut(request)
            case FaultAction.STATUS:
                return web.Response(status=fault.status, text=fault.text)
            case FaultAction.HANG:
                await self.closing.wait()
                return cut(request)
            case FaultAction.DELAY:
                await self.pause(fault.seconds)
                return None
            case _:
                return None

    async def after(
        self, request: web.Request, response: web.StreamResponse, fault: HttpFault
    ) -> web.StreamResponse:
        """Apply the faults that spoil an answer."""
        content = response.body if isinstance(response, web.Response) else None
        content = content if isinstance(content, bytes) else b"x" * 1000
        match FaultAction(fault.action):
            case FaultAction.LATE:
                await self.pause(fault.seconds)
                return response
            case FaultAction.LOSE_ANSWER:
                return cut(request)
            case FaultAction.HALF_BODY:
                return await half(request, response, content)
            case FaultAction.NAN if response.content_type != "application/json":
                return response
            case FaultAction.NAN:
                data: Any = json.loads(content)
                odd = {"nan": float("nan"), "infinity": float("inf")}
                return web.json_response(data | odd if is_object(data) else data)
            case FaultAction.GARBAGE:
                return web.Response(body=b'{"prompt_id": "', content_type="application/json")
            case _:
                return response

    async def pause(self, seconds: float) -> None:
        """Wait, but not longer than the server lives."""
        waiting = asyncio.ensure_future(self.closing.wait())
        await asyncio.wait((waiting,), timeout=seconds)
        waiting.cancel()


async def sent_json(request: web.Request) -> Any:
    """Return the request's body when it is JSON, else None."""
    if request.method == "GET" or request.content_type.startswith("multipart/"):
        return None
    try:
        return json.loads(await request.text())
    except ValueError:
        return None


def foreign_origin(request: web.Request) -> bool:
    """Tell whether a page from elsewhere asks a server on this machine: Host and Origin differ."""
    origin = request.headers.get(hdrs.ORIGIN, "")
    host = request.headers.get(hdrs.HOST, "")
    name, _, port = origin.partition("//")[2].partition(":")
    host_name, _, host_port = host.partition(":")
    if not name or host_name not in LOOPBACK:
        return False
    return name != host_name or bool(port and host_port and port != host_port)


def cut(request: web.Request) -> web.Response:
    """Cut the connection at once."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def half(request: web.Request, response: web.StreamResponse, content: bytes) -> web.StreamResponse:
    """Announce the whole answer, send half of it and cut the connection."""
    broken = web.StreamResponse(status=response.status)
    broken.content_type = response.content_type
    broken.content_length = len(content)
    await broken.prepare(request)
    await broken.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.close()
    return broken
