"""`python -m tests.mutation --package bot/jobs/model --count 60 --seed 1`: say which mutants no mirrored test notices."""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path, PurePath

from tests.mutation.mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
UNCOPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info")
LEAST = 0.9
"""The share of mutants that has to be killed."""


def main() -> int:
    """Return 0 only if at least nine of ten mutants are killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--package", type=PurePath, required=True, help="a folder, such as bot/jobs/model")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chosen = sample(given.package, given.count, given.seed)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder, "tree")
        shutil.copytree(ROOT, tree, ignore=UNCOPIED)
        survived = sum(not killed(tree, module, mutant) for module, mutant in chosen)
    share = 1 - survived / len(chosen)
    sys.stdout.write(f"seed {given.seed}: {len(chosen) - survived} of {len(chosen)} killed ({share:.0%})\n")
    return 0 if share >= LEAST else 1


def sample(package: PurePath, count: int, seed: int) -> list[tuple[PurePath, Mutant]]:
    """Return so many mutants of a folder's modules, the same ones for the same seed, in the order of their text."""
    modules = [path.relative_to(ROOT) for path in sorted((ROOT / package).rglob("*.py"))]
    every = [
        (module, mutant) for module in modules for mutant in mutants_of((ROOT / module).read_text("utf-8"))
    ]
    return sorted(random.Random(seed).sample(every, min(count, len(every))))


def mirrored(module: PurePath) -> tuple[str, ...]:
    """Return the tests of a module, the most likely to fail first: the file of its name, then its folder's."""
    folder = ROOT.joinpath("tests", *module.parts[module.parts[0] == "bot" : -1])
    while not folder.is_dir():
        folder = folder.parent
    file = folder / f"test_{module.stem}.py"
    found = [file] if file.is_file() else []
    if folder.name != "tests":
        found.append(folder)
    return tuple(str(path.relative_to(ROOT)) for path in found)


def killed(tree: Path, module: PurePath, mutant: Mutant) -> bool:
    """Run the mirrored tests on a mutant in a copy of the repository, and say what came of it."""
    tests = mirrored(module)
    limit = seconds_unchanged(tree, tests) * 3 + 20 if tests else 0.0
    path = tree / module
    source = path.read_text("utf-8")
    began = time.monotonic()
    _write(path, mutant.apply(source))
    try:
        survives = not tests or passed(tree, tests, limit)
    finally:
        _write(path, source)
    word = "survived" if survives else "killed"
    seconds = time.monotonic() - began
    sys.stdout.write(f"{word:8} {module}:{mutant.line}: {mutant.change} ({seconds:.0f} s)\n")
    sys.stdout.flush()
    return not survives


@cache
def seconds_unchanged(tree: Path, tests: tuple[str, ...]) -> float:
    """Return how long the tests take without a mutant; raises `SystemExit` when they fail."""
    began = time.monotonic()
    if not passed(tree, tests, None):
        raise SystemExit(f"{' '.join(tests)}: fails without a mutant")
    return time.monotonic() - began


def passed(tree: Path, tests: tuple[str, ...], seconds: float | None) -> bool:
    """Whether the tests pass within so many seconds."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    run = subprocess.Popen(
        command, cwd=tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return run.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if run.returncode is None:  # with all that the tests have started
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()


def _write(path: Path, source: str) -> None:
    """Write a module; a size and time that a cached compilation was made for must not occur again."""
    before = path.stat().st_mtime
    path.write_text(source, "utf-8")
    os.utime(path, (before + 2, before + 2))


if __name__ == "__main__":
    sys.exit(main())
