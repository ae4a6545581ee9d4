"""Servers that say whatever a test wants, true to ComfyUI or not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web

Answer = Any
"""A text, bytes, a status, JSON, or a coroutine function that answers the request itself."""


class Liar:
    """Answers requests by a table, everything else with 404; looks like an old ComfyUI as long as it is let.

    A text is sent as it is and called JSON, bytes are sent as a file, anything else as JSON, an int as a bare status.
    """

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers: dict[str, Answer] = {"GET /prompt": {"exec_info": {"queue_remaining": 0}}, **answers}
        self.requests: list[tuple[str, Any]] = []
        self.upgrades: list[web.Request] = []
        self.url = ""

    def count(self, name: str) -> int:
        return sum(1 for asked, _ in self.requests if asked == name)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade"):
            self.upgrades.append(request)
        name = f"{request.method} {request.rel_url.raw_path}"
        self.requests.append(
            (name, await request.text() if "multipart" not in request.content_type else None)
        )
        if name not in self.answers:
            return web.Response(status=404)
        answer = self.answers[name]
        if callable(answer):
            return await cast("Awaitable[web.StreamResponse]", answer(request))
        match answer:
            case int():
                return web.Response(status=answer)
            case str():
                return web.Response(text=answer, content_type="application/json")
            case bytes():
                return web.Response(body=answer)
            case _:
                return web.json_response(answer)


@asynccontextmanager
async def lying(answers: dict[str, Answer] | None = None) -> AsyncIterator[Liar]:
    """Run a server that answers by a table."""
    liar = Liar(answers or {})
    app = web.Application(client_max_size=200 * 1024**2)
    app.router.add_route("*", "/{tail:.*}", liar.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield liar
    finally:
        await runner.cleanup()


@asynccontextmanager
async def blurting(reply: bytes | None) -> AsyncIterator[str]:
    """Run a server that sends these bytes to whoever asks and hangs up; None: resets without a word."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if reply is None:
            writer.transport.abort()
            return
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """Run a server that takes connections and never says anything."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        over.set()
