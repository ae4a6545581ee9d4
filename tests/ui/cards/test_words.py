"""People's words on a card."""

import pytest

from bot.ui.cards.words import bar, cut_escaped, escape, escape_cut, has_words, moment, named, quoted
from tests.linear import seconds


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("plain words, nothing else.", "plain words, nothing else."),
        ("**bold** _it_ ~~no~~", r"\*\*bold\*\* \_it\_ \~\~no\~\~"),
        ("<@123> <#4> <t:5:R>", r"\<\@123\> \<\#4\> \<t\:5\:R\>"),
        ("[link](https://evil.example)", r"\[link\]\(https\://evil.example\)"),
        ("# title", r"\# title"),
        ("- item", r"\- item"),
        ("1. item", r"\1. item"),
        ("one\n\n \t- two\n  12. three", "one\n\n \t\\- two\n  \\12. three"),
        ("||secret||", r"\|\|secret\|\|"),
        ("`code`", r"\`code\`"),
        (r"back\slash", r"back\\slash"),
        ("一只猫", "一只猫"),
        ("\u202eturned\u2066", "turned"),
    ],
)
def test_words_are_shown_as_typed(typed: str, shown: str) -> None:
    assert escape(typed) == shown


@pytest.mark.parametrize("unit", ["\n", " ", "\t", "\n ", "1", "\n1", "-", "*", "\u202e", "a"])
def test_escaping_takes_no_longer_than_the_text_is(unit: str) -> None:
    text = (unit * 12_000)[:12_000]
    assert seconds(lambda: escape(text)) < 0.05


@pytest.mark.parametrize("unit", ["*", "word ", "\n", "\u202e", "猫"])
def test_what_is_cut_off_is_not_escaped_first(unit: str) -> None:
    text = unit * 1_000_000
    assert seconds(lambda: escape_cut(text, limit=200, encoded=500)) < 0.01
    assert seconds(lambda: quoted(text, limit=200, encoded=500)) < 0.01
    assert escape_cut(text, limit=200, encoded=500).endswith("…")
    assert quoted(text, limit=200, encoded=500).endswith("…")


def test_a_label_is_never_blank() -> None:
    assert named("Sketch", "sketch") == "Sketch"
    assert named("", "sketch") == named(" \u200b", "sketch") == "sketch"
    assert named("", " ") == named() == "–"


@pytest.mark.parametrize(
    ("text", "seen"), [("", False), (" \n", False), ("\u200b\u2060", False), ("!", True), ("猫", True)]
)
def test_whether_there_is_anything_to_see(text: str, seen: bool) -> None:
    assert has_words(text) is seen


def test_a_cut_never_leaves_half_an_escape() -> None:
    text = escape("*" * 50)
    for limit in range(5, 40):
        body = cut_escaped(text, limit=limit, encoded=1000).removesuffix("…")
        assert len(body) <= limit
        assert (len(body) - len(body.rstrip("\\"))) % 2 == 0


def test_long_prompts_are_cut_by_characters_and_by_bytes() -> None:
    assert len(quoted("word " * 1000, limit=100, encoded=10_000)) <= 100
    assert len(quoted("猫" * 1000, limit=900, encoded=600).encode()) <= 600
    assert quoted("one\ntwo\r\n three", limit=100, encoded=100) == "one two three"


def test_a_bar_is_as_full_as_the_work_is_done() -> None:
    assert bar(0.0, 10) == "▱" * 10
    assert bar(0.5, 10) == "▰" * 5 + "▱" * 5
    assert bar(1.0, 10) == "▰" * 10
    assert bar(7.0, 10) == "▰" * 10


def test_moments_are_rounded_so_that_they_rest() -> None:
    assert moment(1_800_000_007, rounded=15) == moment(1_800_000_001, rounded=15)
    assert moment(5.4) == "<t:5:R>"
    assert moment(1_800_000_001, rounded=15) == "<t:1800000015:R>", "never before what is expected"
