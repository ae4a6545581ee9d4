"""Running one of our own modules in a process of its own: it reads what strangers made, and may not outlive us."""

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""Where the `bot` package is found by the other process."""
ENVIRONMENT = ("PATH", "PYTHON", "VIRTUAL_ENV", "LD_", "DYLD_", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_")
"""Beginnings of what the other process sees of our environment."""


class Ended(Exception):  # noqa: N818 - names what is the case
    """The process did not end by itself with code 0; says why, for the log."""


async def run_module(module: str, *arguments: str, seconds: float) -> bytes:
    """Return what `python -m module` writes on its standard output.

    The process is killed when we are cancelled, and after so many seconds. Raises `Ended` where it did not end well,
    and OSError where it could not be started.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments,
        stdin=asyncio.subprocess.PIPE,  # held open: its closing tells the process that we are gone
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name.upper().startswith(ENVIRONMENT)},
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds):
            answer = await process.stdout.read()
            await process.wait()
    except TimeoutError as error:
        raise Ended(f"it took longer than {seconds:.0f} s") from error
    finally:
        await _ended(process)
    if process.returncode:
        raise Ended(f"the process ended with {process.returncode}")
    return answer


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()
