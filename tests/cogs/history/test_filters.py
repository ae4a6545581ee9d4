"""Filters of a history are read as people write them, and kept whole in a menu."""

import pytest

from bot.errors import UserError
from bot.i18n import LANGUAGES
from bot.ui.cards.words import has_words
from cogs.history.filters import DAY, Filter, changed, filter_menu, filter_of, read_since, span_label

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("7d", "7d"), (" 7 ", "7d"), ("30 days", "30d"), ("3天", "3d"), ("2026-01-31", "2026-01-31")],
)
def test_beginnings_are_read(typed: str, kept: str) -> None:
    assert read_since(typed) == kept


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "", "-3"])
def test_other_beginnings_are_refused_in_words(typed: str) -> None:
    with pytest.raises(UserError, match="2026-01-31"):
        read_since(typed)


def test_a_beginning_is_a_time() -> None:
    assert Filter().begins(NOW) is None
    assert Filter(since="7d").begins(NOW) == NOW - 7 * DAY
    assert Filter(since="1970-01-02").begins(NOW) == DAY
    assert span_label("2026-01-31", LANGUAGES["en"]) == "Since Jan 31, 2026"
    assert span_label("30d", LANGUAGES["zh-CN"]) == "最近 30 天"


def test_a_menu_keeps_the_filter_whole() -> None:
    long = "w" * 120
    chosen = Filter(workflows=("flux", long), text="x" * 95, favourites=True, since="2026-01-31")
    offered = [(f"workflow {number}", "W") for number in range(40)]
    menu = filter_menu(chosen, offered, "history:filter:7", LANGUAGES["en"])
    assert len(menu.options) <= 25
    assert menu.max_values == len(menu.options)
    assert all(len(option.value) <= 100 and len(option.label) <= 100 for option in menu.options)
    assert len({option.value for option in menu.options}) == len(menu.options)
    kept = [option.value for option in menu.options if option.default]
    assert filter_of(kept, ["flux", long]) == chosen
    assert not filter_of([])


def test_a_new_beginning_takes_the_place_of_the_old() -> None:
    assert changed(["since:7d"], ["favourites", "since:7d", "since:30d"]) == ("favourites", "since:30d")
    assert changed(["since:7d"], ["since:7d"]) == ("since:7d",)
    assert changed(["since:7d"], []) == ()


def test_what_cannot_be_seen_is_no_filter_and_no_blank_entry() -> None:
    assert filter_of(["workflow:", "workflow: ", "workflow:\u200b", "text:", "text: "]) == Filter()
    menu = filter_menu(Filter(workflows=("",)), [("quiet", "\u200b")], "history:filter:7", LANGUAGES["en"])
    assert all(has_words(option.label) for option in menu.options)
