"""Which parameters stand on which page of a form, and what a page comes back with."""

from dataclasses import replace

import pytest

from bot.ui.forms.formpages import OTHER, field_id, pages, read_blindly, read_files, read_other, read_texts
from bot.ui.forms.howmany import COUNT
from bot.ui.requests.form_open import lacking
from bot.users.form_drafts import Draft
from bot.workflows import Workflow
from bot.workflows.model.parameter import Choice, Parameter, ParameterType
from bot.workflows.model.values import LocalText
from tests.workflows.made import shipped

DRAFT = Draft(id="0", user_id=1, guild_id=1, workflow="made")
T = ParameterType


def made(*parameters: Parameter) -> Workflow:
    return Workflow(name="made", parameters={each.name: each for each in parameters})


def test_the_first_page_holds_what_is_required_and_what_matters_most() -> None:
    for draft in (DRAFT, replace(DRAFT, again=True)):
        layout = pages(shipped("txt2img"), draft)
        assert layout[0] == ["prompt", "aspect", COUNT, "model"]
        assert layout[1][:2] == ["negative_prompt", "seed"]
        assert all(len(page) <= 5 for page in layout)
        assert not any("batch" in page for page in layout), "one thing with how many"
    assert pages(shipped("img2img"), DRAFT)[0] == ["prompt", "image", COUNT, "model"]
    assert pages(shipped("txt2img"), replace(DRAFT, quick=True)) == [["prompt"]]


def test_pages_of_odd_workflows() -> None:
    assert pages(made(), DRAFT) == [[OTHER]]
    assert pages(made(Parameter(name="a", type=T.TEXT, fixed="x")), DRAFT) == [[OTHER]]
    needy = made(*(Parameter(name=f"p{number}", type=T.IMAGE, required=True) for number in range(1, 8)))
    assert [len(page) for page in pages(needy, DRAFT)] == [5, 2]
    hidden = made(Parameter(name="a", type=T.TEXT), Parameter(name="b", type=T.TEXT, hidden=True))
    assert pages(hidden, DRAFT) == [["a"]]
    assert pages(hidden, replace(DRAFT, texts={"b": "x"})) == [["a", OTHER]]
    many = tuple(Choice(str(number), LocalText()) for number in range(26))
    assert pages(made(Parameter(name="a", type=T.CHOICE, choices=many)), DRAFT) == [["a", OTHER]]


@pytest.mark.parametrize(
    ("parameter", "field", "text"),
    [
        (Parameter(name="x", type=T.TEXT, default="rain"), {"value": " "}, ""),
        (Parameter(name="x", type=T.TEXT), {"value": ""}, None),
        (Parameter(name="x", type=T.TEXT), {"value": " a fox "}, "a fox"),
        (Parameter(name="x", type=T.INTEGER, default=3), {"value": ""}, None),
        (Parameter(name="x", type=T.BOOLEAN, default=True), {"value": True}, None),
        (Parameter(name="x", type=T.BOOLEAN, default=True), {"value": False}, "no"),
        (Parameter(name="x", type=T.BOOLEAN), {"value": True}, "yes"),
        (Parameter(name="x", type=T.CHOICE), {"values": ["film"]}, "film"),
        (Parameter(name="x", type=T.CHOICE), {"values": []}, None),
    ],
)
def test_what_a_field_says(parameter: Parameter, field: dict[str, object], text: str | None) -> None:
    assert read_texts(made(parameter), ["x"], {field_id("x"): field}) == {"x": text}


def test_what_else_a_page_says() -> None:
    sent = {
        field_id("image"): {"type": 19, "values": ["77"]},
        field_id("prompt"): {"type": 4, "value": " a fox "},
        field_id("style"): {"type": 3, "values": ["film"]},
        field_id(OTHER): {"type": 4, "value": "a=1"},
        "form:more": {"type": 23, "value": True},
    }
    assert read_files(sent) == {"image": "77"}
    assert read_other(sent) == "a=1"
    assert read_other({}) is None
    assert read_blindly(sent) == {"prompt": "a fox", "style": "film", OTHER: "a=1"}


def test_what_a_workflow_cannot_do_without() -> None:
    workflow = made(
        Parameter(name="prompt", type=T.TEXT),
        Parameter(name="image", type=T.IMAGE, required=True),
        Parameter(name="model", type=T.MODEL, required=True),
        Parameter(name="words", type=T.TEXT, required=True),
        Parameter(name="steps", type=T.INTEGER, required=True),
    )
    assert lacking(workflow, {}, ()) == ["prompt", "image", "words", "steps"]
    given = {"prompt": "x", "words": " \u200b", "steps": 0}
    assert lacking(workflow, given, {"image"}) == ["words"]
    assert lacking(made(Parameter(name="prompt", type=T.TEXT, default="a fox")), {}, ()) == []
    assert lacking(made(Parameter(name="prompt", type=T.TEXT, default="a fox")), {"prompt": " "}, ()) == [
        "prompt"
    ]
