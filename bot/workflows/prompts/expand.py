"""Prompts that differ each time: choices such as `{red|blue}` and wildcards such as `__colours__`, drawn by a seed."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from bot.errors import UserError

_LONGEST = 12_000
_DEEPEST = 24
_MOST = 2_000
_MOST_LIKENESSES = 20
"""Different names with `*` in one text; each is held against all the names there are."""
_WILDCARD = re.compile(r"__(?![_/.])(?P<name>[\w./*-]{1,100}?)__")
_WEIGHT = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?)::")
_SEVERAL = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?\$\$(?:([^$|{}]{0,20})\$\$)?")
_ESCAPED = frozenset("{}|")

Lookup = Callable[[str], Sequence[str] | None]
"""Gives the lines a wildcard stands for; `None` leaves it as it is written."""


def varies(text: str) -> bool:
    """Tell whether expanding a text can change it."""
    return "{" in text or "}" in text or "__" in text or "\\|" in text


def expand(text: str, seed: object, lookup: Lookup) -> str:
    """Return the text with every choice made; the same seed, text and lines always give the same.

    `{a|b}` is one of its parts, nested as one likes, `{2::a|b}` weighs them, `{2$$a|b|c}` and `{1-2$$ and $$a|b|c}`
    take several; `__name__` is a line of that wildcard. What a backslash stands before is meant literally. Raises
    `UserError` for what nests too deeply or becomes too long.
    """
    return _Expansion(seed, lookup).of(text, 0) if varies(text) else text


class _Expansion:
    """One text being expanded: what was drawn so far, and how much more may come."""

    def __init__(self, seed: object, lookup: Lookup) -> None:
        self._seed = seed
        self._lookup = lookup
        self._known: dict[str, Sequence[str] | None] = {}
        self._likenesses = _MOST_LIKENESSES
        self._drawn = 0
        self._left = _MOST
        self._room = _LONGEST

    def of(self, text: str, depth: int) -> str:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0 or len(text) > _LONGEST:
            raise _too_much()
        return self._range(text, _pairs(text), 0, len(text), depth)

    def _range(self, text: str, pairs: dict[int, int], start: int, end: int, depth: int) -> str:
        if depth > _DEEPEST:
            raise _too_much()
        parts: list[str] = []
        at = start
        while at < end:
            piece, at = self._piece(text, pairs, at, end, depth)
            self._room -= len(piece) if depth == 0 else 0
            parts.append(piece)
            if self._room < 0:
                raise _too_much()
        made = "".join(parts)
        if len(made) > _LONGEST:
            raise _too_much()
        return made

    def _piece(self, text: str, pairs: dict[int, int], at: int, end: int, depth: int) -> tuple[str, int]:
        """Return what stands at a place, expanded, and where it goes on."""
        letter = text[at]
        if letter == "\\" and at + 1 < end:
            if text[at + 1] in _ESCAPED:
                return text[at + 1], at + 2
            if text.startswith("__", at + 1):
                return "__", at + 3
        if letter == "{" and at in pairs:
            self._left -= 1
            if self._left < 0:
                raise _too_much()
            return self._choice(text, pairs, at + 1, pairs[at], depth), pairs[at] + 1
        if letter == "_" and (found := _WILDCARD.match(text, at, end)) is not None:
            lines = self._lines(found["name"])
            if lines is not None:
                return (self.of(lines[self._below(len(lines))], depth + 1) if lines else ""), found.end()
            return found[0], found.end()
        return letter, at + 1

    def _lines(self, name: str) -> Sequence[str] | None:
        """Return the lines of a wildcard, looked up once a text."""
        if name not in self._known:
            self._likenesses -= "*" in name
            if self._likenesses < 0:
                raise _too_much()
            self._known[name] = self._lookup(name)
        return self._known[name]

    def _choice(self, text: str, pairs: dict[int, int], start: int, end: int, depth: int) -> str:
        several = _SEVERAL.match(text, start, end)
        start = several.end() if several is not None else start
        options = _options(text, pairs, start, end)
        weights = [_weight(text, option) for option in options]
        if several is None:
            return self._option(text, pairs, *options[self._drawn_from(weights)], depth)
        low = int(several[1])
        high = max(low, int(several[2])) if several[2] else low
        wanted = min(low + self._below(high - low + 1), len(options))
        joined = several[3] if several[3] is not None else ", "
        taken: list[str] = []
        for _ in range(wanted):
            drawn = self._drawn_from(weights)
            del weights[drawn]
            taken.append(self._option(text, pairs, *options.pop(drawn), depth))
        return joined.join(taken)

    def _option(self, text: str, pairs: dict[int, int], start: int, end: int, depth: int) -> str:
        weight = _WEIGHT.match(text, start, end)
        return self._range(text, pairs, weight.end() if weight else start, end, depth + 1)

    def _drawn_from(self, weights: Sequence[int]) -> int:
        """Draw one of so many options by their weights; return which."""
        total = sum(weights)
        if total <= 0:
            return self._below(len(weights))
        return bisect_right(list(accumulate(weights)), self._below(total))

    def _below(self, limit: int) -> int:
        """Draw a whole number from 0 to below the limit; the same on every machine and in every version."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()
        return int.from_bytes(digest[:16]) % max(1, limit)


def _pairs(text: str) -> dict[int, int]:
    """Return for every brace that is opened where it is closed; those without a partner are plain letters."""
    found: dict[int, int] = {}
    opened: list[int] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text) and text[at + 1] in _ESCAPED:
            at += 2
            continue
        if text[at] == "{":
            opened.append(at)
        elif text[at] == "}" and opened:
            found[opened.pop()] = at
        at += 1
    return found


def _options(text: str, pairs: dict[int, int], start: int, end: int) -> list[tuple[int, int]]:
    """Return the parts between the bars of one choice, those of choices inside it left whole."""
    found: list[tuple[int, int]] = []
    at = first = start
    while at < end:
        if text[at] == "\\" and at + 1 < end and text[at + 1] in _ESCAPED:
            at += 2
        elif text[at] == "{" and at in pairs:
            at = pairs[at] + 1
        else:
            if text[at] == "|":
                found.append((first, at))
                first = at + 1
            at += 1
    return [*found, (first, end)]


def _weight(text: str, option: tuple[int, int]) -> int:
    found = _WEIGHT.match(text, *option)
    return round(float(found[1]) * 1000) if found is not None else 1000


def _too_much() -> UserError:
    return UserError("This text nests too deeply or becomes too long. Please make it simpler.")
