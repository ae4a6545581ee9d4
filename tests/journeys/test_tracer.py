"""The tracer notes what begins and what goes on in the tasks it is asked for, and nothing else."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from bot.demo.simulated import OutsideTasks
from tests.journeys.tracer import PERSON, ROOT, Tracer

SOURCE = """
import asyncio
from dataclasses import dataclass

@dataclass
class Made:
    value: int

    def told(self):
        return [each for each in (self.value,)]

async def outer(event):
    await inner(event)

async def inner(event):
    while True:
        await waited(event)
        Made(1).told()

async def waited(event):
    await event.wait()
    event.clear()

async def in_a_thread():
    await asyncio.to_thread(threaded)

def threaded():
    pass

async def spawning(spawn):
    await spawn(inherited(), name="other 1")

async def inherited():
    await asyncio.create_task(child())

async def child():
    pass
"""
FILE = "bot/made.py"


def made(file: str = FILE) -> Any:
    """Return such functions as those of a file."""
    space: dict[str, Any] = {"__name__": "made"}
    exec(compile(SOURCE, str(ROOT / file), "exec"), space)
    return SimpleNamespace(**space)


@pytest.fixture
def tracer() -> Iterator[Tracer]:
    tracer = Tracer()
    with tracer.installed():
        yield tracer
        tracer.end()


async def _noted(tracer: Tracer) -> list[str]:
    tracer.end()
    functions = await tracer.functions(1.0)
    assert {file for file, _ in functions} <= {FILE}
    return [name for _, name in functions]


def test_a_loop_that_goes_on_counts_and_what_hands_its_wait_on_does_not(tracer: Tracer) -> None:
    async def tried() -> list[str]:
        event = asyncio.Event()
        waiting = asyncio.ensure_future(made().outer(event))
        await asyncio.sleep(0.01)
        tracer.begin(PERSON)
        event.set()
        await asyncio.sleep(0.01)
        found = await _noted(tracer)
        waiting.cancel()
        return found

    assert asyncio.run(tried()) == ["waited", "inner", "Made.told"]


def test_threads_count_and_other_files_do_not(tracer: Tracer) -> None:
    async def tried() -> list[str]:
        await asyncio.sleep(0)
        tracer.begin(PERSON)
        await made().in_a_thread()
        await made("bot/demo/made.py").in_a_thread()
        await made("tests/made.py").in_a_thread()
        return await _noted(tracer)

    assert asyncio.run(tried()) == ["in_a_thread", "threaded"]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ((PERSON,), ["spawning"]),
        (("other",), ["inherited", "child"]),
        ((PERSON, "other"), ["spawning", "inherited", "child"]),
        (("another",), []),
    ],
)
def test_a_task_has_the_role_it_is_spawned_under(
    tracer: Tracer, roles: tuple[str, ...], expected: list[str]
) -> None:
    async def tried() -> list[str]:
        tracer.begin(*roles)
        await made().spawning(OutsideTasks().spawn)
        return await _noted(tracer)

    assert asyncio.run(tried()) == expected
