"""What varying means for which workflow, and the command that makes a job again."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.comfy import OutputKind
from bot.errors import UserError
from bot.jobs.model.job import JobState
from bot.jobs.model.request import InputRef, OriginKind
from bot.ui.actions.command import OPTIONS, command_of
from bot.ui.actions.variation import variation
from bot.workflows.library.library import Library
from bot.workflows.model.options import TYPED
from bot.workflows.model.parameter import Choice, Parameter, ParameterType
from bot.workflows.model.values import english
from bot.workflows.model.workflow import OutputNode, Workflow
from tests.ui.jobs import file_output, make_job, with_outputs

PICTURE = file_output("a.png")


def anybody(_workflow: Workflow) -> bool:
    return True


def parameter(name: str, type_: ParameterType = ParameterType.INTEGER, **more: Any) -> Parameter:
    return Parameter(name=name, type=type_, targets=(("1", name),), **more)


def model(*names: str) -> Parameter:
    choices = tuple(Choice(name, english(name)) for name in names)
    return parameter("model", ParameterType.MODEL, choices=choices)


def workflow(name: str, *parameters: Parameter) -> Workflow:
    return Workflow(name=name, parameters={each.name: each for each in parameters})


WORDS = parameter("prompt", ParameterType.TEXT), parameter("seed")
OF_PICTURES = (
    *WORDS, model("one", "two"), parameter("image", ParameterType.IMAGE, required=True),
    parameter("denoise", ParameterType.NUMBER), parameter("steps", minimum=1, maximum=20),
)  # fmt: skip


def library(*workflows: Workflow) -> Library:
    made = Library(Path(), "txt2img")
    made._workflows = {each.name: each for each in workflows}
    return made


def job(**values: Any) -> Any:
    values = {"prompt": "a fox", "seed": 5, **values}
    values = {name: value for name, value in values.items() if value is not None}
    made = make_job(JobState.SUCCEEDED, values=values | {"scheduler": "as the workflow has it"})
    return with_outputs(asking(made, {k: v for k, v in values.items() if k != "seed"}), PICTURE)


def asking(made: Any, values: dict[str, Any], **more: Any) -> Any:
    return replace(made, request=replace(made.request, values=values, **more))


@pytest.mark.parametrize(
    ("own", "others", "values", "kind", "wanted"),
    [
        # the same model is there: the picture itself, by the workflow that makes pictures of pictures
        (
            workflow("txt2img", *WORDS, model("one")),
            [workflow("img2img", *OF_PICTURES)],
            {"model": "one"},
            OriginKind.PICTURE,
            {"prompt": "a fox", "seed": 5, "model": "one", "denoise": 0.3},
        ),
        # what the other does not take, or only less of, stays behind
        (
            workflow("txt2img", *WORDS, parameter("steps"), parameter("cfg")),
            [workflow("img2img", *OF_PICTURES)],
            {"steps": 50, "cfg": 3.0},
            OriginKind.PICTURE,
            {"prompt": "a fox", "seed": 5, "denoise": 0.3},
        ),
        # another model would make another picture
        (
            workflow("txt2img", *WORDS, model("flux")),
            [workflow("img2img", *OF_PICTURES)],
            {"model": "flux"},
            OriginKind.SEED,
            {"prompt": "a fox", "model": "flux", "seed": 6},
        ),
        # an upscaler paints nothing: what it was given goes on with the words it came from
        (
            workflow("upscale", model("4x"), parameter("image", ParameterType.IMAGE, required=True)),
            [workflow("img2img", *OF_PICTURES)],
            {"model": "4x", "seed": None},
            OriginKind.PICTURE,
            {"prompt": "a fox", "denoise": 0.3},
        ),
        (workflow("txt2img", *WORDS), [], {}, OriginKind.SEED, {"prompt": "a fox", "seed": 6}),
        # a workflow that can mix seeds is the most faithful
        (
            workflow("txt2img", *WORDS, parameter("variation_seed"), parameter("variation_strength")),
            [workflow("img2img", *OF_PICTURES)],
            {},
            OriginKind.VARIATION_SEED,
            {"prompt": "a fox", "seed": 5, "variation_seed": 0, "variation_strength": 0.2},
        ),
    ],
)
def test_the_nearest_way_there_is_is_taken(
    own: Workflow, others: list[Workflow], values: dict[str, Any], kind: OriginKind, wanted: dict[str, Any]
) -> None:
    asked = job(**values)
    asked = replace(asked, request=replace(asked.request, workflow=own.name))
    made = variation(asked, PICTURE, library(own, *others), lambda _: 0, may=anybody)
    assert made.kind is kind
    assert made.values == wanted
    assert made.picture == ("image" if kind is OriginKind.PICTURE else None)


def test_what_is_for_others_is_not_used() -> None:
    own, other = workflow("txt2img", *WORDS), workflow("img2img", *OF_PICTURES)
    made = variation(job(), PICTURE, library(own, other), lambda _: 0, may=lambda each: each is own)
    assert made.kind is OriginKind.SEED


def test_every_press_gives_something_else() -> None:
    own, other = workflow("txt2img", *WORDS), workflow("img2img", *OF_PICTURES)
    dice = iter([0, 20])
    one, two = (
        variation(job(), PICTURE, library(own, other), lambda _: next(dice), may=anybody) for _ in range(2)
    )
    assert (one.values["denoise"], two.values["denoise"]) == (0.3, 0.5)


def test_what_cannot_differ_is_not_varied() -> None:
    own = workflow("txt2img", parameter("prompt", ParameterType.TEXT))
    same = replace(job(), values={"prompt": "a fox"}, runs=())
    with pytest.raises(UserError, match="nothing to vary"):
        variation(same, None, library(own), lambda _: 0, may=anybody)


def test_one_picture_of_several_is_varied_with_the_words_it_was_made_from() -> None:
    own = workflow("txt2img", *WORDS, parameter("batch"), parameter("aspect", ParameterType.TEXT))
    made = job(batch=2, aspect="16:9", prompt="a {red|blue} fox")
    spoken = ({"prompt": "a red fox"}, {"prompt": "a blue fox"})
    made = replace(made, request=replace(made.request, count=2, spoken=spoken))
    varied = variation(made, file_output("b.png", run=1), library(own), lambda _: 0, may=anybody)
    assert varied.values == {"prompt": "a blue fox", "aspect": "16:9", "seed": 6}
    assert varied.count == 1
    film = variation(made, None, library(own), lambda _: 0, may=anybody)
    assert film.values == {"prompt": "a red fox", "aspect": "16:9", "seed": 6, "batch": 2}
    assert film.count == 2


def test_a_picture_is_varied_beside_the_others_it_was_made_with() -> None:
    own = workflow("own", *OF_PICTURES, parameter("image2", ParameterType.IMAGE))
    files = {name: InputRef(letter * 64, "png", 1) for name, letter in (("image", "a"), ("image2", "b"))}
    made = replace(job(), request=replace(job().request, workflow="own", inputs=files))
    own = replace(own, outputs=(OutputNode("9", OutputKind.IMAGE),))
    varied = variation(made, PICTURE, library(own), lambda _: 0, may=anybody)
    assert varied.picture == "image"
    assert varied.inputs == {"image2": files["image2"]}


@pytest.mark.parametrize(
    ("values", "more", "command"),
    [
        (
            {"prompt": "a\nfox", "seed": 5, "cfg": 7.0, "hd": True},
            {},
            "/generate prompt:a fox workflow:txt2img seed:5 cfg:7 extra:hd=yes",
        ),
        ({"seed": 2**60}, {"count": 3}, f"/generate workflow:txt2img count:3 extra:seed={2**60}"),
        (
            {"prompt": "x", "aspect": "1:1", "width": 64, "image": "abc.png", "negative_prompt": ""},
            {"inputs": {"image": InputRef("ab" * 32, "png", 1)}},
            "/generate prompt:x workflow:txt2img aspect:1:1 width:64 extra:negative_prompt=",
        ),
        ({"prompt": "x"}, {"private": True}, "/generate prompt:x workflow:txt2img private:True"),
        (
            {"aspect": "16:9 (wide)", "cfg": 123.456789012, "steps": 20},
            {},
            "/generate workflow:txt2img steps:20 extra:aspect=16:9 (wide), cfg=123.456789012",
        ),
    ],
)
def test_a_job_as_a_command(values: dict[str, Any], more: dict[str, Any], command: str) -> None:
    made = asking(make_job(JobState.SUCCEEDED, values={"width": 1024, "model": "a"}), values, **more)
    assert command_of(made, None) == command


def test_the_command_says_the_seed_that_was_drawn_and_nothing_else_the_workflow_chose() -> None:
    made = make_job(JobState.SUCCEEDED)
    assert command_of(made, None) == "/generate prompt:a red fox workflow:txt2img seed:0"


def test_the_command_uses_only_options_there_are() -> None:
    declared = (Path(__file__).parents[3] / "cogs" / "generate.py").read_text(encoding="utf-8")
    assert all(re.search(rf"^        {name}: ", declared, re.MULTILINE) for name in OPTIONS)
    service = {"interaction", "workflow", "count", "priority", "private", "extra"}
    options = set(re.findall(r"^        (\w+): ", declared.split("async def imagine(")[0], re.MULTILINE))
    assert {*OPTIONS, "image", "image2", "mask"} == TYPED == options - service - {"values", "files"}
