"""Marks made in ComfyUI: titles that name parameters and outputs, and parameter nodes of other tools."""

from typing import Any

import pytest

from bot.workflows import ParameterType, Severity, Workflow, bind
from bot.workflows.discovery.meant import clean_name
from tests.workflows.made import LIMITS, basic, node, raw_info, server, with_loras, workflow

ANY = {"input": {"required": {}}, "output": ["*"], "output_name": ["value"]}


def told(made: Workflow) -> list[str]:
    return [each.text for each in made.problems if each.severity is Severity.WARNING]


def targets(made: Workflow) -> dict[str, tuple[tuple[str, str], ...]]:
    return {name: each.targets for name, each in made.parameters.items()}


@pytest.mark.parametrize(
    ("title", "of", "name", "place"),
    [
        ("$style", "2", "style", ("2", "text")),  # its one widget
        ("input:style", "2", "style", ("2", "text")),
        (" $My Style ", "2", "my_style", ("2", "text")),
        ("$base", "1", "base", ("1", "ckpt_name")),
        ("$seed", "5", "seed", ("5", "seed")),  # the input of that name among several
        ("$sampler", "5", "sampler", ("5", "sampler_name")),
        ("$strength.denoise", "5", "strength", ("5", "denoise")),
        ("$wide.Width", "4", "wide", ("4", "width")),
        ("$wide", "4", None, None),  # three numbers: nobody knows which
        ("$风格", "2", None, None),
        ("Input: my picture", "2", None, None),  # words for people, no mark
        ("costs 5$", "2", None, None),
    ],
)
def test_a_title_names_a_parameter(title: str, of: str, name: str | None, place: Any):
    graph = basic()
    graph[of]["_meta"] = {"title": title}
    made = workflow(graph)
    if name is None:
        assert targets(made).keys() == targets(workflow(basic())).keys()
        assert bool(told(made)) is title.startswith("$")
    else:
        assert targets(made)[name] == (place,)
        assert [each for each in made.parameters if place in targets(made)[each]] == [name]
        assert told(made) == []


def test_a_marked_place_keeps_what_its_class_says_and_is_filled():
    graph = basic()
    graph["5"]["_meta"] = {"title": "$softness.denoise"}
    made = workflow(graph)
    softness = made.parameters["softness"]
    assert (softness.type, softness.minimum, softness.maximum) == (ParameterType.NUMBER, 0.0, 1.0)
    assert "denoise" not in made.parameters
    inputs = bind(made, {"prompt": "x", "softness": 0.4}, server(), limits=LIMITS).graph["5"]["inputs"]
    assert inputs["denoise"] == 0.4


def test_the_most_sensible_of_several_inputs_is_meant():
    graph = with_loras("detail.safetensors")
    graph["L1"]["_meta"] = {"title": "$extra"}
    graph["20"] = node("StringConcatenate", "$words", string_a="a", string_b="b", delimiter=", ")
    graph["2"]["inputs"]["text"] = ["20", 0]
    made = workflow(graph)
    assert targets(made)["extra"] == (("L1", "lora_name"),)
    assert made.parameters["extra"].type is ParameterType.MODEL
    assert any("$words.input with one of: string_a, string_b, delimiter" in each for each in told(made))


def test_two_marks_of_one_name_are_one_parameter_where_their_types_agree():
    graph = basic()
    graph["2"]["_meta"] = graph["3"]["_meta"] = {"title": "$words"}
    assert targets(workflow(graph))["words"] == (("2", "text"), ("3", "text"))
    graph["5"]["_meta"] = {"title": "$words.steps"}
    made = workflow(graph)
    assert targets(made)["words"] == (("2", "text"), ("3", "text"))
    assert any("The mark words is on inputs of different types" in each for each in told(made))


def test_marks_without_use_are_told():
    graph = basic(n20=node("CLIPTextEncode", "$unused", text="x", clip=["1", 1]))
    graph["6"]["_meta"] = {"title": "$output"}
    said = told(workflow(graph))
    assert any("The mark unused is on a node that does not run" in each for each in said)
    assert any("$output saves or shows nothing" in each for each in said)


@pytest.mark.parametrize("title", ["$output", "output", "Output"])
def test_a_marked_output_is_the_one_delivered_unless_a_manifest_says_otherwise(title: str):
    graph = basic(n20=node("SaveImage", title, images=["6", 0], filename_prefix="y"))
    assert [each.node for each in workflow(graph).outputs] == ["20"]
    assert [each.node for each in workflow(graph, 'output = "Save"').outputs] == ["7"]


def test_a_manifest_beats_a_mark():
    graph = basic()
    graph["2"]["_meta"] = {"title": "$style"}
    made = workflow(graph, '[parameters.words]\nnode = "$style"\ninput = "text"')
    assert targets(made)["words"] == (("2", "text"),)
    assert "style" not in made.parameters
    bounded = workflow(graph, '[parameters.style]\nchoices = ["film", "ink"]\ndefault = "ink"')
    assert bounded.parameters["style"].type is ParameterType.CHOICE


def parameter_nodes() -> dict[str, Any]:
    graph = basic(
        n20=node("ETN_Parameter", "Parameter", name="Look", type="text", default="a fox"),
        n21=node("ETN_Parameter", "Parameter", name="effort", type="number (integer)", default=24, min=4, max=40),
        n22=node("ETN_Parameter", "Parameter", name="base", type="choice", default="dreamy_v8.safetensors"),
        n23=node("ComfyUIDeployExternalNumberSlider", input_id="freedom", default_value=0.7, min_value=0.2,
                 max_value=0.9, display_name="Freedom", description="How far from the picture"),
        n24=node("ComfyUIDeployExternalText", input_id="unwanted", default_value="blurry", display_name="Not these",
                 description="words"),
        n25=node("ComfyUIDeployExternalEnum", input_id="how", default_value="euler", options="euler\nddim"),
    )  # fmt: skip
    graph["2"]["inputs"]["text"] = ["20", 0]
    graph["5"]["inputs"] |= {"steps": ["21", 0], "denoise": ["23", 0], "sampler_name": ["25", 0]}
    graph["1"]["inputs"]["ckpt_name"] = ["22", 0]
    graph["3"]["inputs"]["text"] = ["24", 0]
    return graph


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_parameter_nodes_of_other_tools(known: bool):
    names = {each["class_type"] for each in parameter_nodes().values()} - raw_info().keys()
    made = workflow(parameter_nodes(), info=server(**dict.fromkeys(names, ANY)) if known else None)
    found = made.parameters
    assert found["look"].targets == (("20", "default"),)
    assert (found["look"].type, found["look"].default) == (ParameterType.TEXT, "a fox")
    effort = found["effort"]
    assert (effort.type, effort.default, effort.minimum, effort.maximum) == (ParameterType.INTEGER, 24, 4, 40)
    assert found["base"].targets == (("22", "default"),)
    freedom = found["freedom"]
    assert (freedom.type, freedom.minimum, freedom.maximum) == (ParameterType.NUMBER, 0.2, 0.9)
    assert (str(freedom.title), str(freedom.description)) == ("Freedom", "How far from the picture")
    assert found["unwanted"].targets == (("24", "default_value"),)
    assert [each.value for each in found["how"].choices] == ["euler", "ddim"]
    assert not {"prompt", "steps", "model", "denoise", "negative_prompt", "sampler"} & found.keys()
    if known:
        assert "dreamy_v8.safetensors" in [each.value for each in found["base"].choices]


def test_a_picture_from_outside_is_the_one_loaded_for_it():
    graph = basic(
        n20=node(
            "ComfyUIDeployExternalImage", input_id="photo", default_value=["21", 0], display_name="Photo"
        ),
        n21=node("LoadImage", image="example.png"),
        n4=node("VAEEncode", pixels=["20", 0], vae=["1", 2]),
    )
    taking = {
        "input": {"required": {"input_id": ["STRING"]}, "optional": {"default_value": ["IMAGE"]}},
        "output": ["IMAGE"],
    }
    made = workflow(graph, info=server(ComfyUIDeployExternalImage=taking))
    assert made.parameters["photo"].targets == (("21", "image"),)
    assert made.parameters["photo"].type is ParameterType.IMAGE
    assert "image" not in made.parameters


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Style", "style"),
        ("my-style 2", "my_style_2"),
        ("2nd", ""),
        ("  ", ""),
        ("é", ""),
        ("x" * 40, "x" * 32),
    ],
)
def test_names_are_cleaned(text: str, name: str):
    assert clean_name(text) == name
