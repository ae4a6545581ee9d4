"""A real browser for the tests that need one."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Page

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium in PATH")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds; only what never comes is waited for so long."""
PICTURES = os.environ.get("PLAYGROUND_PICTURES")
"""A folder in which screenshots are kept, for looking at."""


class Tab:
    """One tab, and what its console complained about."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda note: self.complaints.append(note.text) if note.type == "error" else None)

    async def picture(self, name: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=Path(PICTURES, f"{name}.png"))

    async def types(self, text: str) -> None:
        """Type a whole command and send it."""
        await self.page.locator("#say").fill(text)
        await self.page.keyboard.press("Enter")

    async def becomes(self, script: str) -> None:
        """Wait until a script says true; playwright's own way needs `eval`, which the page forbids."""
        async with asyncio.timeout(PATIENCE / 1000):
            while not await self.page.evaluate(script):
                await self.page.wait_for_timeout(20)

    async def sees(self, selector: str, *, times: int = 1) -> None:
        await playwright.expect(self.page.locator(selector)).to_have_count(times, timeout=PATIENCE)

    async def reads(self, selector: str, text: str) -> None:
        await playwright.expect(self.page.locator(selector).last).to_contain_text(text, timeout=PATIENCE)


@asynccontextmanager
async def tab_at(url: str, *, width: int = 1100, height: int = 900, scale: float = 1) -> AsyncGenerator[Tab]:
    """Open the page; at the end its console must have had nothing to complain about."""
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=BROWSER, args=QUIET)
        page = await chromium.new_page(
            viewport={"width": width, "height": height}, device_scale_factor=scale, locale="en-GB"
        )
        tab = Tab(page)
        await page.goto(url)
        await page.wait_for_selector("body[data-ready]")
        yield tab
        await chromium.close()
    assert tab.complaints == []
