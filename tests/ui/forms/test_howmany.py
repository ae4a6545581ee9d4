"""How many pictures a form asks for: one field, whatever a workflow calls it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.comfy import OutputKind
from bot.errors import UserError
from bot.ui.forms import howmany
from bot.ui.forms.howmany import COUNT
from bot.users.form_drafts import Draft
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.workflow import OutputNode, Workflow

DRAFT = Draft(id="0", user_id=1, guild_id=1, workflow="made")


def made(**batch: Any) -> Workflow:
    seed = Parameter(name="seed", type=ParameterType.INTEGER)
    several = Parameter(name="batch", type=ParameterType.INTEGER, **batch)
    return Workflow(name="made", parameters={"seed": seed, "batch": several})


@pytest.mark.parametrize(
    ("count", "texts", "held", "found"),
    [
        (1, {}, "", (1, {})),
        (2, {}, "2", (2, {})),
        (2, {"batch": "2"}, "4", (2, {})),
        (1, {"batch": "1"}, "1", (1, {})),
        (2, {"batch": "many"}, "2", (2, {})),
        (2, {"batch": "2", COUNT: "3"}, "3", (3, {"batch": None})),
        (2, {"batch": "2", COUNT: ""}, "", (1, {"batch": None})),
        (2, {COUNT: "1"}, "1", (1, {"batch": None})),
    ],
)
def test_what_stands_in_the_field_and_what_it_means(
    count: int, texts: dict[str, str], held: str, found: tuple[int, dict[str, Any]]
) -> None:
    draft = replace(DRAFT, count=count, texts=texts)
    assert howmany.current(draft) == held
    assert howmany.chosen(draft, made(default=1)) == found


def test_a_workflow_that_makes_several_by_itself_is_told_of_one() -> None:
    four = made(default=4)
    assert howmany.usual(four) == 4
    assert howmany.chosen(replace(DRAFT, texts={COUNT: "1"}), four) == (1, {"batch": 1})
    assert howmany.chosen(DRAFT, four) == (1, {})
    assert howmany.wanted(1, four) == (1, {"batch": 1})
    assert howmany.wanted(3, four) == (3, {})


def test_one_film_keeps_all_its_frames() -> None:
    film = replace(made(default=16), outputs=(OutputNode("9", OutputKind.VIDEO),))
    assert howmany.usual(film) == 1
    assert howmany.wanted(1, film) == (1, {})


def test_what_comes_back_as_it_was_shown_changes_nothing() -> None:
    draft = replace(DRAFT, count=2, texts={"batch": "2"})
    assert howmany.changed(draft, "4") is None
    assert howmany.changed(draft, " 3 ") == "3"
    assert howmany.changed(draft, "") == ""
    assert howmany.changed(DRAFT, "") is None


@pytest.mark.parametrize("typed", ["many", "1.5", "-1", "\u0661", "9" * 50])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="whole number"):
        howmany.chosen(replace(DRAFT, texts={COUNT: typed}), made())


def test_what_makes_the_same_every_time_is_not_asked() -> None:
    alone = Workflow(name="alone", parameters={"image": Parameter(name="image", type=ParameterType.IMAGE)})
    assert not howmany.can_be_several(alone)
    assert not howmany.belongs(made(required=True), "batch"), "a field of its own, where it must be given"
    assert howmany.usual(alone) == 1
