"""Blocked words: read from a file, looked for in what people write, whatever form they write it in."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import ConfigError
from bot.policy.folding import fold, forms
from bot.policy.patterns import Pattern, PatternError, compile_pattern
from bot.policy.wordlist import WordList

LARGEST_FILE = 1_000_000
NEGATIVE = "negative:"
"""Begins a line of the file that holds for negative prompts too."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Words and patterns that are looked for in the same texts."""

    words: WordList
    patterns: tuple[Pattern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.patterns)

    def found(self, texts: Iterable[str]) -> str | None:
        """Return the first word as it is listed, or passage as it was folded; None when there is none."""
        if not self:
            return None
        for text in texts:
            for form in forms(text):
                if (word := self.words.found(form)) is not None:
                    return word
                passages = (pattern.found(form) for pattern in self.patterns)
                if (passage := next((each for each in passages if each is not None), None)) is not None:
                    return passage
        return None


@dataclass(frozen=True, slots=True)
class BlockedWords:
    """What may not be asked for."""

    everywhere: Entries
    """Holds for negative prompts too."""
    elsewhere: Entries
    """Holds for all other texts: in a negative prompt people write what they do not want to see."""

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.elsewhere)

    def found(self, texts: Iterable[str], *, negative: Iterable[str] = ()) -> str | None:
        """Return the first blocked word or passage; `negative` are the texts that say what is not wanted."""
        texts = list(texts)
        return self.everywhere.found(texts) or self.elsewhere.found(texts) or self.everywhere.found(negative)


NOTHING = BlockedWords(Entries(WordList(())), Entries(WordList(())))


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
    """Do the same for the file's text; a line that begins with `negative:` holds for negative prompts too."""
    everywhere, elsewhere = _Reading(), _Reading()
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        also = entry[: len(NEGATIVE)].lower() == NEGATIVE and bool(entry[len(NEGATIVE) :].strip())
        try:
            (everywhere if also else elsewhere).add(entry[len(NEGATIVE) :].strip() if also else entry)
        except PatternError as error:
            raise ConfigError(f"MODERATION_BLOCKED_WORDS, line {number}: {error}") from error
    return BlockedWords(everywhere.entries(), elsewhere.entries())


class _Reading:
    """What was read of one kind of lines."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._patterns: list[Pattern] = []

    def add(self, entry: str) -> None:
        """Add a line; raises PatternError."""
        if len(entry) > 2 and entry.startswith("/") and entry.endswith("/"):
            self._patterns.append(compile_pattern(entry[1:-1]))
        elif word := " ".join(fold(entry).split()):
            self._words.append(word)

    def entries(self) -> Entries:
        """Return all that was added."""
        return Entries(WordList(self._words), tuple(self._patterns))
