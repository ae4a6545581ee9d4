"""Prints how many files and functions each journey enters, and its files in the order of the first time."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.journeys.journeys import files, measure

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(Path(folder)))
    lines = [f"{'':<20}{'files':>10}{'functions':>10}"]
    lines += [
        f"{name:<20}{len(files(functions)):>10}{len(functions):>10}" for name, functions in measured.items()
    ]
    for name, functions in measured.items():
        lines += ["", name]
        for file in files(functions):
            count = sum(of == file for of, _ in functions)
            lines.append(f"  {file} ({count})")
    sys.stdout.write("\n".join([*lines, ""]))
