"""Making sure that what was removed from an SQLite database is not in its files any more; blocks.

From now on SQLite overwrites what is removed (`secure_delete`); what an earlier version of the bot removed may still
lie in unused pages, and goes by one rebuild of the file.
"""

import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)

OVERWRITING = 1
"""The database's `user_version` from which on removed content is overwritten."""
_TRIES = 8
_PAUSE = 0.25


def overwrite_from_now_on(file: Path) -> None:
    """Rebuild a database once that was written before removed content was overwritten; does nothing after that."""
    with closing(_connect(file)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version >= OVERWRITING:
            return
        try:
            connection.execute("VACUUM")
            connection.execute(f"PRAGMA user_version = {OVERWRITING}")
        except sqlite3.Error as error:  # tried again at the next start
            log.warning("the database was not rebuilt: %s", error)


def empty_log(file: Path) -> None:
    """Move everything out of the log of changes and empty it; it keeps what was removed.

    Raises TimeoutError when others read the database the whole time.
    """
    with closing(_connect(file)) as connection:
        for _ in range(_TRIES):
            (busy, *_rest) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return
            time.sleep(_PAUSE)
    raise TimeoutError("the database is being read the whole time")


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=0.5, isolation_level=None)
    connection.execute("PRAGMA secure_delete = ON")
    return connection
