"""A Discord that answers the two questions of a login, for what asks it about a token."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GhIjKl.abcdefghijklmnopqrstuvwxyz0123456789AB"


@dataclass
class FakeDiscord:
    """Answers the two questions of a login."""

    status: int = 200
    public: bool = False
    asked: list[str] = field(default_factory=list[str])

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        user = {"id": "1", "username": "painter", "discriminator": "0", "avatar": None}
        body: dict[str, Any] = user
        if request.path.endswith("applications/@me"):
            body = {
                "id": "1",
                "name": "painter",
                "description": "",
                "icon": None,
                "summary": "",
                "verify_key": "",
                "bot_public": self.public,
                "bot_require_code_grant": False,
                "owner": user,
                "flags": 0,
            }
        if self.status != 200:
            body = {"message": "no", "code": 0}
        response = web.json_response(body, status=self.status)
        # discord.py takes only exactly this for JSON.
        response.headers["Content-Type"] = "application/json"
        return response


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    fake = FakeDiscord()
    app = web.Application()
    app.router.add_get("/{path:.*}", fake.answer)
    async with TestServer(app) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        yield fake
