import json
import tomllib
from pathlib import Path

from bot.workflows import explain, explain_workflow, starting_manifest
from tests.workflows.library.saving import png
from tests.workflows.made import SHIPPED, basic, drawn, node, server, workflow


def test_the_object_has_what_scripts_rely_on(tmp_path: Path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(basic()))
    told = explain(file, server())
    assert set(told) == {"format", "graph", "parameters", "outputs", "problems"}
    assert told["format"] == "api"
    assert told["graph"]["5"]["inputs"]["seed"] == 7
    assert told["outputs"] == [{"node": "7", "kind": "image"}]
    steps = next(each for each in told["parameters"] if each["name"] == "steps")
    assert steps["targets"] == [["5", "steps"]]
    assert (steps["type"], steps["default"], steps["minimum"], steps["maximum"]) == ("integer", 20, 1, 10000)
    sampler = next(each for each in told["parameters"] if each["name"] == "sampler")
    assert "euler" in sampler["choices"]
    json.dumps(told, allow_nan=False)


def test_problems_are_told(tmp_path: Path):
    file = tmp_path / "mine.json"
    file.write_text('{"nodes": [], "links": []}')
    told = explain(file, None)
    assert told["format"] == "ui"
    assert told["problems"][0]["severity"] == "error"
    assert "once a server has answered" in told["problems"][0]["text"]
    told = explain(file, server())
    assert (told["format"], told["graph"]) == ("ui", {})
    assert told["problems"][0]["text"] == "Nothing in the workflow is run by the server."
    picture = tmp_path / "mine.png"
    assert "cannot be read" in explain(picture, None)["problems"][0]["text"]
    picture.write_bytes(png({}))
    told = explain(picture, None)
    assert told["format"] == "image"
    assert "no workflow" in told["problems"][0]["text"]
    assert "cannot be read" in explain(tmp_path / "none.json", None)["problems"][0]["text"]


def test_a_workflow_of_any_format_is_told_as_the_graph_it_becomes(tmp_path: Path):
    (tmp_path / "drawn.json").write_text(json.dumps(drawn()))
    (tmp_path / "picture.png").write_bytes(png({"workflow": json.dumps(drawn())}))
    (tmp_path / "run.webm").write_bytes(png({"prompt": json.dumps(basic()), "workflow": json.dumps(drawn())}))
    for name, format_ in (("drawn.json", "ui"), ("picture.png", "image"), ("run.webm", "image")):
        told = explain(tmp_path / name, server())
        assert told["format"] == format_
        assert {id_: each["inputs"] for id_, each in told["graph"].items()} == {
            id_: each["inputs"] for id_, each in basic().items()
        }
        assert told["graph"]["2"]["_meta"] == {"title": "Words"}
        assert {each["name"] for each in told["parameters"]} >= {"prompt", "negative_prompt", "seed", "model"}
        assert told["problems"] == []


def test_the_manifest_beside_is_used():
    told = explain(SHIPPED / "txt2img.json", server())
    model = next(each for each in told["parameters"] if each["name"] == "model")
    assert model["default"] == "auto"


def test_a_manifest_to_start_from_is_one():
    made = workflow(basic())
    text = starting_manifest(made)
    assert set(tomllib.loads(text)["parameters"]) == set(made.parameters)
    assert workflow(basic(), text).problems == ()
    assert explain_workflow(made)["format"] == "api"


def test_a_manifest_to_start_from_is_valid_whatever_titles_hold_and_can_be_uncommented():
    graph = basic(n20=node("SaveImage", 'Other "one"\n[x]', images=["6", 0], filename_prefix="y"))
    graph["2"]["_meta"] = {"title": "Words\n\x00[parameters.evil]\ud800"}
    graph["3"]["inputs"]["text"] = 'blurry 😀 "\\" \x7f\n'
    made = workflow(graph)
    text = starting_manifest(made)
    text.encode("utf-8")
    assert workflow(graph, text).problems == ()
    assert tomllib.loads(text)["parameters"].keys() == made.parameters.keys()
    lines = [line.removeprefix("# ") if " = " in line else line for line in text.splitlines()]
    said = workflow(graph, "\n".join(lines))
    assert said.problems == ()
    assert said.parameters["negative_prompt"].default == 'blurry 😀 "\\" \x7f\n'
    assert [each.node for each in said.outputs] == ["7"]


def test_why_a_place_was_taken_is_told():
    graph = basic(n20=node("PrimitiveInt", "Effort", value=30))
    graph["5"]["inputs"]["steps"] = ["20", 0]
    parameters = {each["name"]: each["why"] for each in explain_workflow(workflow(graph))["parameters"]}
    assert parameters["steps"] == "Effort.value → KSampler.steps"
    assert parameters["prompt"] == "Words.text"
