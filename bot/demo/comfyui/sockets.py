"""The WebSocket side: who is registered, what each asked for, and one task that sends frame after frame."""

import asyncio
import contextlib
import io
import json
import struct
import uuid
from typing import Any

from aiohttp import WSMsgType, web
from PIL import Image

from bot.demo.comfyui.faults import Faults, Frame
from bot.demo.comfyui.values import is_object

MAX_UPLOAD = 104_857_600
GONE = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}
IMAGE_TYPES = {"image/jpeg": 1, "image/png": 2}


class Hub:
    """All sockets of one server run, registered by client id, with the bugs of the real registration."""

    def __init__(self, faults: Faults, *, newest: bool) -> None:
        self.faults, self.newest = faults, newest
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.flags: dict[str, Any] = {}
        self.open: set[web.WebSocketResponse] = set()
        self.connections: dict[web.WebSocketResponse, asyncio.BaseTransport | None] = {}
        self.outbox: asyncio.Queue[Frame] = asyncio.Queue()
        self.queue_remaining = 0
        self.client_id: str | None = None
        self.last_node: str | None = None

    def features(self) -> dict[str, Any]:
        """Return the server's feature flags."""
        old: dict[str, Any] = {"supports_preview_metadata": True, "max_upload_size": MAX_UPLOAD}
        newer: dict[str, Any] = {"extension": {"manager": {"supports_v4": True}}, "assets": False}
        return old | newer if self.newest else old

    def status(self) -> dict[str, Any]:
        """Return the data of a status frame."""
        return {"status": {"exec_info": {"queue_remaining": self.queue_remaining}}}

    def publish(self, kind: str, data: dict[str, Any], sid: str | None) -> None:
        """Queue a frame for one client id, or for every socket."""
        text = json.dumps({"type": kind, "data": data})
        prompt_id: Any = data.get("prompt_id")
        for receiver in self.receivers(sid):
            self.outbox.put_nowait(Frame(kind, text, receiver, prompt_id))

    def publish_preview(
        self, picture: bytes, about: dict[str, Any], step: dict[str, Any], sid: str | None
    ) -> None:
        """Queue a preview and the progress it belongs to, in the order that the receiver's flags ask for."""
        if sid is not None and self.wants_metadata(sid):
            head = json.dumps(about).encode()
            body = struct.pack(">II", 4, len(head)) + head + picture
            self.outbox.put_nowait(Frame("preview", body, sid, step["prompt_id"]))
            self.publish("progress", step, sid)
            return
        self.publish("progress", step, sid)
        for receiver in self.receivers(sid):
            body = struct.pack(">II", 1, IMAGE_TYPES[about["image_type"]]) + picture
            self.outbox.put_nowait(Frame("preview", body, receiver, step["prompt_id"]))

    def wants_metadata(self, sid: str) -> bool:
        """Tell whether previews shall name their job; raises AttributeError for flags sent as null, as recorded."""
        return self.flags.get(sid, {}).get("supports_preview_metadata") is True

    def publish_text(self, node_id: str, text: str, sid: str | None) -> None:
        """Queue a text that a node shows while it runs."""
        name = node_id.encode()
        body = struct.pack(">II", 3, len(name)) + name + text.encode()
        for receiver in self.receivers(sid):
            self.outbox.put_nowait(Frame("text", body, receiver))

    def receivers(self, sid: str | None) -> list[str]:
        """Return the client ids a frame goes to."""
        return list(self.sockets) if sid is None else [sid]

    async def send_for_ever(self) -> None:
        """Send the queued frames one after another; a socket that does not read holds up all others."""
        while True:
            frame = await self.outbox.get()
            if self.faults.deaf:
                continue
            for sent in self.faults.frames(frame) if self.faults.frames else (frame,):
                await self.deliver(sent)

    async def deliver(self, frame: Frame) -> None:
        """Send one frame; a socket that is gone loses it."""
        socket = self.sockets.get(frame.sid)
        if socket is None or socket.closed:
            return
        with contextlib.suppress(
            ConnectionError, RuntimeError
        ):  # closing: the frame is lost, as on a real server
            if isinstance(frame.payload, str):
                await socket.send_str(frame.payload)
            else:
                await socket.send_bytes(frame.payload)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Handle one connection to `/ws`."""
        if self.faults.refuse_sockets is not None:
            return web.Response(status=self.faults.refuse_sockets)
        if self.faults.half_open:
            return await self.keep_silent(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sid = request.query.get("clientId") or uuid.uuid4().hex
        self.sockets[sid], self.flags[sid] = socket, {}
        self.connections[socket] = request.transport
        try:
            hello = {"type": "status", "data": self.status() | {"sid": sid}}
            await socket.send_str(json.dumps(hello))
            if self.client_id == sid and self.last_node is not None:
                resent = {"type": "executing", "data": {"node": self.last_node}}
                await socket.send_str(json.dumps(resent))
            await self.listen(socket, sid)
        finally:
            # As on the real server: whoever closes takes the registration along, even that of a newer socket.
            self.sockets.pop(sid, None)
            self.flags.pop(sid, None)
            self.connections.pop(socket, None)
        return socket

    async def keep_silent(self, request: web.Request) -> web.StreamResponse:
        """Accept a connection and say nothing on it, like a peer whose network has gone."""
        socket = web.WebSocketResponse(autoping=False, autoclose=False)
        await socket.prepare(request)
        self.connections[socket] = request.transport
        try:
            while not socket.closed and (await socket.receive()).type not in GONE:
                pass
        finally:
            self.connections.pop(socket, None)
        return socket

    async def listen(self, socket: web.WebSocketResponse, sid: str) -> None:
        """Read until the socket closes; only feature flags in the first readable message mean anything."""
        first = True
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            with contextlib.suppress(ValueError):
                data: Any = json.loads(message.data)
                if first and is_object(data) and data.get("type") == "feature_flags":
                    self.flags[sid] = data.get("data")
                    answer = {"type": "feature_flags", "data": self.features()}
                    await socket.send_str(json.dumps(answer))
                first = False

    def drop(self) -> None:
        """Cut every connection without a closing frame: the other side sees 1006."""
        for transport in list(self.connections.values()):
            if isinstance(transport, asyncio.Transport):
                transport.abort()


def encoded(picture: Image.Image, media: str) -> bytes:
    """Encode a preview as JPEG, or a picture for the socket as PNG."""
    buffer = io.BytesIO()
    if media == "image/png":
        picture.save(buffer, "PNG", compress_level=1)
    else:
        picture.convert("RGB").save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
