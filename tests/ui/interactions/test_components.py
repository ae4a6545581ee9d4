"""Controls by their ids, and waiting for a server."""

import asyncio
from typing import Any

import pytest

from bot.comfy import Unreachable
from bot.errors import UserError
from bot.runtime import Tasks
from bot.ui.interactions.components import fetched, ids, numbered, snowflake


class Bot:
    """As much of the bot as waiting needs."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.spawn = self.tasks.spawn


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("", (0, "")),
        ("3", (3, "")),
        ("2:loras|a:b", (2, "loras|a:b")),
        ("-1:x", (0, "x")),
        ("99999999", (0, "")),
        ("x:y", (0, "y")),
    ],
)
def test_what_a_page_button_remembers(argument: str, expected: tuple[int, str]) -> None:
    assert numbered(argument) == expected


def test_only_ids_of_the_family_are_heard() -> None:
    template = ids("models", "page", "open")
    assert template.fullmatch("models:open")
    found = template.fullmatch("models:page:1:odd\nname|x")
    assert found is not None
    assert found["argument"] == "1:odd\nname|x"
    for other in ("models:delete", "models", "nodes:page:1", "xmodels:open", "models:opens"):
        assert template.fullmatch(other) is None


async def test_an_answer_comes_or_a_sentence_says_why_not() -> None:
    bot: Any = Bot()

    async def answering(value: object) -> object:
        if isinstance(value, Exception):
            raise value
        return value

    assert await fetched(bot, answering(7)) == 7
    with pytest.raises(Unreachable):
        await fetched(bot, answering(Unreachable("gone")))
    with pytest.raises(UserError, match="takes too long"):
        await fetched(bot, asyncio.sleep(60), within=0.01)
    await bot.tasks.close()


async def test_who_stops_waiting_stops_the_asking() -> None:
    bot: Any = Bot()
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def asking() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(fetched(bot, asking()))
        await begun.wait()
        waiting.cancel()
    assert stopped.is_set()
    await bot.tasks.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("80351110224678912", 80351110224678912),
        ("1310000000000000001", 1310000000000000001),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("9" * 20, None),
        ("9" * 5000, None),
        ("٣", None),
        ("-1", None),
        ("", None),
    ],
)  # fmt: skip
def test_ids_of_any_year_are_read_and_nothing_else(text: str, expected: int | None) -> None:
    assert snowflake(text) == expected
