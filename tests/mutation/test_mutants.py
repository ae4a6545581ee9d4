"""What mutants are made of."""

import ast
from pathlib import Path, PurePath

import pytest

from tests.mutation.__main__ import mirrored, sample
from tests.mutation.mutants import mutants_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("x = a < b <= c", ["x = a <= b <= c", "x = a < b < c"]),
        ("x = (a) == (b)", ["x = (a) != (b)"]),
        ("x = a is  not b", ["x = a is b"]),
        ("x = a not in b", ["x = a in b"]),
        ("x = a is b", ["x = a is not b"]),
        ("x = [y for y in a if y in b]", ["x = [y for y in a if y not in b]"]),
        ("x = isa and inb or c", ["x = isa or inb or c", "x = isa and inb and c"]),
        ("x = not (a)", ["x = (a)"]),
        ("x = -1_000, 0.5, True, '2'", ["x = -1001, 0.5, True, '2'", "x = -1_000, 1.5, True, '2'",
                                        "x = -1_000, 0.5, False, '2'"]),
        ("s = 'é你'; x = 'ü' in s", ["s = 'é你'; x = 'ü' not in s"]),
        ("f(a)\nawait g(\n  b,\n)\n", ["pass\nawait g(\n  b,\n)\n", "f(a)\npass\n"]),
        ("log.info('x')\nlogged()", ["log.info('x')\npass"]),
        ("def f() -> L[1]:\n    return a  # why\n", ["def f() -> L[1]:\n    return None  # why\n"]),
        ("def f():\n    return None", []),
        ("@d(slots=True)\nclass A:\n    x: L[1] = 2", ["@d(slots=True)\nclass A:\n    x: L[1] = 3"]),
        ("x = f'{a < 1}'", []),
        ("x = (\n    a  # < b\n    < b\n)", []),
    ],
)  # fmt: skip
def test_each_mutant_changes_one_thing(source: str, made: list[str]) -> None:
    assert [mutant.apply(source) for mutant in mutants_of(source)] == made


def test_a_mutant_names_its_line_and_its_change() -> None:
    (mutant,) = mutants_of("\n\nif a <= b:\n    raise\n")
    assert (mutant.line, mutant.change) == (3, "<= -> <")


def test_every_mutant_of_a_real_module_is_another_program() -> None:
    source = (ROOT / "bot/policy/patterns.py").read_text("utf-8")
    mutants = mutants_of(source)
    assert len(mutants) > 20
    programs = {ast.dump(ast.parse(each)) for each in (source, *(mutant.apply(source) for mutant in mutants))}
    assert len(programs) == 1 + len(mutants)


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    package = PurePath("bot/policy")
    once, again, other = (sample(package, 20, seed) for seed in (1, 1, 2))
    assert once == again != other
    assert len(set(once)) == 20


@pytest.mark.parametrize(
    ("module", "tests"),
    [
        ("bot/jobs/model/job.py", ("tests/jobs/model/test_job.py", "tests/jobs/model")),
        ("bot/policy/roles.py", ("tests/policy",)),
        ("cogs/help.py", ("tests/cogs/test_help.py", "tests/cogs")),
        ("bot/app.py", ("tests/test_app.py",)),
        ("bot/discord_errors.py", ()),
    ],
)
def test_a_module_is_tested_by_what_mirrors_it(module: str, tests: tuple[str, ...]) -> None:
    assert mirrored(PurePath(module)) == tests
