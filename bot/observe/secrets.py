"""Take secrets out of text: the bot token, interaction and webhook tokens, passwords in addresses."""

import re

HIDDEN = "[hidden]"
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # user:password@ in any address. The user name may be a token too; a password may hold an unescaped @.
    (re.compile(r"(?<=://)[^\s/?#'\"<>]+@"), f"{HIDDEN}@"),
    # Discord: /webhooks/<id>/<token> (interaction follow-ups use the same form), /interactions/<id>/<token>/callback.
    (re.compile(r"((?:webhooks|interactions)/\d+/)[A-Za-z0-9._=%\-]+"), rf"\1{HIDDEN}"),
    # A bot token by its shape: base64 of the id, time, signature.
    (re.compile(r"\b[A-Za-z0-9_-]{23,30}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,45}\b"), HIDDEN),
    (
        re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?(?:(?:bot|bearer|basic)\s+)?)[^\s'\",}]+"),
        rf"\1{HIDDEN}",
    ),
)


def redact(text: str, known: tuple[str, ...] = ()) -> str:
    """Return the text without anything that looks like a secret, and without the known ones."""
    for secret in known:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text
