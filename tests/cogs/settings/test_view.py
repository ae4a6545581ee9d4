"""The settings of a server as drawn: what is chosen is always among what can be chosen."""

from typing import Any

import pytest

from bot.i18n import LANGUAGES, Language
from bot.media.stripping.keep import Keep
from bot.policy.rules import GuildRules, Who
from bot.ui.cards.sheet import ENTRIES
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.workflow import Workflow
from cogs.settings.view import SettingsPage, settings_view

ENGLISH = LANGUAGES["en"]
PICTURE = {"image": Parameter(name="image", type=ParameterType.IMAGE, required=True)}
MANY = [f"flow-{number}" for number in range(40)]


def page(names: list[str], upscale: str = "upscale") -> SettingsPage:
    return SettingsPage(
        rules=GuildRules(upscale=upscale),
        keep=Keep.ALL,
        workflows=[Workflow(name=name, parameters=PICTURE) for name in names],
    )


def drawn(page: SettingsPage, lang: Language = ENGLISH) -> tuple[str, dict[str, list[Any]]]:
    """Return what is said, and the options of each menu."""
    box, *rows = settings_view(page, lang).to_components()
    said = "\n".join(part["content"] for part in box["components"])
    menus = [row["components"][0] for row in rows]
    return said, {menu["custom_id"]: menu["options"] for menu in menus}


@pytest.mark.parametrize(
    ("names", "upscale", "first", "warned"),
    [
        ([*MANY, "Upscale"], "upscale", "Upscale", False),
        ([*MANY, "upscale", "flux"], "flux", "flux", False),
        ([*MANY, "my-upscaler"], "gone", "my-upscaler", True),
        (["one"], "gone", "one", True),
    ],
)
def test_what_is_chosen_comes_first_then_what_is_called_so(
    names: list[str], upscale: str, first: str, warned: bool
) -> None:
    said, menus = drawn(page(names, upscale))
    options = menus["settings:upscale"]
    assert options[0]["value"] == first
    assert [option["default"] for option in options] == [not warned] + [False] * (len(options) - 1)
    assert len(options) == min(ENTRIES, len(names))
    assert (f"“{upscale}” cannot be used" in said) is warned
    assert ("… and" in said) is (len(names) > ENTRIES)


@pytest.mark.parametrize("lang", LANGUAGES.values(), ids=lambda each: each.code)
def test_every_option_can_be_told_from_the_others_in_every_language(lang: Language) -> None:
    said, menus = drawn(page([]), lang)
    assert [option["value"] for option in menus["settings:others"]] == list(Who)
    assert "settings:upscale" not in menus
    assert "⚠️" in said
    for options in menus.values():
        labels = [option["label"] for option in options]
        assert len(set(labels)) == len(labels)
        assert not any(label.endswith("…") for label in labels)
        assert sum(option["default"] for option in options) == 1
