"""`python -m tests.campaign --jobs 2000 --seed 1`: run a campaign and print what came of it."""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.campaign import haste
from tests.campaign.figures import Figures
from tests.campaign.run import campaign


def main() -> int:
    """Return 0 only if no job was lost, doubled, stuck or shown to the wrong person."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", action="store_true", help="also say how memory grows")
    parser.add_argument("--haste", type=float, default=8.0, help="seconds that go by in one (%(default)s)")
    parser.add_argument("--log", type=Path, help="a file for the bot's log")
    given = parser.parse_args()
    if given.log:
        logging.basicConfig(filename=given.log, filemode="w", level=logging.INFO,
                            format="%(relativeCreated)d %(levelname)s %(name)s %(message)s")  # fmt: skip
    else:
        logging.disable(logging.CRITICAL)
    haste.HASTE = given.haste
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        figures = campaign(Path(folder), jobs=given.jobs, seed=given.seed, memory=given.memory)
    write(figures, time.perf_counter() - began, given.seed)
    return 1 if figures.broken else 0


def write(figures: Figures, seconds: float, seed: int) -> None:
    """Print the figures."""
    out = sys.stdout.write
    out(f"seed {seed}: {figures.jobs} jobs in {seconds:.0f} s, {figures.lives} lives of the bot, ")
    out(f"{sum(figures.injected.values())} faults injected, {figures.strangers} strangers' prompts\n")
    out("endings: " + ", ".join(f"{count} {state}" for state, count in figures.endings.most_common()) + "\n")
    for kind, count in sorted(figures.injected.items()):
        out(f"  {count:6} {kind}\n")
    out(f"waiting in /history with every way closed: {figures.waiting_in_history}; ")
    out(f"worked on twice: {figures.worked_twice}\n")
    for kind in ("lost", "doubled", "stuck", "wrong_person", "wrong_cancel", "untold", "put_back", "errors"):
        out(f"{kind.replace('_', ' ')}: {len(getattr(figures, kind))}\n")
    for line in figures.broken[:40]:
        out(f"  {line}\n")
    for count, size in figures.rss.items():
        out(f"memory after job {count}: {size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    sys.exit(main())
