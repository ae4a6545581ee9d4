"""What hostile pictures cost the bot: `python -m tests.bench.pictures [--pictures 8] [--side 7070]`.

A stranger's message with so many PNGs of a few hundred kB, each of so many pixels a side, and one menu used on it; then
one of them attached to `/generate`. Prints how far the memory of the bot's own process grew at its peak, how large its
children were, and how long other work (a thread of the pool, a step of the event loop) waited at worst. Linux only.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.media.decoding.samples import huge
from tests.world import World

SELF = Path("/proc/self")
EVERY = 0.01


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def megabytes(status: Path, field: str) -> int:
    for line in status.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) // 1024
    return 0


def children() -> int:
    """Return the megabytes that the children of this process take now."""
    total = 0
    for task in (SELF / "task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    total += megabytes(Path(f"/proc/{child}/status"), "VmRSS")
    return total


async def loop_stall(worst: dict[str, float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(EVERY)
        worst["loop"] = max(worst["loop"], time.perf_counter() - before - EVERY)


async def thread_delay(worst: dict[str, float]) -> None:
    while True:
        before = time.perf_counter()
        worst["children"] = max(worst["children"], await asyncio.to_thread(children))
        worst["thread"] = max(worst["thread"], time.perf_counter() - before)
        await asyncio.sleep(EVERY)


@asynccontextmanager
async def measured(world: World, what: str) -> AsyncGenerator[None]:
    (SELF / "clear_refs").write_text("5")
    before = megabytes(SELF / "status", "VmRSS")
    worst = {"loop": 0.0, "thread": 0.0, "children": 0.0}
    # In tasks the simulation knows nothing of: they measure real time.
    tasks = [world.outside.spawn(each(worst), name=what) for each in (loop_stall, thread_delay)]
    begun = time.perf_counter()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        peak = megabytes(SELF / "status", "VmHWM")
        say(
            f"{what}: {time.perf_counter() - begun:.1f} s; bot {before} -> {peak} MB at its peak "
            f"(+{peak - before}); children {worst['children']:.0f} MB; "
            f"thread work waited {worst['thread']:.2f} s, the loop {worst['loop']:.2f} s"
        )


async def main(pictures: int, side: int) -> None:
    data = huge(side)
    say(f"{pictures} PNGs of {side} x {side}, {len(data) // 1000} kB each")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        async with World(Path(folder), patch) as world:
            world.env.settle_timeout = 600.0
            message = await world.bob.send(
                world.channel, attachments=[(f"{number}.png", data) for number in range(pictures)]
            )
            async with measured(world, "Use as input, to choose from"):
                asked = await world.alice.context_menu(world.channel, "Use as input", message)
            say("   ", list(world.buttons(asked.response)) or world.text(asked.response))
            async with measured(world, "one of them attached"):
                card = await world.generate(image=("x.png", data), workflow="img2img", prompt="a fox")
            say("   ", world.text(card)[:200].replace("\n", " / "))
            kept = [path for path in (Path(folder) / "data" / "inputs").rglob("*") if path.is_file()]
            say(f"    {len(kept)} files kept: {sum(each.stat().st_size for each in kept) // 1000} kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--side", type=int, default=7070)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.pictures, arguments.side))
