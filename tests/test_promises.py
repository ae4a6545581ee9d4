"""The tests that docs/promises.md names are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_promise_names_a_test() -> None:
    rows = [line for line in (ROOT / "docs/promises.md").read_text("utf-8").splitlines() if line[:2] == "| "]
    promises = [row for row in rows if not row.endswith(("| tests |", "| --- |"))]
    assert len(promises) > 50
    assert [row for row in promises if "`tests/" not in row] == []


def test_every_test_that_is_promised_exists() -> None:
    named = set(
        re.findall(r"(tests/[\w/]+\.py)(?:::(test_\w+))?", (ROOT / "docs/promises.md").read_text("utf-8"))
    )
    assert len(named) > 100
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        functions = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert not test or test in functions, f"{file}::{test}"
