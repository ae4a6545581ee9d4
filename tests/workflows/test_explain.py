import json
import tomllib
from pathlib import Path

from bot.workflows import explain, explain_workflow, starting_manifest
from tests.workflows.made import SHIPPED, basic, server, workflow


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
    picture = explain(tmp_path / "mine.png", None)
    assert picture["format"] == "image"
    assert "Export (API)" in picture["problems"][0]["text"]
    assert "cannot be read" in explain(tmp_path / "none.json", None)["problems"][0]["text"]


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
