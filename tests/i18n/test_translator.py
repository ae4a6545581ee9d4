"""Commands are declared to Discord with their Chinese names and descriptions."""

from collections.abc import Iterator
from typing import Literal

import discord
import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from discord import app_commands

from bot.i18n import LANGUAGES, Language, code_for
from bot.i18n.translator import CommandTranslator


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    catalogue = Catalog(locale="zh_CN")
    for context, message, translated in (
        ("command name", "paint", "绘画"),
        ("option name", "style", "风格"),
        ("choice", "Film", "胶片"),
        ("group name", "studio", "影棚"),
        (None, "Paint something", "画点什么"),
        (None, "How it looks", "看起来怎样"),
        (None, "Everything about it", "关于它的一切"),
    ):
        catalogue.add(message, translated, context=context)
    language = Language("zh-CN", Locale("zh", "CN", "Hans"), catalogue)
    traditional = Language("zh-TW", Locale("zh", "TW", "Hant"), catalogue)
    known = {**LANGUAGES, "zh-CN": language, "zh-TW": traditional}
    monkeypatch.setattr("bot.i18n.language.LANGUAGES", known)
    code_for.cache_clear()
    yield
    code_for.cache_clear()


studio = app_commands.Group(name="studio", description="Everything about it")


@studio.command(name="paint", description="Paint something")
@app_commands.describe(style="How it looks", untranslated="Stays as it is")
@app_commands.choices(style=[app_commands.Choice(name="Film", value="film")])
async def paint(interaction: discord.Interaction, style: str, untranslated: Literal["a", "b"]) -> None:
    raise NotImplementedError


@pytest.mark.usefixtures("chinese")
async def test_both_chinese_locales_are_declared_and_no_others() -> None:
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    tree.add_command(studio)
    translator = CommandTranslator()
    await tree.set_translator(translator)
    group = await studio.get_translated_payload(tree, translator)
    both = {"zh-CN", "zh-TW"}
    assert group["name_localizations"] == dict.fromkeys(both, "影棚")
    assert group["description_localizations"] == dict.fromkeys(both, "关于它的一切")
    (command,) = group["options"]
    assert command["name_localizations"] == dict.fromkeys(both, "绘画")
    assert command["description_localizations"] == dict.fromkeys(both, "画点什么")
    style, untranslated = command["options"]
    assert style["name_localizations"] == dict.fromkeys(both, "风格")
    assert style["description_localizations"] == dict.fromkeys(both, "看起来怎样")
    assert style["choices"][0]["name_localizations"] == dict.fromkeys(both, "胶片")
    assert not untranslated.get("name_localizations")
    await client.close()
