"""Two processes by mistake: the second is told so, and a dead one is in nobody's way."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.store import instance_lock
from tests.jobs.samples import counting, eventually
from tests.store.conftest import POSTGRES

HOLDER = """
import asyncio, sys
from bot.store import instance_lock

async def main():
    async with instance_lock(sys.argv[1], tuple(map(int, sys.argv[2:]))):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql" and not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL names no PostgreSQL database to test with")
    return POSTGRES if request.param == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/data/bot.db"


@pytest.mark.parametrize(
    ("first", "second", "free"),
    [
        ((), (), False),
        ((0, 1), (1, 2), False),
        ((0, 1), (2, 3), True),
        ((), (5,), False),
        ((5,), (), False),
        ((3,), (3,), False),
    ],
)
async def test_shards_are_served_by_one_process(
    url: str, first: Sequence[int], second: Sequence[int], free: bool
) -> None:
    async with instance_lock(url, first):
        if free:
            async with instance_lock(url, second, patience=0):
                pass
        else:
            with pytest.raises(ConfigError, match="Another process"):
                async with instance_lock(url, second, patience=0):
                    pass
    async with instance_lock(url, second, patience=0):
        pass


async def test_who_is_about_to_end_is_waited_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with instance_lock(url):
        module = import_module(
            "bot.store.connection.instance_lock"
        )  # by its name: in the package the function hides it
        attempts = counting(monkeypatch, module, "_take" if url == POSTGRES else "hold")
        next_one = asyncio.ensure_future(_be_alone(url))
        await eventually(lambda: len(attempts) >= 2)
        assert not next_one.done()
    await next_one


async def test_after_a_kill_the_next_goes_on_at_once(url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"held\n"
    with pytest.raises(ConfigError, match="Another process"):
        async with instance_lock(url, patience=0):
            pass
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(2), instance_lock(url):
        pass


async def test_where_no_lock_can_be_made_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"bot\.db\.lock"):
        async with instance_lock(f"sqlite+aiosqlite:///{tmp_path}/file/bot.db"):
            pass


async def _be_alone(url: str) -> None:
    async with instance_lock(url):
        pass
