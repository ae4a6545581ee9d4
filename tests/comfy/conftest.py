"""A session, and stand-in servers of both versions to talk to."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import aiohttp
import pytest

from bot.comfy import ComfyClient, ServerAddress
from bot.demo.comfyui import StandIn


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=["old", "new"])
def version(request: pytest.FixtureRequest) -> Literal["old", "new"]:
    return request.param


@pytest.fixture
async def server(tmp_path: Path, version: Literal["old", "new"]) -> AsyncIterator[StandIn]:
    async with StandIn(tmp_path / "comfyui", step_seconds=0.005, version=version) as server:
        yield server


@pytest.fixture
def client(server: StandIn, session: aiohttp.ClientSession, tmp_path: Path) -> ComfyClient:
    return ComfyClient(ServerAddress.parse(server.url), session, cache_dir=tmp_path / "cache", timeout=10)
