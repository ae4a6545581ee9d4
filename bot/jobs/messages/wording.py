"""A server's own words made fit to be shown: short, without folders, without secrets."""

import re
from collections.abc import Sequence

from bot.observe.secrets import redact

SHOWN_CHOICES = 5
"""How many allowed values a sentence lists."""

LONGEST_REASON = 200

_PATH = re.compile(r"(?<![\w.\\/])(?:[A-Za-z]:)?[\\/]+(?:[^\s\\/'\"<>|:]+[\\/]+)*")
_KEYS = re.compile(
    r"(?i)\b((?:api[_-]?key|token|secret|passw(?:or)?d|access[_-]?key|signature)['\"]?\s*[=:]\s*['\"]?)[^\s'\"&,;}]+"
    r"|\b(?:sk|hf|ghp|comfyui)[-_][A-Za-z0-9_-]{16,}"
    r"|(?<=\bBearer )\S+"
)


def plain(text: str) -> str:
    """Return a server's own words without folders and secrets, on one short line."""
    words = _KEYS.sub(lambda found: f"{found[1] or ''}…", redact(text))
    words = " ".join(_PATH.sub("", words).split())
    return words if len(words) <= LONGEST_REASON else words[: LONGEST_REASON - 1] + "…"


def listed(choices: Sequence[str]) -> str:
    """Return the first few values, and a sign that there are more."""
    some = ", ".join(plain(choice) for choice in choices[:SHOWN_CHOICES])
    return f"{some}, …" if len(choices) > SHOWN_CHOICES else some
