"""One form for all ways of writing a text: no case, no accents, no invisible characters, simplified Chinese."""

import unicodedata
from functools import cache
from pathlib import Path

SIMPLIFIED = Path(__file__).with_name("simplified.txt")
"""Traditional characters with their simplified ones: made from OpenCC by `python -m bot.policy.build`."""

_MOST_MARKS = 8
"""Marks on one letter that are kept; putting very many in order takes Python's own function quadratic time."""

_DRAWN: dict[int, None] = dict.fromkeys(
    code
    for first, last in ((0x300, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF))
    for code in range(first, last + 1)
)
"""What is drawn onto letters of any script: accents, strokes, circles. The marks of scripts of their own stay."""

_INVISIBLE = frozenset(
    code
    for first, last in (
        (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F),  # control characters that are no white space
        # What Unicode calls default ignorable, and the other format characters.
        (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)  # fmt: skip
_GONE: dict[int, None] = dict.fromkeys(_INVISIBLE)
_BLANK: dict[int, str] = dict.fromkeys(_INVISIBLE, " ")

_LONG: dict[int, str] = {0xFDFA: " ", 0xFDFB: " "}
"""Single characters that stand for whole sentences; unfolded, a text of them would be 18 times as long."""

_UNWANTED: dict[int, str | None] = {**_DRAWN, **_GONE, **_LONG}

_SIGNS: dict[int, str] = {
    first + number: chr(ord("a") + number) for first in (0x1F150, 0x1F170, 0x1F1E6) for number in range(26)
}
"""Letters in black circles, in black squares and of flags, which Unicode's own folding leaves alone."""


def fold(text: str) -> str:
    """Return the text as it is compared, in linear time."""
    if text.isascii():
        return text.translate(_GONE).casefold()
    plain = unicodedata.normalize("NFKD", _orderly(text.translate(_UNWANTED)))
    plain = unicodedata.normalize("NFKD", plain.translate(_SIGNS).translate(_DRAWN).casefold())
    return unicodedata.normalize("NFC", plain.translate(_UNWANTED).translate(_simplified()))


def forms(text: str) -> tuple[str, ...]:
    """Return the text folded: once, or twice where invisible characters may stand for nothing or for blanks."""
    blank = text.translate(_BLANK)
    return (fold(text),) if blank == text else (fold(text), fold(blank))


def _orderly(text: str) -> str:
    """Return the text without the marks of a letter that are more than any language writes."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


@cache
def _simplified() -> dict[int, str]:
    lines = SIMPLIFIED.read_text("utf-8").splitlines()
    return {ord(line[0]): line[1] for line in lines if line and not line.startswith("#")}
