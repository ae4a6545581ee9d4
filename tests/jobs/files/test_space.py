"""The cap on everything in DATA_DIR but the database holds at every moment."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from bot.jobs.files.content import ContentStore
from bot.jobs.files.space import NoRoomError, Space
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.model.request import InputRef
from tests.jobs.rooms import roomy

KB = 1000


def lay(root: Path, name: str, size: int, *, age: float = 0) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (1_800_000_000 - age, 1_800_000_000 - age))
    return path


def weight(root: Path) -> int:
    total = 0
    for path in root.rglob("*"):
        with suppress(FileNotFoundError):  # removed meanwhile, to make room
            total += path.stat().st_size if path.is_file() and ".db" not in path.name else 0
    return total


async def test_many_writers_never_pass_the_cap(tmp_path: Path) -> None:
    space = roomy(tmp_path, 20 * KB)
    content = ContentStore(tmp_path / "inputs", space=space)
    seen: list[int] = []

    few = asyncio.Semaphore(8)

    async def put(number: int) -> None:
        async with few:
            await content.put(number.to_bytes(4, "big") * (KB // 4), "png")
            seen.append(weight(tmp_path))

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(put(number))
    assert max(seen) <= 20 * KB
    assert weight(tmp_path) > 10 * KB, "old ones made room, and no more than needed"


async def test_what_costs_least_to_have_again_goes_first_and_the_oldest_of_it(tmp_path: Path) -> None:
    newest = lay(tmp_path, "inputs/a.png", KB, age=0)
    old = lay(tmp_path, "outputs/b.png", KB, age=500)
    older = lay(tmp_path, "outputs/c.png", KB, age=900)
    copy = lay(tmp_path, "smaller/d.webp", KB, age=1)
    lay(tmp_path, "bot.db", 100 * KB)
    lay(tmp_path, "bot.db-wal", 100 * KB)
    space = roomy(tmp_path, 4 * KB)
    async with space.room(2 * KB):
        assert (newest.exists(), old.exists(), older.exists(), copy.exists()) == (True, True, False, False)
    assert (tmp_path / "bot.db").exists()


async def test_what_is_needed_half_written_or_not_ours_stays(tmp_path: Path) -> None:
    needed = lay(tmp_path, "inputs/needed.png", KB, age=900)
    half = lay(tmp_path, f"outputs/.work-{os.getpid()}-x", KB, age=900)
    foreign = lay(tmp_path, "letters.txt", KB, age=900)

    async def names() -> frozenset[str]:
        return frozenset({"needed.png"})

    space = Space(tmp_path, 4 * KB, names)
    async with space.room(KB):
        pass
    with pytest.raises(NoRoomError):
        async with space.room(3 * KB):
            pass
    assert needed.exists()
    assert half.exists()
    assert foreign.exists()


async def test_what_could_never_fit_costs_nobody_a_file(tmp_path: Path) -> None:
    kept = lay(tmp_path, "inputs/a.png", KB)
    with pytest.raises(NoRoomError):
        async with roomy(tmp_path, 4 * KB).room(5 * KB):
            pass
    assert kept.exists()


async def test_room_that_was_not_used_is_given_back(tmp_path: Path) -> None:
    space = roomy(tmp_path, 4 * KB)
    for _ in range(10):
        async with space.room(3 * KB) as room:
            await room.grow(KB)
            with pytest.raises(NoRoomError):
                await room.grow(1)
    async with space.room(4 * KB):
        pass


async def test_nothing_is_removed_while_nobody_knows_what_is_needed(tmp_path: Path) -> None:
    kept = lay(tmp_path, "inputs/a.png", 3 * KB)

    async def locked() -> frozenset[str]:
        raise StoreUnavailable("locked")

    with pytest.raises(NoRoomError):
        async with Space(tmp_path, 4 * KB, locked).room(2 * KB):
            pass
    assert kept.exists()


async def test_what_came_for_nothing_goes_unless_it_came_for_something_else_too(tmp_path: Path) -> None:
    content = ContentStore(tmp_path / "inputs", space=roomy(tmp_path))

    async def arrived() -> InputRef:
        partial = content.partial("x")
        partial.write_bytes(b"picture")
        return await asyncio.to_thread(content.adopt, partial, "png")

    one, other = await arrived(), await arrived()
    assert one == other
    content.remove_arrival(one)
    assert content.path(one).exists(), "the other one needs it"
    content.remove_arrival(other)
    assert not content.path(other).exists()
