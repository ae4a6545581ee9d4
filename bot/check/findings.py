"""What a check found: one thing, how bad it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; an error means that the bot, or a part of it, will not work."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    topic: str
    level: Level
    text: str
    remedy: str = ""


def fine(topic: str, text: str) -> Finding:
    return Finding(topic, Level.FINE, text)


def note(topic: str, text: str, remedy: str = "") -> Finding:
    return Finding(topic, Level.NOTE, text, remedy)


def warning(topic: str, text: str, remedy: str = "") -> Finding:
    return Finding(topic, Level.WARNING, text, remedy)


def error(topic: str, text: str, remedy: str) -> Finding:
    return Finding(topic, Level.ERROR, text, remedy)
