"""What a campaign comes to, and the log the database itself keeps of it."""

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

TRIGGERS = """
CREATE TABLE IF NOT EXISTS campaign_log (job TEXT, state TEXT);
CREATE TRIGGER IF NOT EXISTS campaign_born AFTER INSERT ON jobs
  BEGIN INSERT INTO campaign_log VALUES (NEW.id, 'accepted'); END;
CREATE TRIGGER IF NOT EXISTS campaign_turn AFTER UPDATE OF state ON jobs WHEN OLD.state <> NEW.state
  BEGIN INSERT INTO campaign_log VALUES (NEW.id, NEW.state); END;
"""


@dataclass(slots=True)
class Figures:
    """What the campaign comes to."""

    jobs: int = 0
    lives: int = 0
    endings: Counter[str] = field(default_factory=Counter[str])
    injected: Counter[str] = field(default_factory=Counter[str])
    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    stuck: list[str] = field(default_factory=list[str])
    wrong_person: list[str] = field(default_factory=list[str])
    wrong_cancel: list[str] = field(default_factory=list[str])
    untold: list[str] = field(default_factory=list[str])
    put_back: list[str] = field(default_factory=list[str])
    """What was shown again in a channel where somebody had deleted it."""
    errors: list[str] = field(default_factory=list[str])
    waiting_in_history: int = 0
    worked_twice: int = 0
    strangers: int = 0
    rss: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def broken(self) -> list[str]:
        """Every broken promise, in words."""
        kinds = ("lost", "doubled", "stuck", "wrong_person", "wrong_cancel", "untold", "put_back", "errors")
        return [f"{kind}: {text}" for kind in kinds for text in getattr(self, kind)]


def keep_log(database: Path) -> None:
    """Let the database itself write down every acceptance and every change of state."""
    with sqlite3.connect(database, timeout=30) as connection:
        connection.executescript(TRIGGERS)


def card_of(database: Path, message_id: int) -> str | None:
    """Return the unfinished job whose card the bot knows this message to be."""
    with sqlite3.connect(database, timeout=30) as connection:
        found = connection.execute(
            "SELECT id FROM jobs WHERE finished_at IS NULL AND json_extract(message, '$.message_id') = ?",
            (message_id,),
        ).fetchone()
    return found and found[0]


def count(database: Path) -> int:
    """Return how many jobs were accepted."""
    with sqlite3.connect(database, timeout=30) as connection:
        return connection.execute("SELECT count(*) FROM campaign_log WHERE state = 'accepted'").fetchone()[0]


def events(database: Path) -> int:
    """Return how often a job was accepted or changed its state."""
    with sqlite3.connect(database, timeout=30) as connection:
        return connection.execute("SELECT count(*) FROM campaign_log").fetchone()[0]


def read_log(database: Path) -> dict[str, list[str]]:
    """Return the states each job went through."""
    states: defaultdict[str, list[str]] = defaultdict(list)
    with sqlite3.connect(database, timeout=30) as connection:
        for job, state in connection.execute("SELECT job, state FROM campaign_log ORDER BY rowid"):
            states[job].append(state)
    return states
