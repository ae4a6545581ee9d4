"""Texts that make a regular expression try again and again, made from the expression itself.

For each part that repeats: what must stand before it, then what it repeats, very often, then what makes it fail.
"""

import re
from collections.abc import Iterator
from itertools import islice, product
from typing import Any, cast

parser = cast("Any", re)._parser
constants = cast("Any", re)._constants

ALPHABET = " \n\t,;:=-_./\\\"'()[]{}<>|*#$%@!aAfx019é中\x00"
FAILING = ("", "\x00")
_COMMON = ' \n,:-/a1"(<\\'
_MOST_VARIANTS = 4
_REPEATS = {constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT}


def texts(pattern: "re.Pattern[Any]", length: int) -> Iterator[Any]:
    """Yield hostile texts of about a length, of the pattern's own kind."""
    source = pattern.pattern
    for each in _texts(
        source if isinstance(source, str) else source.decode("latin-1"), pattern.flags, length
    ):
        if isinstance(source, str):
            yield each
        elif each.isascii():
            yield each.encode("latin-1")


def _texts(source: str, flags: int, length: int) -> Iterator[str]:
    tree = parser.parse(source, flags & ~re.LOCALE)
    seen: set[tuple[str, str]] = set()
    for prefix, units in [*_repeats(tree, ""), ("", [*_COMMON])]:
        pairs = [one + other for one, other in product(units[:3], units[:3]) if one != other]
        for unit in (*units, *pairs, *((prefix + unit) for unit in units[:2])):
            if unit and (prefix, unit) not in seen:
                seen.add((prefix, unit))
                body = prefix + (unit * (length // len(unit) + 1))[:length]
                yield from (body + suffix for suffix in FAILING)


def _repeats(tree: Any, before: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each repeat of a part of an expression: what stands before it, and what it may repeat."""
    for operator, argument in tree:
        if operator in _REPEATS:
            low, _, body = argument
            yield before, _variants(body)
            yield from _repeats(body, before)
            before += _example(body) * low
            continue
        for part in _parts(operator, argument):
            yield from _repeats(part, before)
        before += _example([(operator, argument)])


def _parts(operator: Any, argument: Any) -> list[Any]:
    """Return the expressions inside one part of an expression."""
    if operator is constants.SUBPATTERN:
        return [argument[3]]
    if operator is constants.BRANCH:
        return list(argument[1])
    if operator in {constants.ASSERT, constants.ASSERT_NOT}:
        return [argument[1]]
    if operator is constants.ATOMIC_GROUP:
        return [argument]
    return []


def _example(tree: Any) -> str:
    return next(iter(_variants(tree)), "")


def _variants(tree: Any) -> list[str]:
    """Return some texts that an expression matches."""
    options = [_options(operator, argument) for operator, argument in tree]
    # Each place varies by itself, the others keeping their first.
    first = [each[0] if each else "" for each in options]
    found = ["".join(first)]
    for place, several in enumerate(options):
        found += ["".join([*first[:place], each, *first[place + 1 :]]) for each in several[1:]]
    return list(dict.fromkeys(found))[:_MOST_VARIANTS]


def _options(operator: Any, argument: Any) -> list[str]:
    if operator is constants.LITERAL:
        return [chr(argument)]
    if operator is constants.NOT_LITERAL:
        return [each for each in ALPHABET if ord(each) != argument][:_MOST_VARIANTS]
    if operator is constants.ANY:
        return ["a", " "]
    if operator is constants.IN:
        members = [chr(value) for kind, value in argument if kind is constants.LITERAL]
        members += [chr(value[0]) for kind, value in argument if kind is constants.RANGE]
        return [each for each in (*members, *ALPHABET) if _is_in(argument, each)][:_MOST_VARIANTS]
    if operator in _REPEATS:
        low, _, body = argument
        return [each * max(low, 1) for each in islice(_variants(body), _MOST_VARIANTS)] + (
            [] if low else [""]
        )
    if operator is constants.BRANCH:
        return [each for part in argument[1] for each in _variants(part)[:2]]
    if operator is constants.SUBPATTERN:
        return _variants(argument[3])
    return _variants(argument) if operator is constants.ATOMIC_GROUP else [""]


def _is_in(members: Any, character: str) -> bool:
    found = False
    for kind, value in members:
        if kind is constants.LITERAL:
            found = found or ord(character) == value
        elif kind is constants.RANGE:
            found = found or value[0] <= ord(character) <= value[1]
        elif kind is constants.CATEGORY:
            found = found or _is_of(value, character)
    return found is not any(kind is constants.NEGATE for kind, _ in members)


def _is_of(category: Any, character: str) -> bool:
    name = str(category).removeprefix("CATEGORY_")
    known = {"DIGIT": str.isdecimal, "SPACE": str.isspace, "WORD": lambda each: each.isalnum() or each == "_"}
    if name.startswith("NOT_"):
        return not known[name.removeprefix("NOT_")](character)
    return known[name](character)
