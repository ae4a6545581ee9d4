"""Ranking and cutting what autocompletion offers."""

import time

from bot.ui.forms.suggestions import choices, middle_cut, ranked

MODELS = [
    "sdxl/base_1.0.safetensors",
    "flux1-dev.safetensors",
    "sd15/dreamshaper_8.safetensors",
    "xl_base.ckpt",
]


def test_what_begins_with_it_comes_first_then_what_holds_it_then_what_is_near() -> None:
    assert ranked("flux", MODELS)[0] == "flux1-dev.safetensors"
    assert ranked("base", MODELS)[:2] == ["sdxl/base_1.0.safetensors", "xl_base.ckpt"]
    assert ranked("dreamshapr", MODELS)[0] == "sd15/dreamshaper_8.safetensors"
    assert ranked("", MODELS) == MODELS


def test_no_choice_is_blank() -> None:
    (choice,) = choices([("\u200b", "quiet.safetensors")])
    assert choice.name == "quiet.safetensors"


def test_ten_thousand_files_are_ranked_at_once() -> None:
    many = [f"folder{number % 40}/style_{number:05}_v{number % 7}.safetensors" for number in range(10_000)]
    took: list[float] = []
    for _ in range(3):
        before = time.perf_counter()
        found = ranked("styl 04242", many)
        took.append(time.perf_counter() - before)
        assert len(found) <= 25
        assert "folder2/style_04242_v0.safetensors" in found
    assert min(took) < 0.3


def test_discord_gets_no_more_and_no_longer_than_it_takes() -> None:
    long = "folder/" + "x" * 150 + ".safetensors"
    offers = [(f"{number} {long}", str(number)) for number in range(40)]
    found = choices([("", ""), ("too long", long), *offers, ("again", "1")])
    assert len(found) == 25
    assert all(len(choice.name) <= 100 for choice in found)
    assert found[0].name.endswith(".safetensors")
    assert middle_cut("short") == "short"
