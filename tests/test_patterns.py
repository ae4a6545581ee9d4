"""No regular expression of the project takes longer than the text it reads is long, whatever stands in it."""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from typing import Any

import pytest

from bot.ui.interactions.components import ids
from bot.workflows.graph import families
from tests.pumping import texts

ROOT = Path(__file__).parents[1]
USES = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
LONGEST = 12_000
"""Characters up to which an expression has to be linear: what the longest texts of people come to."""
CUSTOM_ID, NAME = 100, 300
CAPS: dict[str, int] = {
    "bot.media.metadata.infotext": 20_000,
    "bot.jobs.metadata": 40_000,
    "bot.comfy.raw:_PATHS": 1200,  # see raw.sentence
    "bot.policy.patterns": 1000,  # the operator's own, see LONGEST_PATTERN
}
"""Where an expression reads more, or never as much: by module, or by module and name."""
MADE: dict[tuple[str, str], list[re.Pattern[str]]] = {
    ("bot.demo.comfyui.folders", "re.escape(stem)"): [re.compile(r"a b" + r"_(\d+)_?\.")],
    ("bot.ui.interactions.components", "{family}:"): [ids("a-family", "one", "two")],
    ("bot.workflows.graph.families", "(?<![a-z0-9])"): [pattern for _, pattern in families._PATTERNS],
    ("bot.workflows.library.manifest", "{re.escape(p)}"): [
        re.compile(r"\s*\[\s*[\"']?a[\"']?\s*\.\s*[\"']?b[\"']?\s*\]")
    ],
    ("bot.workflows.library.manifest", "re.escape(path[0])"): [
        re.compile(r"\s*[\"']?" + "a" + r"[\"']?\s*[=.]")
    ],
    ("bot.workflows.prompts.wildcards", "translate(wanted)"): [
        re.compile(translate(each)) for each in ("*a*b*", "*a" * 40)
    ],
}
"""Expressions that are put together while the bot runs: by module and a part of their source, examples of each."""


@dataclass(frozen=True)
class Found:
    """An expression where it stands in the source."""

    module: str
    place: str
    name: str
    pattern: re.Pattern[Any]
    use: str

    def __str__(self) -> str:
        return f"{self.module}:{self.name or self.place}"

    @property
    def cap(self) -> int:
        place = f"{self.module}:{self.name}"
        return next((cap for where, cap in CAPS.items() if place.startswith(where)), LONGEST)


def modules() -> Iterator[tuple[str, str]]:
    for folder in ("bot", "cogs"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield name, file.read_text("utf-8")


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in USES
        ):
            yield node


def methods(name: str, sources: Iterable[str]) -> set[str]:
    """Return which methods are called on a name in these modules."""
    called = re.compile(rf"\b{re.escape(name)}\.(\w+)")
    return {method for source in sources for method in called.findall(source)}


def assigned(tree: ast.Module) -> dict[int, str]:
    """Return the names that are given at the top of a module, by the line of what they are given."""
    found: dict[int, str] = {}
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and isinstance(node.targets[0], ast.Name)
        ):
            found[node.value.lineno] = node.targets[0].id
    return found


def collect() -> tuple[list[Found], list[tuple[str, str]]]:
    """Return all expressions of the project, and the places of those that only come about at run time."""
    found: list[Found] = []
    unknown: list[tuple[str, str]] = []
    for module, tree in TREES.items():
        names = assigned(tree)
        for call in calls(tree):
            assert isinstance(call.func, ast.Attribute)
            name = names.get(call.lineno, "") if call.func.attr == "compile" else ""
            readers = [SOURCES[module]] if name.startswith("_") else SOURCES.values()
            use = _use(call.func.attr, methods(name, readers) if name else set())
            pattern = _evaluated(module, call)
            if pattern is None:
                unknown.append((module, ast.unparse(call)))
            else:
                found.append(Found(module, f"{call.lineno}-{call.col_offset}", name, pattern, use))
    return found, unknown


def _use(function: str, called: set[str]) -> str:
    if function != "compile":
        return function if function in {"match", "fullmatch"} else "search"
    used = called & USES
    # What is handed on may be used in any way.
    return (
        "search" if not used or used - {"match", "fullmatch"} else "match" if "match" in used else "fullmatch"
    )


def _evaluated(module: str, call: ast.Call) -> re.Pattern[Any] | None:
    flagged = (each for each in call.args[1:] if isinstance(each, ast.Attribute | ast.BinOp))
    arguments = [call.args[0], *(each for each in flagged if ast.unparse(each).startswith("re."))]
    flags = [each.value for each in call.keywords if each.arg == "flags"]
    space = vars(importlib.import_module(module))
    try:
        values = [eval(ast.unparse(each), space) for each in (*arguments, *flags)]
    except NameError:
        return None
    return values[0] if isinstance(values[0], re.Pattern) else re.compile(*values)


SOURCES = dict(modules())
TREES = {name: ast.parse(source) for name, source in SOURCES.items() if "import re" in source}
"""Of those that may use expressions; every process that runs tests parses them."""
PATTERNS, UNKNOWN = collect()


def test_every_expression_is_known() -> None:
    names = {str(each) for each in PATTERNS}
    assert {
        "bot.ui.forms.extras:_GAP",
        "bot.media.metadata.infotext:_PAIR",
        "bot.policy.wordlist:_TOKEN",
    } <= names
    assert len(PATTERNS) > 90
    missing = [
        place for place in UNKNOWN if not any(place[0] == made[0] and made[1] in place[1] for made in MADE)
    ]
    assert not missing, "give examples of these in MADE"
    gone = [
        made for made in MADE if not any(place[0] == made[0] and made[1] in place[1] for place in UNKNOWN)
    ]
    assert not gone


def test_the_module_is_called_by_its_name_alone() -> None:
    """Or the walk would miss what it compiles."""
    for module, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            assert not (isinstance(node, ast.ImportFrom) and node.module in {"re", "regex"}), module
            if isinstance(node, ast.Import):
                assert not [each for each in node.names if each.name == "re" and each.asname], module


@pytest.mark.parametrize("found", PATTERNS, ids=str)
def test_expressions_take_linear_time(found: Found) -> None:
    worst = slowest(found.pattern, found.use, found.cap)
    assert worst is None, f"{found} takes {worst}"


@pytest.mark.parametrize("place", MADE, ids=str)
def test_expressions_made_at_run_time_take_linear_time(place: tuple[str, str]) -> None:
    for pattern in MADE[place]:
        worst = slowest(pattern, "search", NAME)
        assert worst is None, f"{place}: {pattern.pattern} takes {worst}"


@pytest.mark.parametrize(
    ("source", "flags", "cap"),
    [
        (r"(a+)+b", 0, 100),
        (r"\s*(?:[,;\n]\s*)+(?=[\w-]+\s*[=:])", 0, 3000),
        (r"^(\s*)([-+]|\d+\.)(?=\s)", re.MULTILINE, 3000),
        (r'\s*(?P<name>\w[\w \-/.]{0,60}):\s*(?P<value>"(?:\\.|[^\\"])*"|[^,]*)(?:,|$)', 0, 3000),
        (r"x*y", 0, 12_000),
        (r"\s+$", 0, 3000),
    ],
)
def test_the_measure_finds_what_is_slow(source: str, flags: int, cap: int) -> None:
    assert slowest(re.compile(source, flags), "search", cap) is not None


QUICK = 0.004
"""Seconds that are of no interest."""
GROWTH = 9
"""How much longer four times the text may take; linear is 4, quadratic 16."""
STEPS = (16, 20, 24, 200)


def slowest(pattern: re.Pattern[Any], use: str, cap: int) -> str | None:
    """Return what takes longer than linear time, and how long; None where nothing does."""
    read: Callable[[Any], Any] = (
        (lambda text: [None for _ in pattern.finditer(text)]) if use == "search" else getattr(pattern, use)
    )
    for length in (*(step for step in STEPS if step < cap // 4), cap // 4):
        # What grows with a power of two or more shows early, before it can take minutes.
        most = 0.03 if length in STEPS else 0.25
        for text in texts(pattern, length):
            if (took := once(read, text)) > most and once(read, text) > most:
                return f"{took:.2f} s for {length} characters of {text[:40]!r}"
    for short, long in zip(texts(pattern, cap // 4), texts(pattern, cap), strict=True):
        if once(read, long) < QUICK:
            continue
        took = min(once(read, long) for _ in range(3))
        before = min(once(read, short) for _ in range(5))
        if took > QUICK and took > GROWTH * before:
            return f"{took:.3f} s for {cap} characters of {long[:40]!r}, {before:.4f} s for a quarter of it"
    return None


def once(read: Callable[[Any], Any], text: Any) -> float:
    began = time.thread_time()
    read(text)
    return time.thread_time() - began
