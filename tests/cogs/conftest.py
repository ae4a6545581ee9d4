"""The simulated world that the commands are tried in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.settings import LimitSettings
from bot.ui.messages.pacing import Pace
from tests.faults import DiscordFaults, failing
from tests.world import PACE, World


@pytest.fixture
def discord_faults() -> Iterator[DiscordFaults]:
    """What is wrong with Discord."""
    with failing(DiscordFaults()) as faults:
        yield faults


@pytest.fixture
def limits() -> LimitSettings:
    """The caps; a test class that needs others overrides this."""
    return LimitSettings()


@pytest.fixture
def pace() -> Pace:
    """The rhythm of edits; a test class that needs another overrides this."""
    return PACE


@pytest.fixture
async def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: LimitSettings, pace: Pace
) -> AsyncIterator[World]:
    """A server, two members, a moderator, the bot, and a ComfyUI."""
    world = World(tmp_path, monkeypatch)
    world.limits = limits
    world.pace = pace
    async with world:
        yield world
    assert world.outside.failures == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """One world for all tests of a module, which run one after the other on its loop."""
    with pytest.MonkeyPatch.context() as patch:
        world = World(tmp_path_factory.mktemp("world"), patch)
        async with world:
            yield world
        assert world.outside.failures == []
