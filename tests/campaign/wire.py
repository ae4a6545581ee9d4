"""The simulated Discord over real sockets: REST, gateway and CDN, for a bot in a process of its own."""

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import discord
from aiohttp import ClientConnectionError, web
from simcord.backend import serializers
from simcord.backend.errors import BackendError
from simcord.gateway import FakeGateway
from simcord.http import router

from tests.faults import Call, DiscordFaults

HELLO, IDENTIFY, RESUME, INVALID_SESSION, HEARTBEAT, ACKNOWLEDGED = 10, 2, 6, 9, 1, 11
SESSION_TIMED_OUT = 4009
LARGEST = 64 * 1024 * 1024

Frame = tuple[str, Mapping[str, Any]]


class Wire:
    """Serves one simulated Discord to one bot; `ready` says with which servers each session begins."""

    def __init__(self, backend: Any, faults: DiscordFaults, ready: Callable[[], list[Any]]) -> None:
        self._backend, self._faults, self._ready = backend, faults, ready
        self._sessions: set[Session] = set()
        self.unknown: list[str] = []
        """What the bot asked for although the simulation does not know it."""
        self.url = ""

    async def __aenter__(self) -> Self:
        """Listen on a port of its own."""
        app = web.Application(client_max_size=LARGEST)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/cdn", self._file)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = site.name
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    def tell(self, event: str, payload: Mapping[str, Any]) -> None:
        """Announce an event to every session."""
        for session in self._sessions:
            session.gateway.feed(event, payload)

    def drop(self) -> None:
        """Let every session be lost."""
        for session in self._sessions:
            session.frames.put_nowait(None)

    async def _rest(self, request: web.Request) -> web.Response:
        body, files = await _read(request)
        call = Call(
            request.method, f"/{request.match_info['path']}", body if isinstance(body, dict) else {},
            tuple(file.fp.seek(0, io.SEEK_END) for file in files),
        )  # fmt: skip
        for file in files:
            file.fp.seek(0)

        async def act() -> Any:
            reason = request.headers.get("X-Audit-Log-Reason")
            return router.dispatch(self._backend, call.method, call.path, json=body,
                                   params=dict(request.query), files=files, reason=reason)  # fmt: skip

        try:
            result = await self._faults.perform(self._backend, call, act)
        except ClientConnectionError:
            assert request.transport is not None
            request.transport.abort()
            raise
        except (router.RouteNotImplemented, router.UnsupportedField) as error:
            self.unknown.append(str(error))
            return _json(error.to_json(), 501)
        except BackendError as error:
            return _json(error.to_json(), error.status)
        except discord.HTTPException as error:
            return _json({"code": error.code, "message": error.text}, error.status)
        return _json(result) if result is not None else web.Response(status=204)

    async def _file(self, request: web.Request) -> web.Response:
        blob = self._backend.cdn.get(request.query["url"])
        return web.Response(body=blob) if blob is not None else web.Response(status=404)

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 41250}})
        async with asyncio.TaskGroup() as group:
            speaking: asyncio.Task[None] | None = None
            session: Session | None = None
            async for frame in socket:
                match (said := frame.json())["op"]:
                    case 1:  # a heartbeat
                        await socket.send_json({"op": ACKNOWLEDGED})
                    case 2:  # who it is
                        session = Session(self._backend, int(said["d"]["intents"]))
                        self._sessions.add(session)
                        speaking = group.create_task(session.speak(socket))
                        session.begin(request.url.with_scheme("ws").with_query(None), self._ready())
                    case 6:  # it wants its session back, which nobody knows any more
                        await socket.send_json({"op": INVALID_SESSION, "d": False})
                    case _:
                        continue
            if session is not None and speaking is not None:
                self._sessions.discard(session)
                speaking.cancel()
        return socket


class Session:
    """What one session of the gateway says, in order."""

    def __init__(self, backend: Any, intents: int) -> None:
        self._backend = backend
        self.frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        declared = discord.Intents.none()
        declared.value = intents
        # What the intents let through comes to the parsers; ours write it down to be sent.
        self.gateway = FakeGateway(backend, SimpleNamespace(intents=declared, parsers=_Parsers(self.frames)))

    def begin(self, url: Any, guilds: list[Any]) -> None:
        """Say that the session has begun, and which servers the bot is in."""
        ready = {
            "v": 10, "user": dict(serializers.user_payload(self._backend.bot_user)), "guilds": [],
            "session_id": "simulated", "resume_gateway_url": str(url), "shard": [0, 1],
            "application": {"id": str(self._backend.application_id), "flags": 0},
        }  # fmt: skip
        self.gateway.feed("READY", ready)
        for guild in guilds:
            self.gateway.feed("GUILD_CREATE", serializers.guild_create_payload(self._backend, guild))

    async def speak(self, socket: web.WebSocketResponse) -> None:
        """Send what there is to say until cancelled, or until the session is to be lost."""
        number = 0
        try:
            while (frame := await self.frames.get()) is not None:
                number += 1
                await socket.send_json({"op": 0, "s": number, "t": frame[0], "d": frame[1]})
            await socket.close(code=SESSION_TIMED_OUT)
        except (ConnectionError, RuntimeError):
            return  # the bot is gone, or its connection


class _Parsers(dict[str, Callable[[Any], None]]):
    """Takes every event for one that is known."""

    def __init__(self, frames: asyncio.Queue[Frame | None]) -> None:
        super().__init__()
        self._frames = frames

    def __missing__(self, event: str) -> Callable[[Any], None]:
        return lambda payload: self._frames.put_nowait((event, payload))


def _json(said: Any, status: int = 200) -> web.Response:
    # As bytes: discord.py reads JSON only where the type has no charset beside it.
    return web.Response(body=json.dumps(said).encode(), status=status, content_type="application/json")


async def _read(request: web.Request) -> tuple[Any, list[discord.File]]:
    """Return the body and the files of a request, as discord.py sends them."""
    if not request.can_read_body:
        return None, []
    if request.content_type != "multipart/form-data":
        return await request.json(), []
    body: Any = {}
    files: list[discord.File] = []
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            data = await asyncio.to_thread(value.file.read)
            files.append(discord.File(io.BytesIO(data), value.filename))
        elif key == "payload_json":
            body = json.loads(str(value))
    told = body.get("data", body).get("attachments") or []
    for file, about in zip(files, told, strict=False):
        file.description = about.get("description")
    return body, files
