r"""The operator's regular expressions: searched by RE2, which takes linear time whatever is written.

RE2 knows letters beyond ASCII only where a class names them, and its `\b` not at all. So `\w`, `\d`, `\s` and what
they exclude are written out. Where a pattern has `\b`, each border of a word is marked in the text by a character of
its own, and each part of the pattern lets one mark pass before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from bot.policy.folding import fold

LONGEST_PATTERN = 1000
_MEMORY = 1 << 20
"""Bytes that a compiled pattern takes at most."""

_MARK = "\ue000"
_BORDER = re.compile(r"(?<=\w)(?!\w)|(?<!\w)(?=\w)")
_WORD, _DIGIT, _BLANK = r"\p{L}\p{M}\p{N}_", r"\p{Nd}", r"\s\p{Z}\x{85}\x0b"
_CLASSES = {"w": _WORD, "d": _DIGIT, "s": _BLANK}

_TOKEN = re.compile(
    r"""
    (?P<number>\\(?:[pP](?:\{\^?\w*\}|\w)|x(?:\{[0-9a-fA-F]+\}|[0-9a-fA-F]{2})))
  | (?P<escape>\\.)
  | \[(?P<negated>\^?)(?P<set>\]?(?:\[:\^?\w+:\]|\\[pPx]\{\^?\w*\}|\\.|[^\]\\])*+)\]
  | (?P<sign>\((?:\?(?:P?<\w+>|[a-zA-Z-]*[:)]|<?[=!]))?|[)|^*+?]|\{\d+(?:,\d*)?\})
  | (?P<end>\$)
  | (?P<dot>\.)
  | (?P<letter>[^\[\\])
    """,
    re.DOTALL | re.VERBOSE,
)
_IN_SET = re.compile(
    r"(?P<kept>\[:\^?\w+:\]|\\[pPx](?:\{\^?\w*\}|\w{1,2})|[^\\]-[^\\\]])|\\(?P<escape>.)|(?P<letter>.)",
    re.DOTALL,
)


class PatternError(ValueError):
    """A pattern cannot be used; the text says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that is searched for in folded texts."""

    compiled: "re2.Regexp"
    borders: bool

    def found(self, text: str) -> str | None:
        """Return what it matches first; None where it matches nothing."""
        match = self.compiled.search(_BORDER.sub(_MARK, text) if self.borders else text)
        return None if match is None else match.group().replace(_MARK, "")


def compile_pattern(source: str) -> Pattern:
    """Compile a pattern in Python's notation; raises PatternError where RE2 cannot search for it."""
    if len(source) > LONGEST_PATTERN:
        raise PatternError(f"the pattern is longer than {LONGEST_PATTERN} characters.")
    tokens = list(_tokens(source))
    borders = any(token["escape"] == r"\b" for token in tokens)
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, _MEMORY
    written = "".join(_written(token, borders=borders) for token in tokens)
    try:
        return Pattern(re2.compile(written, options), borders)
    except re2.error as error:
        raise PatternError(
            "the pattern is no regular expression that can be searched for quickly; looking ahead or behind and "
            f"references to groups are not possible ({_reason(error)})."
        ) from error


def _tokens(source: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(source):
        token = _TOKEN.match(source, at)
        if token is None:
            raise PatternError("the pattern ends within brackets or after a backslash.")
        yield token
        at = token.end()


def _written(token: re.Match[str], *, borders: bool) -> str:
    """Return a part of a pattern as RE2 needs it."""
    mark = _MARK if borders else ""
    match token.lastgroup:
        case "sign":
            return token.group()
        case "end":
            return f"{mark}?$" if borders else "$"
        case "escape" if token.group() == r"\b":
            return mark
        case "escape" if token.group() == r"\B":
            raise PatternError(r"the pattern has \B, which is not possible; \b is.")
        case "escape" if token.group() in {r"\A", r"\z", r"\Z"}:
            return token.group().lower() if token.group() == r"\Z" else token.group()
        case "dot":
            part = f"[^\n{mark}]"
        case "escape":
            part = _escape(token.group()[1], mark)
        case "set":
            part = _set(token["set"], mark, negated=bool(token["negated"]))
        case "letter":
            part = _literal(token.group())
        case _:
            part = token.group()
    return f"(?:{mark}?{part})" if borders else part


def _literal(text: str) -> str:
    folded = fold(text)
    return re.escape(folded) if len(folded) == 1 else f"(?:{re.escape(folded)})"


def _escape(letter: str, mark: str) -> str:
    if letter in _CLASSES:
        return f"[{_CLASSES[letter]}]"
    if letter.lower() in _CLASSES:
        return f"[^{_CLASSES[letter.lower()]}{mark}]"
    return f"\\{letter}" if letter.isascii() else _literal(letter)


def _set(inside: str, mark: str, *, negated: bool) -> str:
    r"""Return a set of characters; `\W` in it is an alternative of its own, as RE2 has no name for it."""
    parts: list[str] = []
    others = False
    for number, each in enumerate(_IN_SET.finditer(inside)):
        others = others or each["escape"] == "W"
        if each["letter"] is not None:
            folded = fold(each["letter"])
            parts.append(re.escape(folded if len(folded) == 1 else each["letter"]))
        elif each["kept"] is not None:
            parts.append(each["kept"] if number or not each["kept"].startswith("]") else f"\\{each['kept']}")
        elif each["escape"] != "W":
            parts.append(
                _CLASSES.get(each["escape"], {"D": r"\P{Nd}"}.get(each["escape"], f"\\{each['escape']}"))
            )
    if others and negated and parts not in (["_"], [r"\_"], []):
        raise PatternError(r"the pattern has \W beside other characters in [^ ], which is not possible.")
    if others and negated:
        return f"[{_WORD}]" if not parts else f"[{_WORD.removesuffix('_')}]"
    rest = f"[{'^' if negated else ''}{''.join(parts)}{mark if negated else ''}]"
    if not others:
        return rest
    return f"(?:[^{_WORD}{mark}]|{rest})" if parts else f"[^{_WORD}{mark}]"


def _reason(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
