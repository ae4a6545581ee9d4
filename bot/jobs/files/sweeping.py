"""Folders of files that can be had again, kept from growing without end."""

import logging
import os
import shutil
import sys
import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

WORK = ".work-"
"""How the name of what is only half there begins; the number of the process that makes it follows."""
LONGEST_WORK = 6 * 3600.0
"""Seconds after which half a file is nobody's any more, whoever made it."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What was removed."""

    files: int = 0
    size: int = 0


def work_name(unique: str) -> str:
    """Return a name for something that is not whole yet: `sweep_work` finds it should this process die."""
    return f"{WORK}{os.getpid()}-{unique}"


def sweep_work(folder: Path, *, at_start: bool = False) -> int:
    """Remove what processes that are gone left half done, and return how many that were; blocks.

    At the start of a process what bears its own number is from an earlier one.
    """
    left = [path for path in folder.glob(f"{WORK}*") if _abandoned(path, at_start=at_start)]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def sweep_old(folder: Path, *, most: int, young: float, now: float, keep: Container[str] = ()) -> Swept:
    """Remove the files longest unused until at most `most` bytes are left; blocks.

    Files used in the last `young` seconds stay, and those whose names are in `keep`, even if that is too much.
    """
    found: list[tuple[float, int, Path]] = []
    for path in folder.rglob("*"):
        if any(part.startswith(WORK) for part in path.relative_to(folder).parts):
            continue
        try:
            status = path.stat()
        except OSError:
            continue  # gone meanwhile
        if path.is_file():
            found.append((status.st_mtime, status.st_size, path))
    total, files, size = sum(each for _, each, _ in found), 0, 0
    for used, weight, path in sorted(found):
        if total - size <= most or used > now - young:
            break
        if path.name not in keep and remove_file(path):
            files, size = files + 1, size + weight
    return Swept(files, size)


def remove_file(path: Path) -> bool:
    """Remove a file; returns whether it is gone now, and says in the log why not."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s cannot be removed: %s", path.name, error.strerror)
        return False
    return True


def _abandoned(path: Path, *, at_start: bool) -> bool:
    number = path.name.removeprefix(WORK).partition("-")[0]
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    if age > LONGEST_WORK or not number.isdigit():
        return True
    if int(number) == os.getpid():
        return at_start
    return not _alive(int(number))


def _alive(process: int) -> bool:
    if sys.platform == "win32":
        return True  # cannot be asked harmlessly there: age decides
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
