"""Tasks that end when they are told to."""

import asyncio

from bot.runtime import Tasks


async def test_what_keeps_a_cancellation_to_itself_is_cancelled_again() -> None:
    tasks, asked = Tasks(), list[None]()
    begun = asyncio.Event()

    async def stubborn() -> None:
        for _ in range(2):
            try:
                begun.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                asked.append(None)
        await asyncio.Event().wait()

    task = tasks.spawn(stubborn(), name="stubborn")
    await begun.wait()
    async with asyncio.timeout(20):
        await tasks.close()
    assert (task.cancelled(), len(asked)) == (True, 2)


async def test_what_fails_while_it_is_stopped_keeps_nothing_else_from_stopping() -> None:
    tasks = Tasks()
    begun = asyncio.Event()

    async def failing() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            raise ValueError("in the middle of it")

    tasks.spawn(failing(), name="failing")
    waiting = tasks.spawn(asyncio.Event().wait(), name="waiting")
    await begun.wait()
    await tasks.close()
    assert waiting.cancelled()
