"""Choosing among pictures stays within Discord's limits, and shows what the numbers mean."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.components import _component_factory
from simcord.components import validate_components, walk_components

from bot.i18n import LANGUAGES
from bot.ui.actions.picker import picker
from bot.ui.cards.spoiler import named, veiled

EN = LANGUAGES["en"]


def custom_id(number: int | None, first: int) -> str:
    return f"x:{number}:{first}"


@pytest.mark.parametrize(
    ("count", "buttons", "menus"), [(2, 2, 0), (10, 10, 0), (11, 0, 1), (25, 0, 1), (60, 0, 3), (120, 0, 4)]
)
def test_a_few_get_buttons_and_many_get_menus(count: int, buttons: int, menus: int) -> None:
    answer = picker("Which?", range(1, count + 1), b"sheet", EN, custom_id)
    assert answer.view is not None
    components = answer.view.to_components()
    validate_components(components, flags=1 << 15)
    parts = list(walk_components(components))
    assert len(parts) <= 40
    assert sum(part["type"] == 2 for part in parts) == buttons
    assert sum(part["type"] == 3 for part in parts) == menus
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    assert len(set(ids)) == len(ids)
    assert [file.filename for file in answer.files] == ["pictures.webp"]


@pytest.mark.parametrize(
    ("label", "lang", "veil", "unveil"),
    [
        ("Spoiler", "zh-CN", "No spoiler", "Spoiler"),
        ("取消剧透", "en", "取消剧透", "剧透"),
        ("劇透", "zh-CN", "取消劇透", "劇透"),
        ("of an earlier version", "zh-CN", "取消剧透", "剧透"),
    ],
)
async def test_the_button_goes_on_in_the_language_of_its_message(
    label: str, lang: str, veil: str, unveil: str
) -> None:
    button = {"type": 2, "id": 2, "style": 2, "label": label, "custom_id": f"job:spoiler:{'0' * 32}"}
    parts: Any = [{"type": 1, "id": 1, "components": [button]}]
    message: Any = SimpleNamespace(components=[_component_factory(part) for part in parts], attachments=[])
    for spoiler, expected in ((True, veil), (False, unveil)):
        view = veiled(message, spoiler=spoiler, lang=LANGUAGES[lang])
        assert view.to_components()[0]["components"][0]["label"] == expected


async def test_veiling_changes_files_and_the_button_and_nothing_else() -> None:
    address = "https://cdn.discordapp.com/attachments/1/2/a%20b.png?ex=1"
    parts: Any = [
        {
            "type": 17,
            "id": 1,
            "components": [
                {"type": 10, "id": 2, "content": "words"},
                {"type": 12, "id": 3, "items": [
                    {"media": {"url": address}, "description": "a fox"},
                    {"media": {"url": "https://example.org/else.png"}},
                ]},
                {"type": 13, "id": 4, "file": {"url": f"{address}.flac"}},
                {"type": 1, "id": 5, "components": [
                    {"type": 2, "id": 6, "style": 2, "label": "Spoiler", "custom_id": f"job:spoiler:{'0' * 32}"},
                    {"type": 2, "id": 7, "style": 2, "label": "Spoiler", "custom_id": "other:spoiler"},
                ]},
            ],
        }
    ]  # fmt: skip
    message: Any = SimpleNamespace(
        components=[_component_factory(part) for part in parts],
        attachments=[SimpleNamespace(filename="a b.png")],
    )
    view = veiled(message, spoiler=True, lang=EN)
    assert view.is_finished()
    text, gallery, file, row = view.to_components()[0]["components"]
    assert text["content"] == "words"
    assert [item["media"]["url"] for item in gallery["items"]] == [
        "attachment://a b.png",
        "https://example.org/else.png",
    ]
    assert [item["spoiler"] for item in gallery["items"]] == [True, True]
    assert gallery["items"][0]["description"] == "a fox"
    assert file["spoiler"]
    assert [button["label"] for button in row["components"]] == ["No spoiler", "Spoiler"]
    assert list(named(message.components, "job:")) == [f"job:spoiler:{'0' * 32}"]
    assert isinstance(view, discord.ui.LayoutView)
