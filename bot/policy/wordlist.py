"""Many words looked for at once in folded texts, in time linear in the text, however they are set apart.

Words of scripts with spaces are found as whole words. Between the parts of a word anything that is no letter may
stand or nothing; `child-porn`, `child_porn` and `childporn` are one. A word is also found with hyphens and the like
inside it (`nu-de`), and spelled letter by letter (`n u d e`). Words of scripts without spaces are found anywhere;
pulled apart (`裸 体`) only where they begin or end a piece, around a comma both, so that the end of one word and the
beginning of the next (`蓝色 情侣`, `半裸，体操`) make none.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U000323af"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
_MARKS = "\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0a3c-\u0a4d\u0b3c-\u0b4d\u0bbe-\u0bcd\u0d3e-\u0d4d"
"""Vowels of Hebrew, Arabic and Indian scripts, which belong to the letters before them."""
_TOKEN = re.compile(f"(?P<spaceless>[{_SPACELESS}]+)|(?:[^\\W_{_SPACELESS}]|[{_MARKS}])+")
_INSIDE = frozenset("-_.*~'`^·•=+")
"""What stands inside words rather than between them."""
_LISTING = frozenset(",、，。;；:：!！?？\n")
"""What stands between the items of a list, or sentences."""
_SPELLED = 3
"""Letters from which on a word is looked for in pieces; shorter ones come about by chance."""
_GAP = 8
"""Characters that may stand between two words of an entry, or two letters of a word that is spelled."""
_ARTICLES = frozenset("ai")
_LONGEST = 60
"""Letters of a word that is looked for in pieces."""
_EDGES = frozenset("个的了是在和着位名幅张只我你他她它们这那被把画绘")
"""Chinese characters that are words of their own: what comes before or after them begins or ends there."""


class _Token(NamedTuple):
    """A run of letters of one kind; `gap` is what stands before it."""

    text: str
    start: int
    end: int
    gap: str
    spaceless: bool

    @property
    def joined(self) -> bool:
        """Whether what stands before it may stand inside a word."""
        return 0 < len(self.gap) <= _GAP and _INSIDE.issuperset(self.gap)


class WordList:
    """Words to look for; they are folded already."""

    def __init__(self, words: Iterable[str]) -> None:
        self._whole: dict[str, str] = {}
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._anywhere: dict[str, dict[int, dict[str, str]]] = {}
        self._literal: list[str] = []
        for word in dict.fromkeys(words):
            self._add(word)
        self._longest = min(_LONGEST, max(map(len, self._whole), default=0))

    def __bool__(self) -> bool:
        return bool(self._whole or self._anywhere or self._literal)

    def found(self, text: str) -> str | None:
        """Return a word that a folded text has, as it was listed; None when it has none."""
        tokens = _tokens(text)
        for ways in (self._of_whole, self._of_pieces, self._of_spelled, self._of_spaceless):
            if (word := next(ways(tokens), None)) is not None:
                return word
        return next((word for word in self._literal if _stands(word, text)), None)

    def _add(self, word: str) -> None:
        tokens = _tokens(word)
        plain = bool(tokens) and tokens[0].start == 0 and tokens[-1].end == len(word)
        kinds = {token.spaceless for token in tokens}
        letters = "".join(token.text for token in tokens)
        if not plain or len(kinds) > 1:
            self._literal.append(word)
        elif kinds == {True}:
            self._anywhere.setdefault(letters[0], {}).setdefault(len(letters), {})[letters] = word
        else:
            self._whole[letters] = word
            if len(tokens) > 1:
                parts = tuple(token.text for token in tokens)
                self._phrases.setdefault(parts[0], []).append((parts, word))

    def _of_whole(self, tokens: list[_Token]) -> Iterator[str]:
        for at, token in enumerate(tokens):
            if token.text in self._whole:
                yield self._whole[token.text]
            for parts, word in self._phrases.get(token.text, ()):
                further = tokens[at + 1 : at + len(parts)]
                if parts == (token.text, *(each.text for each in further)) and all(
                    len(each.gap) <= _GAP for each in further
                ):
                    yield word

    def _of_pieces(self, tokens: list[_Token]) -> Iterator[str]:
        """Find words with hyphens and the like in them; pieces that are all single letters are left to the next."""
        for at, token in enumerate(tokens):
            letters, single = token.text, len(token.text) == 1
            for further in tokens[at + 1 : at + self._longest]:
                letters += further.text
                if not further.joined or further.spaceless or len(letters) > self._longest:
                    break
                single = single and len(further.text) == 1
                if not single and len(letters) >= _SPELLED and letters in self._whole:
                    yield self._whole[letters]

    def _of_spelled(self, tokens: list[_Token]) -> Iterator[str]:
        for run in _spelled(tokens):
            # “a n u d e” begins with a word of one letter.
            for letters in (run, run[1:] if run[0] in _ARTICLES else ""):
                if len(letters) >= _SPELLED and letters in self._whole:
                    yield self._whole[letters]

    def _of_spaceless(self, tokens: list[_Token]) -> Iterator[str]:
        letters, breaks, lists = _run_together(tokens)
        for at, letter in enumerate(letters):
            for length, words in self._anywhere.get(letter, {}).items():
                end = at + length
                word = words.get(letters[at:end])
                if word is None:
                    continue
                inside = range(at + 1, end)
                edges = _begins(letters, breaks, at), _ends(letters, breaks, end)
                # In a list, two neighbours make a word by chance more easily than beside a blank.
                if breaks.isdisjoint(inside) or (any if lists.isdisjoint(inside) else all)(edges):
                    yield word


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        spaceless = match["spaceless"] is not None
        found.append(_Token(match.group(), match.start(), match.end(), text[end : match.start()], spaceless))
        end = match.end()
    return found


def _spelled(tokens: list[_Token]) -> Iterator[str]:
    """Yield the letters that stand singly one after another: all of a row, and those with the same between them."""
    row, alike, gap = "", "", ""
    for token in tokens:
        single = len(token.text) == 1 and not token.spaceless
        if not single or len(token.gap) > _GAP:
            yield from filter(None, {row, alike})
            row = alike = gap = ""
        elif len(alike) > 1 and token.gap != gap:
            yield alike
            alike = ""
        if single:
            row, alike, gap = row + token.text, alike + token.text, token.gap
    yield from filter(None, {row, alike})


def _run_together(tokens: list[_Token]) -> tuple[str, set[int], set[int]]:
    """Return all letters of scripts without spaces in a row, and before which of them something else, or a comma, is."""
    parts: list[str] = []
    breaks: set[int] = set()
    lists: set[int] = set()
    at = 0
    for token in tokens:
        if not token.spaceless or len(token.gap) > _GAP:
            parts.append("\n")  # no word goes on across this
            at += 1
        if token.spaceless:
            breaks.add(at)
            if not _LISTING.isdisjoint(token.gap):
                lists.add(at)
            parts.append(token.text)
            at += len(token.text)
    return "".join(parts), breaks, lists


def _begins(letters: str, breaks: set[int], at: int) -> bool:
    """Whether a piece begins there, or what stands before is a word of its own."""
    return at in breaks or letters[at - 1] in _EDGES


def _ends(letters: str, breaks: set[int], at: int) -> bool:
    return at in breaks or at == len(letters) or letters[at] in _EDGES or letters[at] == "\n"


def _stands(word: str, text: str) -> bool:
    """Whether a word with other signs than letters at an edge stands in a text, apart from letters at the others."""
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(word) : at + len(word) + 1]
        if not (_touch(before, word[0]) or _touch(word[-1], after)):
            return True
        at = text.find(word, at + 1)
    return False


def _touch(one: str, other: str) -> bool:
    """Whether two characters belong to one word of a script with spaces."""
    return bool(one and other) and one.isalnum() and other.isalnum() and not _is_spaceless(one + other)


def _is_spaceless(text: str) -> bool:
    return any(token.spaceless for token in _tokens(text))
