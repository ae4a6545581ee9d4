"""Messages that stayed behind in a place that closed."""

from typing import Any, cast

import discord
import pytest

from bot.jobs.job import MessageRef
from bot.runtime import Tasks
from bot.ui.faults import Fault
from bot.ui.leftovers import MOST, Leftovers
from bot.ui.pacing import Pace
from tests.ui.test_final import FakeRoutes

THERE = MessageRef(9, 41)


async def left(routes: FakeRoutes, ref: MessageRef, view: Any = None) -> list[str]:
    """Leave a message behind, and return what was done about it in the end."""
    tasks: list[Any] = []

    def spawn(coroutine: Any, *, name: str) -> Any:
        tasks.append(Tasks().spawn(coroutine, name=name))
        return tasks[-1]

    Leftovers(cast("Any", routes), Pace(rest=(0.001, 0.001, 0.001)), spawn).leave(ref, view)
    for task in tasks:
        await task
    return routes.taken


@pytest.mark.parametrize(
    ("faults", "done"),
    [
        ({}, ["delete 41"]),
        ({"delete 41": [Fault.ACCESS, Fault.LATER]}, ["delete 41"]),
        ({"delete 41": [Fault.MESSAGE]}, []),
        ({"delete 41": [Fault.ACCESS] * 3}, []),
    ],
    ids=str,
)
async def test_a_placeholder_goes_when_its_place_is_open_again(
    faults: dict[str, list[Fault]], done: list[str]
) -> None:
    assert await left(FakeRoutes(faults), THERE) == done


async def test_a_card_shows_how_its_job_ended() -> None:
    routes = FakeRoutes({"bot 41": [Fault.ACCESS]})
    assert await left(routes, THERE, discord.ui.LayoutView()) == ["bot 41"]


@pytest.mark.parametrize("ref", [MessageRef(9), MessageRef(9, 41, ephemeral=True)])
async def test_what_cannot_be_changed_is_left(ref: MessageRef) -> None:
    assert await left(FakeRoutes(), ref) == []


def test_no_more_are_remembered_than_can_be_cleared_up() -> None:
    begun: list[Any] = []
    leftovers = Leftovers(cast("Any", None), Pace(), lambda coroutine, name: begun.append(coroutine))  # type: ignore[arg-type, return-value, func-returns-value]
    for _ in range(MOST + 5):
        leftovers.leave(THERE)
    assert len(begun) == MOST
    for coroutine in begun:
        coroutine.close()
