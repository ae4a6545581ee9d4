"""What is not seen is not compared."""

import sys
import unicodedata

import pytest

from bot.policy.folding import fold, forms

SIGNS_AROUND_NUMBERS = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters that are drawn."""


def test_control_and_format_characters_that_are_not_drawn_disappear() -> None:
    unseen = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf"} and not chr(code).isspace()
    ]
    kept = {code for code in unseen if fold(f"a{chr(code)}b") != "ab"}
    assert kept <= SIGNS_AROUND_NUMBERS


@pytest.mark.parametrize(
    "character", ["\u034f", "\u115f", "\u17b4", "\u17b5", "\u180b", "\u3164", "\ufe0f", "\uffa0"]
)
def test_letters_and_marks_without_a_shape_disappear_or_stand_for_a_blank(character: str) -> None:
    assert forms(f"a{character}b") == ("ab", "a b")


@pytest.mark.parametrize("character", ["\n", "\u0085", "\u00ac", "\u17b6", "\u2070", "\u3165", "\ufe10"])
def test_what_is_seen_stays(character: str) -> None:
    assert fold(f"a{character}b") != "ab"


def test_so_many_marks_stay_on_one_letter_as_a_language_writes() -> None:
    assert len(fold("א" + "\u0591" * 30 + "ב")) == 1 + 8 + 1
