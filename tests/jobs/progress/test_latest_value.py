"""The newest value wins, and the last one is always seen."""

import asyncio
import time

from bot.jobs.progress.latest_value import LatestValue


async def test_only_the_newest_is_seen():
    cell = LatestValue[int]()
    for value in range(5):
        cell.put(value)
    assert await cell.next() == 4
    cell.put(5)
    cell.close()
    cell.put(6)
    assert cell.closed
    assert [value async for value in cell.paced(10)] == [5]
    assert await cell.next() is None


async def test_a_reader_waits_and_the_end_cuts_its_pause_short():
    cell = LatestValue[int]()
    seen: list[int] = []

    async def read() -> None:
        async for value in cell.paced(30):
            seen.append(value)
            cell.put(2)
            cell.put(3)
            asyncio.get_running_loop().call_later(0.02, cell.close)

    started = time.monotonic()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(read())
        await asyncio.sleep(0)
        cell.put(1)
    assert seen == [1, 3]
    assert time.monotonic() - started < 5
