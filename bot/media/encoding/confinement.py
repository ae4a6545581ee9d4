"""What a process that reads strangers' files may take: little memory, low priority, no life without its parent."""

import os
import sys
import threading

NICENESS = 10


def largest_result(limit: int) -> int:
    """Return the bytes that an attempt at a file of at most `limit` bytes may write."""
    return limit * 3 + 2**20


def confine(*, memory: int, largest_file: int) -> None:
    """Limit this process to so many bytes of addresses and of one written file; it ends when its parent is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform == "win32":
        return
    import resource

    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_parent() -> None:
    """End when the other end of the standard input closes: whoever wanted the file is gone."""
    os.read(0, 1)
    os._exit(1)
