"""What is chosen where nobody names a workflow: by what was given and by what the person may use."""

from dataclasses import replace

import pytest

from bot.comfy import OutputKind
from bot.errors import UserError
from bot.workflows.library.choosing import default_of, unnamed
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.problem import fault
from bot.workflows.model.workflow import OutputNode, Workflow, WorkflowKind

FILES = {"image": ParameterType.IMAGE, "image2": ParameterType.IMAGE, "mask": ParameterType.MASK}


def workflow(name: str, takes: str, output: OutputKind = OutputKind.IMAGE) -> Workflow:
    parameters = [
        Parameter(name=each, type=FILES.get(each, ParameterType.TEXT), required=each in FILES)
        for each in takes.split()
    ]
    return Workflow(
        name=name, parameters={each.name: each for each in parameters}, outputs=(OutputNode("9", output),)
    )


ALL = (
    workflow("bare", ""),
    workflow("film", "prompt", OutputKind.VIDEO),
    workflow("film2", "prompt", OutputKind.VIDEO),
    workflow("filmed", "prompt image", OutputKind.VIDEO),
    workflow("filmed2", "prompt image", OutputKind.VIDEO),
    workflow("flux", "prompt"),
    workflow("img2img", "prompt image steps"),
    workflow("inpaint", "prompt image mask"),
    workflow("larger", "image"),
    workflow("other", "prompt image"),
    workflow("txt2img", "prompt steps"),
)
BY_NAME = {each.name: each for each in ALL}


def chosen(default: str, given: str, without: str = "") -> tuple[str, tuple[str, ...]]:
    usable = [each for each in ALL if each.name not in without.split()]
    pick = unnamed(given.split(), ALL, usable, BY_NAME[default])
    return pick.workflow.name, pick.ignored


@pytest.mark.parametrize(
    ("default", "given", "without", "expected"),
    [
        ("txt2img", "prompt", "flux", "txt2img"),
        ("txt2img", "prompt", "txt2img", "flux"),
        # The form that asks for the prompt is of use with one that takes a prompt alone.
        ("txt2img", "", "txt2img", "flux"),
        ("film", "prompt", "film", "film2"),
        ("filmed", "prompt image", "filmed", "filmed2"),
        ("txt2img", "prompt image", "txt2img", "img2img"),
        ("txt2img", "prompt image", "img2img", "other"),
        ("txt2img", "image", "img2img inpaint other filmed", "larger"),
        # Nothing that would do is for this person: they are told of the one that is not.
        ("txt2img", "prompt", "txt2img flux", "txt2img"),
        ("film", "prompt", "film film2", "film"),
        ("txt2img", "prompt image mask", "inpaint", "inpaint"),
    ],
)
def test_what_is_not_for_the_person_gives_way_to_what_makes_the_same(
    default: str, given: str, without: str, expected: str
) -> None:
    assert chosen(default, given, without)[0] == expected


def test_what_the_chosen_one_does_not_take_is_left_out() -> None:
    assert chosen("txt2img", "prompt steps", "txt2img") == ("flux", ("steps",))
    assert chosen("other", "prompt image aspect steps") == ("other", ("aspect", "steps"))


def test_what_the_result_depends_on_decides_and_is_never_left_out() -> None:
    able = workflow("able", "prompt model")
    both = workflow("both", "prompt image image2")
    for given, expected in (
        (["prompt", "model", "seed"], ("able", ("seed",))),
        (["prompt", "image", "image2"], ("both", ())),
        (["prompt", "lora"], ("flux", ())),
    ):
        pick = unnamed(given, [*ALL, able, both], [*ALL, able, both], BY_NAME["flux"])
        assert (pick.workflow.name, pick.ignored) == expected
    assert unnamed(["prompt", "model"], [*ALL, able], ALL, BY_NAME["flux"]).workflow.name == "flux"


@pytest.mark.parametrize(
    ("configured", "without", "expected"),
    [
        ("film", "", "film2"),
        ("film", "film2 filmed filmed2", "bare"),
        ("gone", "bare", "flux"),
        ("gone", "bare flux txt2img", "film2"),
    ],
)
def test_a_default_that_cannot_be_used_gives_way(configured: str, without: str, expected: str) -> None:
    enabled = [each for each in ALL if each.name not in {"film", *without.split()}]
    broken = replace(BY_NAME["film"], problems=(fault("Broken."),)) if configured == "film" else None
    assert default_of(enabled, broken).name == expected


def test_nothing_that_would_do_is_said_in_words() -> None:
    with pytest.raises(UserError, match="No workflow can be used at present"):
        default_of((), None)
    only = (BY_NAME["txt2img"],)
    with pytest.raises(UserError, match="takes a picture"):
        unnamed(["image"], only, only, only[0])
    with pytest.raises(UserError, match="of a picture and words"):
        unnamed(["image", "prompt"], only, only, only[0])
    assert BY_NAME["bare"].kind is WorkflowKind.TEXT_TO_IMAGE
