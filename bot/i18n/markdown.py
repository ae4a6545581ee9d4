"""Texts that are not ours, made harmless for a place where Discord reads Markdown."""

import re
import string

_MARKUP = re.compile(r"([\\`*_~|<>\[\]()#@:])")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LIST = re.compile(r"^([^\S\n]*+)([-+]|\d++\.)(?=\s)", re.MULTILINE)


def escape(text: str) -> str:
    """Return the text so that Discord shows it as typed: no formatting, links, mentions or emoji come of it.

    Characters that turn the direction of what follows them are left out, as they would garble our own words too.
    """
    return _LIST.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", _TURNING.sub("", text)))


def as_code(text: str) -> str:
    """Return the text for the inside of a code span, where nothing but a backtick has a meaning, on one line."""
    return " ".join(_TURNING.sub("", text).replace("`", "'").split())


def names_in_code(sentence: str) -> frozenset[str]:
    """Return the placeholders of a sentence of ours that stand inside a code span or block."""
    code, found = False, set[str]()
    for literal, name, _, _ in string.Formatter().parse(sentence):
        code ^= literal.replace("```", "`").count("`") % 2 == 1
        if code and name is not None:
            found.add(name)
    return frozenset(found)
