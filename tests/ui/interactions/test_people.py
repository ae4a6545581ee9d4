"""Who is spoken to in which language."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from discord import Locale

from bot.ui.interactions.people import locale_of


@pytest.mark.parametrize(
    ("own", "discord", "server", "spoken"),
    [
        (None, Locale.american_english, Locale.chinese, "en-US"),
        (None, Locale.chinese, Locale.american_english, "zh-CN"),
        (None, Locale.taiwan_chinese, None, "zh-TW"),
        ("zh-TW", Locale.american_english, Locale.chinese, "zh-TW"),
        ("en", Locale.chinese, Locale.chinese, "en"),
        (None, Locale.german, Locale.chinese, "zh-CN"),
        (None, Locale.german, Locale.french, "de"),
        (None, Locale.german, None, "de"),
        ("xx", Locale.chinese, None, "zh-CN"),
    ],
)
def test_ones_own_language_goes_first_then_discords_then_the_servers(
    own: str | None, discord: Locale, server: Locale | None, spoken: str
) -> None:
    profiles = SimpleNamespace(language=lambda _: own)
    interaction = SimpleNamespace(
        locale=discord,
        guild_locale=server,
        user=SimpleNamespace(id=7),
        client=SimpleNamespace(services=SimpleNamespace(profiles=profiles)),
    )
    assert locale_of(cast("Any", interaction)) == spoken
