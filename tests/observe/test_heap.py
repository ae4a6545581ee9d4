"""Freed memory goes back to the system: tried in a process of its own, because it is for the whole process."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys
from bot.observe.heap import give_back

class Use(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

told = give_back()
if told:
    free = ctypes.CDLL(None)
    free.mallinfo2.restype = Use
    held = []
    for number in range(40):
        picture = bytes(4_000_000)
        held.append(bytes(60_000))  # lies behind the picture, and stays
        del picture
    print(free.mallinfo2().fordblks)
sys.exit(0 if told else 3)
"""


def outcome(**environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=own | environment, check=False
    )


def test_large_blocks_leave_no_holes() -> None:
    done = outcome()
    if done.returncode == 3:
        pytest.skip("another C library than glibc")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 4_000_000, "not even one of the pictures still takes room"


def test_what_an_operator_has_set_stays() -> None:
    assert outcome(MALLOC_ARENA_MAX="4").returncode == 3
