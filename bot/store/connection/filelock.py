"""Locks on files that the operating system lets go of when their process dies; nothing is written into the files."""

import os
import sys
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

MOST_SHARDS = 16384
"""DISCORD_SHARD_COUNT goes no higher."""

Held = ExitStack
"""What is held until it is closed or the process ends."""


def hold(path: Path, shards: Collection[int]) -> Held | None:
    """Lock these shards (none: all of them); None when another holder has one of them. Blocks for a moment only.

    Raises OSError when the files cannot be made.
    """
    with ExitStack() as held:
        if _all_taken(path, shards, held):
            return held.pop_all()
    return None


def _open(path: Path, held: ExitStack) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    held.callback(os.close, descriptor)
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _all_taken(path: Path, shards: Collection[int], held: ExitStack) -> bool:
        """Lock one byte for each shard; overlapping ranges keep each other out."""
        ranges = [(shard, 1) for shard in shards] or [(0, MOST_SHARDS)]
        for start, length in ranges:
            descriptor = _open(path, held)
            os.lseek(descriptor, start, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, length)
            except OSError:
                return False
        return True

else:
    import fcntl

    def _all_taken(path: Path, shards: Collection[int], held: ExitStack) -> bool:
        """Share the gate and lock a file for each shard; who serves them all has the gate alone."""
        wanted = [(path, fcntl.LOCK_SH if shards else fcntl.LOCK_EX)]
        wanted += [(path.with_name(f"{path.name}.{shard}"), fcntl.LOCK_EX) for shard in sorted(shards)]
        for each, kind in wanted:
            try:
                fcntl.flock(_open(each, held), kind | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True
