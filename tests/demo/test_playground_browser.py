"""The playground as a newcomer uses it, in a real browser, from the slash palette to the gallery and a form."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.demo.playground import Playground
from tests.browsing import Tab, needs_browser, playwright, tab_at
from tests.demo.conftest import png
from tests.demo.toybot import ToyBot

if TYPE_CHECKING:
    from playwright.async_api import Route

pytestmark = needs_browser


@pytest.fixture
async def bot() -> ToyBot:
    return ToyBot(step_seconds=0.2, steps=8)


@pytest.fixture
async def browser(bot: ToyBot) -> AsyncIterator[Tab]:
    playground = Playground(notice={"en-US": "A stand-in paints here.", "zh-CN": "这里由替身作画。"})
    url = await playground.start(bot, port=0)
    async with tab_at(url) as tab:
        yield tab
    await bot.tasks.close()
    await playground.stop()
    await bot.close()


async def held(route: "Route", answers: Mapping[str, asyncio.Event]) -> None:
    """Let a question through when its language's turn has come."""
    await answers[(route.request.post_data_json or {})["locale"]].wait()
    await route.continue_()


async def test_from_the_palette_to_the_gallery(browser: Tab, bot: ToyBot, tmp_path: Path) -> None:
    page, keys = browser.page, browser.page.keyboard
    (tmp_path / "cat.png").write_bytes(png((40, 30)))
    await playwright.expect(page.locator("#notice")).to_have_text("A stand-in paints here.")

    # The palette finds the command; Enter takes it; the required option waits for words.
    await keys.type("/gen")
    await browser.sees('.suggest-row[data-name="generate"]')
    await browser.picture("palette")
    await keys.press("Enter")
    await keys.type("a lighthouse in a storm")

    # An optional one is picked from the list, and the bot completes what is typed.
    await keys.press("Tab")
    await page.locator('.suggest-row[data-name="style"]').click()
    await keys.type("pe")
    await browser.sees('.suggest-row[data-name="Pencil"]')
    await browser.picture("autocomplete")
    await keys.press("Enter")
    await playwright.expect(page.locator('input[data-option="style"]')).to_have_value("Pencil")

    # A picture is attached.
    bot.held = True
    async with page.expect_file_chooser() as chooser:
        await page.locator('.suggest-row[data-name="image"]').click()
    await (await chooser.value).set_files(tmp_path / "cat.png")
    await playwright.expect(page.locator('.chip[data-option="image"]')).to_contain_text("cat.png")
    await browser.picture("options")
    await page.locator(".tail").focus()
    await keys.press("Enter")
    await browser.sees(".container")

    # A second job from words alone, while the first one runs.
    await page.locator("#say").fill("/generate prompt:一只猫 seed:0 count:2")
    await keys.press("Enter")
    await browser.sees(".container", times=2)
    assert bot.uploads == [png((40, 30))]

    # Composing goes on undisturbed while both cards change.
    await keys.type("/generate a quiet harbour style:")
    await browser.sees('.suggest-row[data-name="Watercolour"]')
    step = page.locator(".container strong").first
    before = await step.text_content()
    await keys.type("ink")
    await playwright.expect(step).not_to_have_text(before or "")
    await browser.sees('.suggest-row[data-name="Ink"]')
    await playwright.expect(page.locator('input[data-option="prompt"]')).to_have_value("a quiet harbour")
    await playwright.expect(page.locator('input[data-option="style"]')).to_be_focused()
    await browser.sees(".thumbnail img", times=2)
    await browser.picture("composing")
    await keys.press("Escape")
    await keys.press("Escape")

    # The galleries arrive and their pictures load; one is looked at in large.
    bot.held = False
    await browser.sees(".gallery.of-4 img", times=4)
    await browser.sees(".gallery.of-2 img", times=2)
    loaded = "[...document.querySelectorAll('.gallery img')].every(i => i.complete && i.naturalWidth === 512)"
    await browser.becomes(loaded)
    at_end = "(v => v.scrollHeight - v.scrollTop - v.clientHeight < 5)(document.getElementById('messages'))"
    await browser.becomes(at_end)
    await browser.picture("galleries")

    # Whoever reads further up stays there when something comes in.
    await page.locator("#messages").hover()
    await page.mouse.wheel(0, -3000)
    await browser.becomes("document.getElementById('messages').scrollTop === 0")
    await page.evaluate(
        "fetch('/state').then(r => r.json()).then(s => fetch('/do/say', {method: 'POST',"
        " headers: {'Content-Type': 'application/json'}, body: JSON.stringify({as: s.people[1].id,"
        " channel: s.channels[0].id, text: 'hello from Bob'})}))"
    )
    await page.get_by_text("hello from Bob").wait_for(state="attached")
    assert await page.evaluate("document.getElementById('messages').scrollTop") == 0

    # Told that there is something below, one goes there and is not told any more.
    await page.get_by_role("button", name="New messages").click()
    await browser.becomes(at_end)
    await playwright.expect(page.locator("#newer")).to_be_hidden()
    await page.locator(".gallery.of-2 .media").first.click()
    await browser.sees("dialog.lightbox img")
    await keys.press("Escape")
    await browser.sees("dialog", times=0)


async def test_buttons_forms_menus_and_members(browser: Tab, bot: ToyBot, tmp_path: Path) -> None:
    page, keys = browser.page, browser.page.keyboard
    (tmp_path / "mask.png").write_bytes(b"12345")
    bot.step_seconds = 0.01
    await page.locator("#say").fill("/generate prompt:<img src=x onerror=alert(1)> count:1")
    await keys.press("Enter")
    await playwright.expect(page.locator(".container h3")).to_have_text("<img src=x onerror=alert(1)>")

    # A button opens a form; it is refused while incomplete, then sent with a file.
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_label("Prompt").fill("a tower")
    await page.get_by_role("button", name="Submit").click()
    await browser.sees("dialog .trouble:visible")
    await page.get_by_label("Style").select_option(label="ink")
    await page.locator("dialog input[type=file]").set_input_files(tmp_path / "mask.png")
    await browser.picture("form")
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_text("form: a tower | ink | [5]").wait_for()

    # A whisper with a menu is there for Alice and not for Bob.
    await page.locator("#say").fill("/whisper ")
    await keys.press("Enter")
    await page.locator(".select").click()
    await browser.picture("menu")
    await page.get_by_role("option", name="Oil").click()
    await page.get_by_text("You chose Oil").or_(page.get_by_text("You chose oil")).wait_for()
    await page.locator('[data-person="Bob"]').click()
    await page.locator("#say").focus()
    await page.get_by_text("form: a tower").wait_for()
    await browser.sees(".ephemeral", times=0)

    # Words that belong to no option are dropped, as Discord does, and the page says so; typed or pasted.
    await keys.type("/echo ")
    await keys.type("good day ")
    await browser.reads(".suggest-note", "Discord drops them")
    await browser.picture("stray")
    await keys.press("Enter")
    await page.get_by_text("()", exact=True).wait_for()
    await playwright.expect(page.locator("#composer .trouble")).to_contain_text("“good day” was not sent")
    await browser.picture("dropped")
    await browser.types("/echo good night style:loud")
    await page.get_by_text("(loud)", exact=True).wait_for()
    await playwright.expect(page.locator("#composer .trouble")).to_contain_text("“good night” was not sent")

    # Behind a command whose first option is required they are that one's.
    await browser.types("/say good morning")
    await page.get_by_text("said: good morning").wait_for()
    await playwright.expect(page.locator("#composer .trouble")).to_be_hidden()

    # Markdown is shown as such, and nothing in it is ever a tag.
    await keys.type("/words ")
    await keys.press("Enter")
    words = page.locator(".message").last.locator(".content")
    for tag in (
        "h1",
        "strong",
        "em",
        "u",
        "s",
        "li >> nth=1",
        "blockquote",
        "pre code",
        "a",
        "small",
        ".mention",
    ):
        await words.locator(tag).wait_for()
    await playwright.expect(words).to_contain_text("<img src=x onerror=alert(1)> <t:99999999999999999:F>")
    await playwright.expect(words.locator("time")).to_have_text("1 minute ago")
    await words.locator(".spoiler").click()
    await browser.sees(".spoiler.revealed")

    # A moderator may delete what others wrote.
    await browser.sees(".erase", times=0)
    await page.locator('[data-person="Mo"]').click()
    await page.locator(".message").last.hover()
    await page.locator(".erase").last.click()
    await browser.sees(".spoiler", times=0)
    await page.locator("#say").focus()

    # Chinese in both scripts, on a phone.
    answers = {"zh-TW": asyncio.Event(), "zh-CN": asyncio.Event()}
    await page.route("**/do/commands", lambda route: held(route, answers))
    await page.select_option("#language", "zh-TW")
    await playwright.expect(page.locator("nav h2").first).to_have_text("頻道")
    await page.select_option("#language", "zh-CN")
    await page.set_viewport_size({"width": 390, "height": 800})
    await playwright.expect(page.locator("#notice")).to_have_text("这里由替身作画。")

    # What is typed before the commands have come is looked up when they have; those that come late change nothing.
    await page.locator("#say").fill("／生")
    await browser.reads(".suggest-note", "没有这个命令")
    answers["zh-CN"].set()
    await browser.reads('.suggest-row[data-name="generate"]', "生成一张图片")
    async with page.expect_response("**/do/commands"):
        answers["zh-TW"].set()
    await browser.reads('.suggest-row[data-name="generate"]', "生成一张图片")
    await browser.picture("phone")
    await keys.press("Enter")
    await keys.type("猫 count：9")
    await keys.press("Enter")
    await playwright.expect(page.locator("#composer .trouble")).to_contain_text("必须在 1 和 4 之间")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


async def test_a_picture_is_sent_and_its_menu_used_on_a_phone(bot: ToyBot, tmp_path: Path) -> None:
    playground = Playground()
    url = await playground.start(bot, port=0)
    (tmp_path / "cat.png").write_bytes(png((40, 30)))
    async with tab_at(url, width=390, height=844) as tab:
        page = tab.page
        for _ in range(2):
            async with page.expect_file_chooser() as chooser:
                await page.locator(".attach").click()
            await (await chooser.value).set_files(tmp_path / "cat.png")
        await tab.sees(".attached .chip", times=2)
        await page.locator(".attached button").last.click()
        await tab.types("look")
        await tab.sees("article img")
        await tab.sees(".attached .chip", times=0)
        await page.locator("article").hover()
        await page.locator(".apps").click()
        await page.locator("dialog.menu button", has_text="Weigh it").click()
        await tab.reads("article", f"cat.png {len(png((40, 30)))}")
        await tab.reads(".origin .mention", "Weigh it")
        await tab.picture("menu")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await page.evaluate(wide)
    await bot.tasks.close()
    await playground.stop()
    await bot.close()
