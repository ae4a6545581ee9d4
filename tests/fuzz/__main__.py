"""`python -m tests.fuzz --count 10000 --seed 1`: run, and print what came of it."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.run import fuzz


def main() -> int:
    """Return 0 only if everything was answered and no error was unforeseen."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        report = asyncio.run(fuzz(Path(folder), count=given.count, seed=given.seed))
    out = sys.stdout.write
    done = report.figures.done
    out(f"seed {given.seed}: {done.total()} interactions in {time.perf_counter() - began:.0f} s\n")
    for kind, count in done.most_common():
        out(f"  {count:6} {kind}\n")
    out("drawn, but not let through by Discord:\n")
    for kind, count in report.figures.impossible.most_common(12):
        out(f"  {count:6} {kind}\n")
    out(f"unforeseen errors: {len(report.errors)}; unanswered: {len(report.figures.unanswered)}; ")
    out(f"other failures: {len(report.failures)}\n")
    for line in report.broken[:40]:
        out(f"- {line}\n")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
