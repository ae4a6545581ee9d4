"""A listener that runs for the time of a test, and servers that say what a test wants."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from bot.comfy import ComfyClient, Event, Finished, Listener, Mailbox, ServerAddress
from tests.comfy.liars import Liar, lying


def soon(_: int) -> float:
    return 0.01


@asynccontextmanager
async def listening(client: ComfyClient, **options: Any) -> AsyncIterator[Listener]:
    """Run a listener for the time of a test."""
    listener = Listener(client, **{"delay": soon, **options})
    running = asyncio.ensure_future(listener.run())
    try:
        yield listener
        assert not running.done(), "the listener ended by itself"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def collected(box: Mailbox, last: type = Finished, seconds: float = 10.0) -> list[Event]:
    events: list[Event] = []
    async with asyncio.timeout(seconds):
        while not events or not isinstance(events[-1], last):
            events.append(await box.get())
    return events


def kinds(events: list[Event]) -> set[type]:
    return {type(event) for event in events}


Speech = Callable[[web.WebSocketResponse], Awaitable[None]]


@asynccontextmanager
async def speaking(
    session: aiohttp.ClientSession, speech: Speech
) -> AsyncIterator[tuple[ComfyClient, Liar, list[str]]]:
    """Run a server that says what a test wants to each socket; gives what each socket said first."""
    heard: list[str] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        heard.append(await socket.receive_str())
        await speech(socket)
        return socket

    async with lying({"GET /ws": serve}) as liar:
        yield ComfyClient(ServerAddress.parse(liar.url), session, timeout=5), liar, heard


def frame(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "data": data})
