"""The whole thing as a newcomer meets it: `python -m bot demo`, the real bot, the stand-in, a real browser."""

import asyncio
import hashlib
import io
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.app import App, build
from bot.demo import run
from bot.demo.comfyui import StandIn
from bot.errors import ConfigError
from tests.browsing import PATIENCE, Tab, needs_browser, playwright, tab_at
from tests.canvas import canvas
from tests.starting import until

ROOT = Path(__file__).parents[2]


class Said(io.StringIO):
    """What the command printed; `done` once it was all."""

    def __init__(self) -> None:
        super().__init__()
        self.done = asyncio.get_running_loop().create_future()

    def flush(self) -> None:
        super().flush()
        if self.getvalue() and not self.done.done():
            self.done.set_result(None)


class Inside:
    """What the command has made for itself, so that a test can hold jobs at work."""

    app: App
    stand_in: StandIn

    def stand(self, *args: Any, **options: Any) -> StandIn:
        self.stand_in = StandIn(*args, **options)
        return self.stand_in

    @asynccontextmanager
    async def build(self, *args: Any) -> AsyncGenerator[App]:
        async with build(*args) as self.app:
            yield self.app


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Inside:
    """The inside of the playground at `address`."""
    inside = Inside()
    monkeypatch.setattr(run, "StandIn", inside.stand)
    monkeypatch.setattr(run, "build", inside.build)
    return inside


@pytest.fixture
async def address(monkeypatch: pytest.MonkeyPatch, inside: Inside) -> AsyncGenerator[str]:
    """The address of a running playground; it is stopped as an operator stops it."""
    monkeypatch.setattr(run, "STEP_SECONDS", 0.01)
    monkeypatch.setattr(run, "USUAL", "http://127.0.0.1:9")
    said = Said()
    monkeypatch.setattr(sys, "stdout", said)
    serving = asyncio.get_running_loop().create_task(run.demo("127.0.0.1", 0, None))
    try:
        await asyncio.wait({serving, said.done}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert "not an AI model" in said.getvalue()
        found = re.search(r"open at (\S+)", said.getvalue())
        assert found is not None
        await until(lambda: inside.app.library.default().enabled)  # the server has told its node classes
        yield found[1]
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await serving == 0
    finally:
        serving.cancel()


async def pictures(tab: Tab, nth: int) -> list[bytes]:
    """Return the bytes of every picture in the nth card."""
    images = tab.page.locator(".container").nth(nth).locator(".gallery img")
    await playwright.expect(images).to_have_count(2, timeout=PATIENCE)
    addresses = [await images.nth(index).evaluate("image => image.src") for index in range(2)]
    return [await (await tab.page.request.get(address)).body() for address in addresses]


@needs_browser
async def test_from_the_slash_palette_to_the_gallery(address: str, inside: Inside, tmp_path: Path) -> None:
    Image.new("RGB", (320, 240), "teal").save(tmp_path / "sea.png")
    async with tab_at(address) as tab:
        page, card = tab.page, tab.page.locator(".container").last
        await tab.reads("#notice", "It is not an AI model.")

        # The palette lists what the bot can do, and the bot completes what is typed.
        await page.keyboard.type("/gen")
        await tab.sees('.suggest-row[data-name="generate"]')
        await tab.picture("palette")
        await page.keyboard.press("Escape")

        # Position or work, a live picture, two pictures, the seed that was asked for.
        inside.stand_in.hold()
        await tab.types("/generate prompt:一只猫 seed:0 count:2")
        await tab.reads(".container", "Cancel")
        await playwright.expect(card).to_contain_text("step", timeout=PATIENCE)
        await playwright.expect(card.locator("img").first).to_be_visible(timeout=PATIENCE)
        await tab.picture("running")
        inside.stand_in.release()
        await playwright.expect(card).to_contain_text("Done", timeout=PATIENCE)
        first = await pictures(tab, 0)
        await tab.picture("gallery")
        await playwright.expect(card).to_contain_text("Seed 0")

        # The same again gives the same bytes.
        await tab.types("/generate prompt:一只猫 seed:0 count:2")
        await tab.sees(".container", times=2)
        await playwright.expect(card).to_contain_text("Done", timeout=PATIENCE)
        again = await pictures(tab, 1)
        assert [digest(data) for data in again] == [digest(data) for data in first]
        assert len({digest(data) for data in first}) == 2

        # With a picture attached.
        await page.keyboard.type("/imagine a harbour ")
        async with page.expect_file_chooser() as chooser:
            await page.keyboard.press("Tab")
            await page.locator('.suggest-row[data-name="image"]').click()
            await (await chooser.value).set_files(tmp_path / "sea.png")
        await page.locator(".tail").focus()
        await page.keyboard.press("Enter")
        await tab.sees(".container", times=3)
        await playwright.expect(card).to_contain_text("Done", timeout=PATIENCE)
        await playwright.expect(card).to_contain_text("Image to image")


@needs_browser
async def test_cancel_stops_ones_own_job_and_nobody_elses(address: str, inside: Inside) -> None:
    inside.stand_in.hold()
    async with tab_at(address) as tab:
        page = tab.page
        for nth in (1, 2, 3):
            await tab.types("/generate prompt:alice steps:4")
            await tab.sees(".container", times=nth)
        cards = page.locator(".container")
        await page.locator('[data-person="Bob"]').click()
        await tab.types("/generate prompt:bob steps:4")
        await tab.sees(".container", times=4)

        # Bob may not stop what is Alice's.
        await cards.nth(0).get_by_role("button", name="Cancel").click()
        await page.get_by_text("Only the person who asked for this").wait_for()

        # Alice stops the one that waits, then the one that runs; Bob's goes on to its end.
        await page.locator('[data-person="Alice"]').click()
        await cards.nth(2).get_by_role("button", name="Cancel").click()
        await playwright.expect(cards.nth(2)).to_contain_text("Cancelled", timeout=PATIENCE)
        await cards.nth(0).get_by_role("button", name="Cancel").click()
        await playwright.expect(cards.nth(0)).to_contain_text("Cancelled", timeout=PATIENCE)
        inside.stand_in.release()
        await playwright.expect(cards.nth(3)).to_contain_text("Done", timeout=PATIENCE)
        await playwright.expect(cards.nth(1)).to_contain_text("Done", timeout=PATIENCE)


@needs_browser
async def test_everything_speaks_chinese_on_a_phone(address: str) -> None:
    async with tab_at(address) as tab:
        await tab.page.select_option("#language", "zh-CN")
        await tab.page.set_viewport_size({"width": 390, "height": 780})
        await tab.types("/generate prompt:灯塔 steps:4")
        await tab.reads(".container", "完成")
        await tab.reads(".container", "种子")
        await tab.picture("phone")
        for command, answer in (
            ("queue", "队列"),
            ("status", "绘图服务器"),
            ("history", "灯塔"),
            ("models", "模型"),
        ):
            await tab.types(f"/{command}")
            await tab.page.keyboard.press("Enter")
            await tab.reads("#messages .container", answer)
        await tab.picture("phone-commands")


@needs_browser
async def test_a_workflow_from_comfyui_becomes_a_command(address: str, tmp_path: Path) -> None:
    (tmp_path / "portrait.json").write_text(json.dumps(canvas()))
    async with tab_at(address, width=900, height=1100) as tab:
        page = tab.page

        # The operator attaches it, and sees what was found in it.
        await page.locator('[data-person="Olga"]').click()
        await page.locator("#say").focus()
        await page.keyboard.type("/workflows add ")
        async with page.expect_file_chooser() as chooser:
            await page.locator('.chip[data-option="file"]').click()
        await (await chooser.value).set_files(tmp_path / "portrait.json")
        await page.locator(".tail").focus()
        await page.keyboard.press("Enter")
        await tab.reads(".container", "Saved: portrait")
        await tab.reads(".container", "sampler")
        await tab.picture("workflow-added")

        # It gets a command of its own, and its graph can be looked at.
        await page.get_by_role("button", name="Give it a command").click()
        await playwright.expect(page.locator("dialog input")).to_have_value("portrait")
        await page.get_by_role("button", name="Submit").click()
        await tab.reads(".container", "has a command of its own")
        await tab.types("/workflows show name:portrait")
        await tab.becomes(
            "[...document.querySelectorAll('.container .gallery img, .container img')]"
            ".some(i => i.complete && i.naturalWidth > 600)"
        )
        await tab.picture("workflow-graph")

        # Everybody has the command as soon as Discord knows it.
        await page.locator('[data-person="Alice"]').click()
        await page.locator("#say").fill("/portrait")
        await tab.sees('.suggest-row[data-name="portrait"]')
        await page.keyboard.press("Escape")
        await tab.types("/portrait prompt:a lighthouse steps:3")
        await tab.reads(".container", "Done")
        await tab.sees(".container .gallery img")
        await tab.picture("workflow-used")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_the_command_serves_a_page_and_stops_when_told() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", "0",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while not (found := re.search(rb"open at (\S+)", await process.stdout.readline())):
                assert process.returncode is None
        async with aiohttp.ClientSession() as session, session.get(found[1].decode()) as response:
            assert response.status == 200
        process.terminate()
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("stand_in", [False, True])
async def test_the_stand_in_is_used_where_it_is_wished_for_whatever_answers(
    stand_in: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Said()
    monkeypatch.setattr(sys, "stdout", said)
    async with StandIn(tmp_path) as usual:
        monkeypatch.setattr(run, "USUAL", usual.url)
        serving = asyncio.get_running_loop().create_task(run.demo("127.0.0.1", 0, None, stand_in=stand_in))
        await asyncio.wait({serving, said.done}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await serving == 0
    assert ("ComfyUI: a stand-in" in said.getvalue()) is stand_in


async def test_a_comfyui_that_does_not_answer_is_said_plainly() -> None:
    with pytest.raises(ConfigError, match=r"No ComfyUI answers at 127\.0\.0\.1:9/?\."):
        await run.demo("127.0.0.1", 0, "http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="expected an address"):
        await run.demo("127.0.0.1", 0, "ftp://me:secret@gpu")


async def test_a_taken_port_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "USUAL", "http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Port {port} on 127"):
            await run.demo("127.0.0.1", port, None)
