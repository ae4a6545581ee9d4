"""The playground's HTTP side: the page's files, what it asks, what it is told, and the files of messages."""

import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from bot.demo.playground.acting import RefusedError, Scene, Stage
from bot.demo.playground.feed import Changes, Feed
from bot.demo.playground.guard import guard
from bot.demo.playground.media import cdn_address
from bot.demo.playground.palette import commands, menus
from bot.demo.playground.patches import UPLOAD_LIMIT
from bot.demo.playground.view import history, visible_message
from bot.demo.playground.world import World

_PAGE = Path(__file__).parent / "page"
_SHOWN_IN_PAGE = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
LOCALES = ("en-US", "zh-CN", "zh-TW")

log = logging.getLogger(__name__)

Body = dict[str, Any]
Uploads = dict[str, list[tuple[str, bytes]]]
Answer = Callable[[Scene, Body, Uploads], Awaitable[Any]]


class PlaygroundServer:
    """Routes of the page; one instance for one world."""

    def __init__(self, world: World, stage: Stage, feed: Feed, notices: dict[str, str]) -> None:
        self._world = world
        self._stage = stage
        self._feed = feed
        self._notices = notices

    def app(self, host: str) -> web.Application:
        """Return the application; `host` is the name it may be called by besides addresses and localhost."""
        app = guard(host)
        app.router.add_get("/", self._index)
        app.router.add_get("/state", self._state)
        app.router.add_get("/events", self._events)
        app.router.add_get("/cdn/{path:.+}", self._file)
        app.router.add_static("/page", _PAGE)
        stage = self._stage
        answers: dict[str, Answer] = {
            "command": lambda scene, body, files: stage.command(scene, body["path"], body["options"], files),
            "autocomplete": lambda scene, body, _files: stage.autocomplete(
                scene, body["path"], body["option"], body["text"], body["options"]
            ),
            "click": lambda scene, body, _files: stage.click(scene, int(body["message"]), body["custom_id"]),
            "select": lambda scene, body, _files: stage.select(
                scene, int(body["message"]), body["custom_id"], body["values"]
            ),
            "submit": lambda scene, body, files: stage.submit(scene, body["form"], body["values"], files),
            "menu": lambda scene, body, _files: stage.menu(scene, int(body["message"]), str(body["name"])),
            "say": lambda scene, body, files: stage.say(scene, str(body["text"])[:2000], files),
            "delete": lambda scene, body, _files: stage.delete(scene, int(body["message"])),
            "commands": self._commands,
            "menus": self._menus,
        }
        for name, answer in answers.items():
            app.router.add_post(f"/do/{name}", self._doing(answer))
        return app

    def _doing(self, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                body, files = await _read(request)
                result = await answer(self._scene(body), body, files)
            except RefusedError as refusal:
                return web.json_response({"state": "refused", "text": str(refusal)})
            except (KeyError, TypeError, ValueError) as error:
                raise web.HTTPBadRequest(text="The request could not be understood.") from error
            return web.json_response(result)

        return handle

    async def _commands(self, scene: Scene, _body: Body, _files: Uploads) -> list[dict[str, Any]]:
        return commands(self._world.backend, scene.persona.actor.id, scene.channel.id, scene.locale)

    async def _menus(self, scene: Scene, _body: Body, _files: Uploads) -> list[dict[str, Any]]:
        return menus(self._world.backend, scene.persona.actor.id, scene.channel.id, scene.locale)

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_PAGE / "index.html")

    async def _state(self, _request: web.Request) -> web.Response:
        world = self._world
        bot = world.backend.bot_user
        return web.json_response(
            {
                "notices": self._notices,
                "bot": {"id": str(bot.id), "name": bot.name},
                "people": [
                    {"id": str(key), "name": world.backend.get_user(key).global_name, "part": persona.part}
                    for key, persona in world.personas.items()
                ],
                "channels": [
                    {"id": str(key), "name": channel.name, "nsfw": key == world.nsfw.id}
                    for key, channel in world.channels.items()
                ],
                "uploadLimit": UPLOAD_LIMIT,
            }
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        scene = self._scene({**request.query})
        viewer, channel = scene.persona.actor.id, scene.channel.id
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with self._feed.watching(channel) as watcher:
            try:
                first = {"all": history(self._world, viewer, channel), "presence": self._feed.presence}
                await _tell(response, first)
                async for changes in watcher.listen():
                    await _tell(response, self._news(viewer, channel, changes))
            except ConnectionError:
                log.debug("a page was closed")
        return response

    def _news(self, viewer: int, channel: int, changes: Changes) -> dict[str, Any]:
        news: dict[str, Any] = {}
        if changes.commands:
            news["commands"] = True
        if changes.presence:
            news["presence"] = self._feed.presence
        if changes.messages:
            shown = {key: visible_message(self._world, viewer, channel, key) for key in changes.messages}
            news["messages"] = [message for message in shown.values() if message is not None]
            news["gone"] = [str(key) for key, message in shown.items() if message is None]
        return news

    async def _file(self, request: web.Request) -> web.Response:
        address = cdn_address(request.match_info["path"])
        data = self._world.backend.cdn.get(address)
        if data is None:
            raise web.HTTPNotFound(text="This file is gone.")
        part = _asked_part(request, len(data))
        response = web.Response(body=data if part is None else data[part])
        response.headers["Accept-Ranges"] = "bytes"
        if part is not None:
            response.set_status(206)
            response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
        kind = self._world.backend.cdn.kind(address)
        safe = kind in _SHOWN_IN_PAGE or kind.startswith(("audio/", "video/"))
        response.content_type = kind if safe else "application/octet-stream"
        if not safe or "download" in request.query:
            response.headers["Content-Disposition"] = "attachment"
        response.headers["Cache-Control"] = "private, max-age=3600, immutable"
        return response

    def _scene(self, body: Body) -> Scene:
        persona = self._world.personas[int(body["as"])]
        channel = self._world.channels[int(body["channel"])]
        locale = body.get("locale", LOCALES[0])
        return Scene(persona, channel, locale if locale in LOCALES else LOCALES[0])


def _asked_part(request: web.Request, size: int) -> slice | None:
    """Return the bytes a player wants to jump to; None when all of them are wanted."""
    if "Range" not in request.headers:
        return None
    try:
        asked = request.http_range
    except ValueError as error:
        raise web.HTTPRequestRangeNotSatisfiable from error
    start, stop, _ = asked.indices(size)
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return slice(start, stop)


async def _tell(response: web.StreamResponse, news: dict[str, Any]) -> None:
    line = f"data: {json.dumps(news, ensure_ascii=False)}\n\n" if news else ": still here\n\n"
    await response.write(line.encode())


async def _read(request: web.Request) -> tuple[Body, Uploads]:
    if request.content_type == "application/json":
        return dict(await request.json()), {}
    body: Body = {}
    files: Uploads = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise ValueError("nested parts")
        if part.name == "request":
            body = dict(await part.json() or {})
            continue
        data = bytes(await part.read())
        if len(data) > UPLOAD_LIMIT:
            raise RefusedError("This file is too large.")
        files.setdefault(part.name or "", []).append((part.filename or "file", data))
    return body, files
