"""Both READMEs tell the same: commands to run, commands to use, variables, and the way to each other."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = (ROOT / name for name in ("README.md", "README.zh-CN.md"))


def told(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    """Return the first cell of every row that names commands or variables."""
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| `")]


def blocks(text: str, language: str) -> list[str]:
    """Return the blocks of code in a language, without their comments."""
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return [re.sub(r" *# .*", "", each) for each in found]


def test_each_leads_to_the_other() -> None:
    assert "[简体中文](README.zh-CN.md)" in told(ENGLISH)
    assert "[English](README.md)" in told(CHINESE)


def test_both_have_the_same_commands_and_variables_in_the_same_order() -> None:
    assert first_cells(told(CHINESE)) == first_cells(told(ENGLISH))


@pytest.mark.parametrize("language", ["sh", "toml", "nginx"])
def test_both_have_the_same_code(language: str) -> None:
    assert blocks(told(CHINESE), language) == blocks(told(ENGLISH), language)
    assert blocks(told(ENGLISH), language)


def test_both_have_the_same_parts_and_links() -> None:
    english, chinese = told(ENGLISH), told(CHINESE)
    for pattern in (
        r"^(#+) ",
        r"(?<!!)\[[^\]]*\]\((?!README)([^)]*)\)",
        r"<(https?://[^>]*)>",
        r"`(python -m [^`]*)`",
    ):
        assert re.findall(pattern, chinese, re.MULTILINE) == re.findall(pattern, english, re.MULTILINE), (
            pattern
        )


def test_every_command_is_in_the_table() -> None:
    cogs = {
        name
        for file in (ROOT / "cogs").glob("*.py")
        for name in re.findall(r"@app_commands\.command\(\s*name=\"(\w+)\"", told(file))
        + re.findall(r"app_commands\.Group\(\s*name=\"(\w+)\"", told(file))
    }
    listed = {cell.strip("`/") for cell in first_cells(told(ENGLISH)) if cell.startswith("`/")}
    assert cogs
    assert cogs <= listed


DISTRIBUTION = "--dist loadfile --no-loadscope-reorder"
"""Goes with every run of all tests side by side: one file's tests stay together and in order."""


def test_tests_run_side_by_side_only_where_a_command_says_so() -> None:
    options = tomllib.loads(told(ROOT / "pyproject.toml"))["tool"]["pytest"]["ini_options"]["addopts"]
    assert not any(each.startswith(("-n", "--numprocesses", "--dist")) for each in options)
    for file in (ENGLISH, CHINESE, ROOT / ".ci/run"):
        commands = re.findall(r"-m pytest -n \d+ ?.*", told(file))
        assert commands, file.name
        assert all(DISTRIBUTION in command for command in commands), file.name
