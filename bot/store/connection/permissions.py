"""Keep what the bot stores from the other users of its machine. POSIX permissions; Windows has its own."""

import os
import stat
from contextlib import suppress
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""Permission bits of the owner's group and of everybody else."""


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter; one that is there already is closed if it is the bot's own.

    A folder with other things in it is left as it is, for somebody else may need them. Raises OSError where the folder
    cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_open_to_others(folder):
        return
    names = {each.name for each in folder.iterdir()}
    if not names or "bot.db" in names:
        # Not allowed where another user owns it, nor on some network drives.
        with suppress(PermissionError):
            folder.chmod(0o700)


def make_private_file(file: Path) -> None:
    """Make an empty file that only its owner may read, or close one that is there. Raises OSError like `open`."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
    if is_open_to_others(file):
        with suppress(PermissionError):
            file.chmod(0o600)


def is_open_to_others(path: Path) -> bool:
    """Whether other users of the machine have any right to a file or folder."""
    return os.name == "posix" and bool(path.stat().st_mode & OTHERS)
