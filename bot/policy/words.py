"""Blocked words: read from a file, looked for in what people write, whatever form they write it in."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigError
from bot.policy.patterns import PatternError, bounded_pattern

LONGEST_TEXT = 6000
"""Characters of a text that are looked at; Discord takes no longer ones."""

LARGEST_FILE = 1_000_000

_INVISIBLE: dict[int, str | int | None] = dict.fromkeys(
    code
    for first, last in (
        (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F),  # control characters that are no white space
        (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
        (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xE0000, 0xE01EF),
        (0x300, 0x36F), (0x489, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),  # drawn onto letters
    )
    for code in range(first, last + 1)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BlockedWords:
    """What may not be asked for. A word is found only as a whole word; in scripts without spaces, anywhere."""

    words: re.Pattern[str] | None
    patterns: tuple[re.Pattern[str], ...] = ()

    def found(self, texts: Iterable[str]) -> str | None:
        """Return the first blocked word or passage in the texts, as it was folded; None when there is none."""
        for text in texts:
            folded = fold(text[:LONGEST_TEXT])
            for pattern in (self.words, *self.patterns):
                if pattern is not None and (match := pattern.search(folded)):
                    return match.group()
        return None


NOTHING = BlockedWords(None)


def fold(text: str) -> str:
    """Return the text as it is compared: one form of every character, no case, no invisible characters."""
    visible = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    return unicodedata.normalize("NFKC", visible.casefold())


def read_words(path: Path) -> BlockedWords:
    """Read one word or /pattern/ a line, `#` beginning a comment; raises ConfigError naming a line that is wrong."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigError("MODERATION_BLOCKED_WORDS names a file that is larger than 1 MB.")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "MODERATION_BLOCKED_WORDS names a file that cannot be read as UTF-8 text."
        ) from error
    return parse_words(text)


def parse_words(text: str) -> BlockedWords:
    """Do the same for the file's text."""
    words: list[str] = []
    patterns: list[re.Pattern[str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        if len(entry) > 2 and entry.startswith("/") and entry.endswith("/"):
            try:
                patterns.append(bounded_pattern(entry[1:-1]))
            except PatternError as error:
                raise ConfigError(f"MODERATION_BLOCKED_WORDS, line {number}: {error}") from error
        elif word := " ".join(fold(entry).split()):
            words.append(word)
    return BlockedWords(_one_of(words), tuple(patterns))


def _one_of(words: list[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    longest_first = sorted(set(words), key=len, reverse=True)
    return re.compile("|".join(_bounded(word) for word in longest_first))


def _bounded(word: str) -> str:
    spaced = r"\s+".join(re.escape(part) for part in word.split())
    before = r"(?<!\w)" if _has_edge(word[0]) else ""
    after = r"(?!\w)" if _has_edge(word[-1]) else ""
    return f"{before}{spaced}{after}"


def _has_edge(character: str) -> bool:
    """Whether words of this character's script are set apart by spaces; Chinese, Japanese and Thai ones are not."""
    if not character.isalnum():
        return False
    name = unicodedata.name(character, "")
    return not name.startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"))
