"""Regular expressions that cannot take for ever.

Python's own matcher backtracks without bound and cannot be stopped. So repeats without an end get one, and a pattern
is refused when the ways in which it could match at one place, multiplied out, are too many.
"""

import re
from dataclasses import dataclass, field

LONGEST_PATTERN = 300
LONGEST_REPEAT = 25
"""What `*`, `+` and `{n,}` repeat at most."""

MOST_WAYS = 2600

_TOKENS = re.compile(
    r"""
    (?P<escape>\\.)
  | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
  | (?P<repeat>[*+?]|\{\d*(?:,\d*)?\})(?P<mode>[?+]?)
  | (?P<open>\((?:\?(?:[:=!]|<[=!]|P<\w+>|[aimsux-]+:))?)
  | (?P<close>\))
  | (?P<choice>\|)
  | (?P<plain>.)
    """,
    re.DOTALL | re.VERBOSE,
)


class PatternError(ValueError):
    """A pattern cannot be used; the text says why, for the operator."""


@dataclass(slots=True)
class _Reading:
    """A pattern being read: what was written out so far, and in how many ways it could match."""

    written: list[str] = field(default_factory=list[str])
    ways: int = 1
    loose: list[bool] = field(default_factory=lambda: [False])
    """For each open group, whether it can match in more than one way."""
    closed_loose: bool = False
    """Whether the last thing was the end of such a group."""


def bounded_pattern(source: str) -> re.Pattern[str]:
    """Compile a pattern, with an end to every repeat; raises PatternError when it is wrong or could take too long."""
    if len(source) > LONGEST_PATTERN:
        raise PatternError("the pattern is too long.")
    reading = _Reading()
    for token in _TOKENS.finditer(source):
        _read(reading, token)
    if reading.ways > MOST_WAYS:
        raise PatternError("the pattern could take too long; use fewer of * + ? and |.")
    try:
        re.compile(source)
        return re.compile("".join(reading.written), re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError("this is not a regular expression.") from error


def _read(reading: _Reading, token: re.Match[str]) -> None:
    text, was_loose = token.group(), reading.closed_loose
    reading.closed_loose = False
    match token.lastgroup:
        case "mode":
            text = _repeat(reading, token, of_loose=was_loose)
        case "open":
            reading.loose.append(False)
        case "close" if len(reading.loose) > 1:
            reading.closed_loose = reading.loose.pop()
            reading.loose[-1] = reading.loose[-1] or reading.closed_loose
        case "choice":
            reading.ways *= 2
            reading.loose[-1] = True
        case "escape" if text[1] in "123456789":
            raise PatternError("the pattern refers back to a group, which could take too long.")
        case _:
            if text == "(" or (token.lastgroup == "plain" and text == "?"):
                raise PatternError("this is not a regular expression.")
    reading.written.append(text)


def _repeat(reading: _Reading, token: re.Match[str], *, of_loose: bool) -> str:
    low, high = _range(token["repeat"])
    if of_loose and high > 1:
        raise PatternError(
            "the pattern repeats something that repeats or chooses, which could take too long."
        )
    reading.ways *= high - low + 1
    reading.loose[-1] = True
    return f"{{{low},{high}}}{token['mode']}"


def _range(repeat: str) -> tuple[int, int]:
    match repeat:
        case "*":
            return 0, LONGEST_REPEAT
        case "+":
            return 1, LONGEST_REPEAT
        case "?":
            return 0, 1
        case _:
            low, comma, high = repeat[1:-1].partition(",")
            first = int(low or 0)
            last = int(high) if high else first if not comma else max(first, LONGEST_REPEAT)
            if not first <= last <= 1000:
                raise PatternError("the pattern repeats something too often.")
            return first, last
