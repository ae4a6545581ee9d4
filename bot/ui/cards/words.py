"""Text on cards: people's words made harmless, numbers and times made readable."""

import math
from unicodedata import category

from bot.i18n import escape as escape
from bot.ui.interactions.replies import shorten


def has_words(text: str) -> bool:
    """Whether there is anything to see in a text, rather than blanks and invisible characters."""
    return any(category(each)[0] not in "ZC" for each in text)


def named(*texts: str) -> str:
    """Return the first text with anything to see in it, for the label of a button or an entry, which Discord insists on.

    Where there is none, a dash stands for it.
    """
    return next(filter(has_words, texts), "–")


def quoted(text: str, *, limit: int, encoded: int) -> str:
    """Return somebody's words on one line, escaped and cut to so many characters and bytes."""
    return escape_cut(" ".join(shorten(text, 8 * limit).split()), limit=limit, encoded=encoded)


def escape_cut(text: str, *, limit: int, encoded: int) -> str:
    """Return somebody's words escaped and cut to so many characters and bytes, however long they are."""
    # What is cut off anyway need not be escaped first.
    return cut_escaped(escape(shorten(text, 2 * limit)), limit=limit, encoded=encoded)


def cut_escaped(text: str, *, limit: int, encoded: int) -> str:
    """Cut an escaped text without leaving half an escape at its end."""
    short = shorten(text, limit, encoded=encoded)
    if short == text:
        return text
    body = short.removesuffix("…")
    if (len(body) - len(body.rstrip("\\"))) % 2:
        body = body[:-1]
    return body + "…"


def moment(epoch: float, *, rounded: int = 1) -> str:
    """Return a time that Discord shows as `in 2 minutes` and counts down by itself, without any edit of ours.

    Rounding is upwards, so that what is expected is not shown as past.
    """
    return f"<t:{math.ceil(round(epoch) / rounded) * rounded}:R>"


def bar(fraction: float, width: int = 14) -> str:
    """Return a progress bar; the number beside it says the same to those who cannot see it."""
    full = min(width, max(0, int(fraction * width + 1e-9)))
    return "▰" * full + "▱" * (width - full)


def megabytes(size: int) -> str:
    """Return a size as Discord counts it, in units of 1024² bytes, with a decimal where there is one."""
    return f"{max(size / 1024**2, 0.1):.1f}".removesuffix(".0")
