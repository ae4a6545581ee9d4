"""Every number that is offered is accepted, and nothing larger would be."""

from typing import Any

import pytest

from bot.errors import UserError
from bot.ui.forms.numbers import Numbers, numbers_of
from bot.workflows import BindLimits, bind
from bot.workflows.model.workflow import Workflow
from tests.workflows.made import LIMITS, basic, server, shipped, workflow

MADE = workflow(basic())


def numbers(name: str, given: dict[str, Any] | None = None, made: Workflow = MADE, **caps: int) -> Numbers:
    found = numbers_of(made, name, given or {}, BindLimits(**caps))
    assert found is not None
    return found


def accepted(name: str, value: int, given: dict[str, Any], made: Workflow, limits: BindLimits) -> bool:
    try:
        result = bind(made, {"prompt": "x", **given, name: value}, server(), limits=limits)
    except UserError:
        return False
    return result.values[name] == value


@pytest.mark.parametrize("limits", [LIMITS, BindLimits(pixels=300_000, steps=17)], ids=["usual", "small"])
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("steps", {}),
        ("width", {}),
        ("height", {}),
        ("width", {"height": 1344}),
        ("height", {"width": 520}),
        ("width", {"aspect": "16:9"}),
        ("height", {"aspect": "2:3"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("made", [MADE, shipped("txt2img")], ids=["made", "shipped"])
def test_what_is_offered_is_accepted_and_nothing_more(
    made: Workflow, name: str, given: dict[str, Any], limits: BindLimits
) -> None:
    typed = {each: str(value) for each, value in given.items()}
    found = numbers_of(made, name, typed, limits)
    assert found is not None
    offered = found.offered("")
    assert offered[-1] == found.high
    assert [value for value in offered if not accepted(name, value, given, made, limits)] == []
    assert not accepted(name, found.high + found.step, given, made, limits)


def test_what_was_typed_comes_first_where_it_is_possible_and_the_most_where_it_is_not() -> None:
    steps = numbers("steps")
    assert steps.offered("2") == [2, 20, 25]
    assert steps.offered("23") == [23]
    assert steps.offered("999") == [60]
    assert steps.offered("0") == []
    assert numbers("width").offered("51") == [512]
    for odd in ("x", "²", "-1", "9" * 40, "1.5"):
        assert steps.offered(odd) == []


def test_how_many_goes_up_to_the_limit_that_holds() -> None:
    assert numbers("count").offered("") == [1, 2, 3, 4]
    assert numbers("count", count=9).offered("")[-1] == 9
    assert numbers("count", made=workflow(basic(), "[limits]\ncount = 2\n")).offered("") == [1, 2]
    assert numbers("count", {"batch": "2"}).offered("") == [1, 2]
    assert numbers("count", {"batch": "many"}).offered("") == [1, 2, 3, 4]
    assert numbers("count", made=shipped("upscale")).offered("") == [1]


def test_what_a_workflow_does_not_take_has_no_numbers() -> None:
    assert numbers_of(shipped("upscale"), "steps", {}, LIMITS) is None
    assert numbers_of(MADE, "width", {"aspect": "1:1", "height": "512"}, LIMITS) is None
    assert numbers_of(MADE, "width", {"aspect": "odd"}, LIMITS) is None
