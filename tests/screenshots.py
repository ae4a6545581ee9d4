"""`python -m tests.screenshots [FOLDER [NAME …]]`: take the README's pictures anew, from the playground in a real browser."""

import asyncio
import io
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image

from bot.app import build
from bot.demo.comfyui import StandIn
from bot.demo.playground import Playground
from bot.demo.run import SHIPPED, WORKFLOWS, settings_for
from tests.browsing import PATIENCE, Tab, playwright, tab_at

PHONE: Mapping[str, float] = {"width": 390, "height": 844, "scale": 1.5}
DESK: Mapping[str, float] = {"width": 1000, "height": 760}
MOST_BYTES = 200_000
COLOURS = (None, 256, 128, 64)
SLOW, QUICK = 0.35, 0.02


class Stage:
    """A playground that is new for every picture, and the browser's tab that looks at it."""

    def __init__(self, tab: Tab, stand_in: StandIn) -> None:
        self.tab = tab
        self.stand_in = stand_in

    async def says(self, *texts: str) -> None:
        """Wait until the last message of the bot says all of this."""
        for text in texts:
            wanted = playwright.expect(self.tab.page.locator(".container").last)
            await wanted.to_contain_text(re.compile(text), timeout=PATIENCE)

    async def makes(self, prompt: str, done: str = "Done", **options: object) -> None:
        """Have something made, and wait for it."""
        more = "".join(f" {name}:{value}" for name, value in options.items())
        await self.tab.types(f"/generate prompt:{prompt}{more}")
        await self.says(prompt)
        await self.says(done)


async def card(stage: Stage) -> None:
    await stage.makes("a cat on a quiet evening", seed=0, count=2)


async def queued(stage: Stage) -> None:
    stage.stand_in.hold()
    for prompt in ("a lighthouse in the fog", "a fox in the snow"):
        await stage.tab.types(f"/generate prompt:{prompt}")
        await stage.says(prompt)
    await stage.says("next up")
    first = playwright.expect(stage.tab.page.locator(".container").first)
    await first.to_contain_text("Working", timeout=PATIENCE)


async def running(stage: Stage) -> None:
    stage.stand_in.step_seconds = SLOW
    await stage.tab.types("/generate prompt:a sailing boat at night seed:5 steps:40")
    await stage.says("step (2[0-9]|3[0-9])")
    stage.stand_in.hold()
    await stage.tab.page.wait_for_selector(".container img")


async def four(stage: Stage) -> None:
    await stage.makes("a mountain in spring", seed=11, count=4)


async def video(stage: Stage) -> None:
    await stage.makes("waves at the beach", workflow="wan-video", seed=3, extra="length=17")
    await stage.tab.page.evaluate(
        "Promise.all([...document.querySelectorAll('video')].map(async (film) => {"
        " film.muted = true; await film.play(); film.pause(); }))"
    )


async def error(stage: Stage) -> None:
    stage.stand_in.faults.out_of_memory = 1
    await stage.makes("a very large castle", done="Failed")


async def history(stage: Stage) -> None:
    prompts = ("a house by the lake", "a bird in a tree", "a flower after the rain", "a boat in the harbour")
    for seed, prompt in enumerate(prompts, start=20):
        await stage.makes(prompt, seed=seed)
    await stage.tab.types("/history")
    await stage.tab.page.keyboard.press("Enter")
    await stage.says("Your history", "house by the lake")


async def chinese(stage: Stage) -> None:
    await stage.tab.page.select_option("#language", "zh-CN")
    await stage.makes("猫 静静的夜晚 a cat", done="完成", seed=8)


TAKES: Mapping[str, tuple[Callable[[Stage], Awaitable[None]], Mapping[str, float]]] = {
    "card": (card, DESK),
    "queued": (queued, PHONE),
    "running": (running, PHONE),
    "four": (four, PHONE),
    "video": (video, PHONE),
    "error": (error, PHONE),
    "history": (history, PHONE),
    "chinese": (chinese, PHONE),
}


@asynccontextmanager
async def staged(size: Mapping[str, float]) -> AsyncGenerator[Stage]:
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch)
        await asyncio.to_thread(shutil.copytree, SHIPPED, data / WORKFLOWS)
        async with (
            StandIn(data / "comfyui", step_seconds=QUICK) as stand_in,
            build(settings_for(data, stand_in.url)) as app,
        ):
            playground = Playground()
            url = await playground.start(app.bot, port=0)
            await app.start()
            width, height, scale = int(size["width"]), int(size["height"]), size.get("scale", 1)
            try:
                async with tab_at(url, width=width, height=height, scale=scale) as tab:
                    yield Stage(tab, stand_in)
                stand_in.release()
            finally:
                await playground.stop()


async def shoot(stage: Stage, path: Path) -> int:
    """Return how many bytes the picture has."""
    await stage.tab.page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    # Scrolling and fading say nothing when they are over, and a card at work never stands still: what is shown is
    # complete by now, and whoever takes pictures looks at them.
    await stage.tab.page.wait_for_timeout(800)
    return await asyncio.to_thread(save, await stage.tab.page.screenshot(), path)


def save(data: bytes, path: Path) -> int:
    """Write it with as many colours as fit."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    size = 0
    for colours in COLOURS:
        smaller = picture if colours is None else picture.quantize(colours, dither=Image.Dither.NONE)
        smaller.save(path, optimize=True)
        if (size := path.stat().st_size) <= MOST_BYTES:
            break
    return size


async def take(folder: Path, names: list[str]) -> None:
    for name in names or TAKES:
        act, screen = TAKES[name]
        async with staged(screen) as stage:
            await act(stage)
            size = await shoot(stage, folder / f"{name}.png")
        sys.stdout.write(f"{name}.png: {size} bytes\n")
        sys.stdout.flush()


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    target.mkdir(exist_ok=True)
    asyncio.run(take(target, sys.argv[2:]))
