"""The watch over the steps of the event loop notices what it is for, and nothing else."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.steps import MOST, watch_steps

SOURCE = """
def busy(seconds):
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass

async def at_once(seconds):
    await asyncio.sleep(0)
    busy(seconds)
    await asyncio.sleep(0)

async def to_the_end(seconds):
    busy(seconds)

async def in_pieces(seconds):
    for _ in range(10):
        busy(seconds / 10)
        await asyncio.sleep(0)

async def in_a_thread(seconds):
    await asyncio.to_thread(busy, seconds)

async def waiting(seconds):
    await asyncio.sleep(seconds)
"""


def of(module: str) -> dict[str, Any]:
    """Return such functions as those of a module."""
    space: dict[str, Any] = {"__name__": module, "asyncio": asyncio, "time": time}
    exec(SOURCE, space)
    return space


@pytest.mark.parametrize(
    ("module", "name", "noticed"),
    [
        ("bot.ui.made", "at_once", True),
        ("cogs.made", "to_the_end", True),
        ("bot.ui.made", "in_pieces", False),
        ("bot.ui.made", "in_a_thread", False),
        ("bot.ui.made", "waiting", False),
        ("discord.made", "to_the_end", True),
        ("simcord.made", "at_once", False),
        ("bot.demo.made", "at_once", False),
    ],
)
def test_only_a_long_step_of_the_bot_is_noticed(
    module: str, name: str, noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    async def awaited() -> None:
        await asyncio.ensure_future(of(module)[name](MOST * 2))

    _watched(monkeypatch, found, awaited)
    assert bool(found) is noticed, found
    if noticed:
        assert f"{module}.{name}" in found[0]


def test_a_plain_callback_is_noticed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []

    async def called() -> None:
        asyncio.get_running_loop().call_soon(of("bot.jobs.made")["busy"], MOST * 2)
        await asyncio.sleep(0.01)

    _watched(monkeypatch, found, called)
    assert "bot.jobs.made.busy" in found[0]


def _watched(monkeypatch: pytest.MonkeyPatch, found: list[str], make: Callable[[], Any]) -> None:
    stop = watch_steps(monkeypatch, found)
    try:
        asyncio.run(make())
    finally:
        stop()
