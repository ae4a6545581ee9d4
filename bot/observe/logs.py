"""Set logging up: one handler on the root, as text or JSON lines, secrets taken out of everything."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.observe.secrets import redact

# A shorter secret would take common words out of every line.
SHORTEST_SECRET = 6
# Their DEBUG lines carry interaction tokens, whole payloads, or every query.
NEVER_DEBUG = ("discord", "aiohttp", "sqlalchemy", "aiosqlite", "alembic", "PIL", "asyncio", "watchfiles")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


# Line ends (Unicode's too), terminal control sequences, and characters that change the direction of text.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_AS_JSON = {
    code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}
"""The same beyond ASCII, which JSON leaves as they are."""


def _on_one_line(text: str) -> str:
    """Return the text with its control characters written as escapes, so that it forges no line of its own."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class TextLines(logging.Formatter):
    """One line per record: time, level, logger, message. Lines of a traceback follow, each indented by two spaces.

    A record begins only where a line begins without a blank, whatever its message or exception says.
    """

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(name)s: %(message)s")
        self._known = known

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - overrides logging.Formatter
        extra = "".join(f" {name}={value}" for name, value in _extra(record).items())
        return _on_one_line(super().formatMessage(record) + extra)

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = super().format(record).split("\n")
        return redact("\n".join([first, *(f"  {_on_one_line(line)}" for line in rest)]), self._known)


class JsonLines(logging.Formatter):
    """A JSON object a record for machines; what a record carries in `extra`, such as a job id, is a key of its own."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._known = known

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        elif record.exc_text:
            fields["exception"] = record.exc_text
        if record.stack_info:
            fields["stack"] = self.formatStack(record.stack_info)
        fields |= {name: value for name, value in _extra(record).items() if name not in fields}
        hidden = {name: redact(str(value), self._known) for name, value in fields.items()}
        return json.dumps(hidden, ensure_ascii=False).translate(_AS_JSON)


def set_up(
    level: str = "INFO",
    format: Literal["text", "json"] = "text",
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log record to one stream (standard error), from `level` on, without secrets.

    Libraries whose DEBUG lines hold tokens or payloads stay at INFO at the most. `secrets` are texts to hide
    beside everything that looks like a secret. Calling it again replaces the earlier set-up.
    """
    known = tuple(sorted({text for text in secrets if len(text) >= SHORTEST_SECRET}, key=len, reverse=True))
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonLines(known) if format == "json" else TextLines(known))
    handler.set_name("bot")
    root = logging.getLogger()
    for earlier in [handler for handler in root.handlers if handler.get_name() == "bot"]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level)
    quiet = max(logging.INFO, root.level)
    for name in NEVER_DEBUG:
        logging.getLogger(name).setLevel(quiet)
    # Queries and pools at INFO would bury the rest.
    logging.getLogger("sqlalchemy").setLevel(max(logging.WARNING, root.level))
    logging.getLogger("discord.client").addFilter(_is_news)
    logging.captureWarnings(True)


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out that libraries for voice are missing: the bot never speaks."""
    return "voice will NOT be supported" not in str(record.msg)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in STANDARD}
