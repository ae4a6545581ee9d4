"""Both READMEs tell the same; what the pages for engineers name is there."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from bot.jobs.model.job import NEXT

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
        for file in (ROOT / "cogs").rglob("*.py")
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
    for file in (ENGLISH, CHINESE, ROOT / "CONTRIBUTING.md", ROOT / ".ci/run"):
        commands = re.findall(r"-m pytest -n \d+ ?.*", told(file))
        assert commands, file.name
        assert all(DISTRIBUTION in command for command in commands), file.name


ARCHITECTURE = ROOT / "docs/architecture.md"
PAGES = (ARCHITECTURE, ROOT / "CONTRIBUTING.md")
_PATH = re.compile(r"(?<![\w/.`-])`?((?:bot|cogs|tests|docs|workflows|typings|\.ci)/[\w./-]*\w/?)(?![\w<*…])")
_PLACE = re.compile(r"`([\w./]+\.py)` \(([^()]*`[^()]*)\)")


def defined(file: Path) -> set[str]:
    """Return the names a module defines; what a class defines as `Class.name`, too."""
    found: set[str] = set()

    def walk(body: list[ast.stmt], before: str) -> None:
        for node in body:
            match node:
                case ast.ClassDef(name=name, body=inside):
                    found.add(before + name)
                    walk(inside, f"{before}{name}.")
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    found.add(before + name)
                case ast.Assign(targets=targets):
                    found.update(before + each.id for each in targets if isinstance(each, ast.Name))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    found.add(before + name)
                case _:
                    pass

    walk(ast.parse(told(file)).body, "")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    named = set(_PATH.findall(told(page)))
    assert len(named) > 20
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_function_that_is_named_stands_in_its_file(page: Path) -> None:
    places = [
        (path, name)
        for path, names in _PLACE.findall(told(page))
        for name in re.findall(r"`([\w.]+)`", names)
    ]
    assert len(places) > 10
    assert [f"{path}: {name}" for path, name in places if name not in defined(ROOT / path)] == []


def test_every_method_that_is_named_alone_stands_in_a_file_of_the_page() -> None:
    text = told(ARCHITECTURE)
    alone = {span for span in re.findall(r"`([A-Z]\w*\.\w+)`", text) if not span.endswith(".md")}
    there = {name for path in re.findall(r"`([\w./]+\.py)`", text) for name in defined(ROOT / path)}
    assert len(alone) > 20
    assert alone - there == set()


def test_the_layers_and_states_are_those_of_the_code() -> None:
    text = told(ARCHITECTURE)
    layers = tomllib.loads(told(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
    drawn = re.search(r"```\n(bot\.__main__\n.*?)```", text, re.DOTALL)
    assert drawn
    assert [line.split("(")[0].split() for line in drawn[1].splitlines()] == [
        layer.split(" | ") for layer in layers
    ]
    steps = set(re.findall(r"([A-Z]+) --> ([A-Z]+)", text))
    assert steps == {(before.name, after.name) for before, allowed in NEXT.items() for after in allowed}


def test_the_changelog_begins_with_this_version() -> None:
    newest = re.search(r"^## \[(.*?)\]", told(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert newest
    assert newest[1] == tomllib.loads(told(ROOT / "pyproject.toml"))["project"]["version"]
