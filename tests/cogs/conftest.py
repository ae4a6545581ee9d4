"""The simulated world that the commands are tried in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A server, two members, a moderator, the bot, and a ComfyUI."""
    world = World(tmp_path, monkeypatch)
    async with world:
        yield world
    assert world.outside.failures == []
