"""`python -m tests.screenshots [FOLDER]`: take the README's pictures anew, from the playground in a real browser."""

import asyncio
import io
import shutil
import sys
from pathlib import Path

from PIL import Image

from bot.app import build
from bot.demo.comfyui import StandIn
from bot.demo.playground import Playground
from bot.demo.run import SHIPPED, WORKFLOWS, settings_for
from tests.browsing import Tab, playwright, tab_at


async def shoot(tab: Tab, path: Path) -> None:
    picture = Image.open(io.BytesIO(await tab.page.screenshot())).convert("RGB")
    await asyncio.to_thread(picture.save, path, optimize=True)


async def take(folder: Path, data: Path) -> None:
    await asyncio.to_thread(shutil.copytree, SHIPPED, data / WORKFLOWS)
    async with (
        StandIn(data / "comfyui", step_seconds=0.15) as stand_in,
        build(settings_for(data, stand_in.url)) as app,
    ):
        playground = Playground()
        url = await playground.start(app.bot, port=0)
        await app.start()
        try:
            async with tab_at(url, width=1000, height=760) as tab:
                card = tab.page.locator(".container").last
                await tab.types("/generate prompt:a cat on a quiet evening seed:0 count:2")
                await playwright.expect(card).to_contain_text("Done", timeout=30_000)
                await tab.page.wait_for_timeout(800)
                await shoot(tab, folder / "card.png")
        finally:
            await playground.stop()


if __name__ == "__main__":
    import tempfile

    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(take(target, Path(scratch)))
