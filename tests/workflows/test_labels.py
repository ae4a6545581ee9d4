"""Discovery against templates that were read by hand, and the shipped workflows against real servers' classes."""

import json
import time
from collections import Counter
from functools import cache
from typing import Any

import pytest

from bot.workflows import ObjectInfo, Workflow, bind, check_graph
from bot.workflows.library import build
from bot.workflows.manifest import ManifestFile
from bot.workflows.sources import Source
from bot.workflows.standard import split_name
from tests.workflows.made import LIMITS, SHARED, SHIPPED, shipped

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the recorded templates are not beside this repository"
)
NAMES = {"negative": "negative_prompt", "batch_size": "batch"}
KINDS = [
    "prompt",
    "negative",
    "seed",
    "steps",
    "cfg",
    "guidance",
    "sampler",
    "scheduler",
    "denoise",
    "width",
    "height",
    "batch_size",
    "length",
    "fps",
    "seconds",
    "lyrics",
    "model",
    "lora",
    "lora_strength",
    "image",
    "mask",
    "video",
    "audio",
]


@cache
def info(name: str) -> ObjectInfo:
    return ObjectInfo(json.loads((SHARED / name).read_text("utf-8")))


@cache
def labels() -> dict[str, dict[str, Any]]:
    return json.loads((SHARED / "workflow-labels.json").read_text("utf-8"))


@cache
def labelled(known: bool = True) -> dict[str, Workflow]:
    made: dict[str, Workflow] = {}
    for name, label in labels().items():
        graph = check_graph(json.loads((SHARED / "workflow-pairs" / f"{name}.api.json").read_text("utf-8")))
        classes = info("object_info.v3.json" if label["dir"] == "pairs_v3" else "object_info.models.json")
        began = time.process_time()
        made[name] = build(Source(name, graph, ManifestFile()), classes if known else None)
        assert time.process_time() - began < 1, name
    return made


def places(made: Workflow, name: str) -> set[tuple[str, str]]:
    return {
        place
        for each in made.parameters.values()
        if split_name(each.name)[0] == name
        for place in each.targets
    }


def recall(found: dict[str, Workflow]) -> dict[str, float]:
    there, total = Counter[str](), Counter[str]()
    for name, made in found.items():
        for kind in KINDS:
            wanted = {(node, input_) for node, input_ in labels()[name].get(kind, [])}
            total[kind] += len(wanted)
            there[kind] += len(wanted & places(made, NAMES.get(kind, kind)))
    return {kind: there[kind] / total[kind] for kind in KINDS if total[kind]}


def test_every_labelled_parameter_is_found():
    found = recall(labelled())
    assert {kind for kind, part in found.items() if part < 1} == set()


def test_most_are_found_without_the_servers_classes():
    assert {kind: part for kind, part in recall(labelled(known=False)).items() if part < 0.9} == {}


def test_nothing_is_wrongly_called_prompt_or_seed():
    wrong: list[tuple[str, str, set[tuple[str, str]]]] = []
    for name, made in labelled().items():
        for kind in ("prompt", "seed"):
            extra = places(made, kind) - {(node, input_) for node, input_ in labels()[name].get(kind, [])}
            if extra:
                wrong.append((name, kind, extra))
    assert wrong == []


def test_outputs_and_their_kinds():
    for name, made in labelled().items():
        label = labels()[name]
        assert {(each.node, each.kind.value) for each in made.outputs} == {
            (o[0], o[2]) for o in label["outputs"]
        }, name
        assert {kind.value for kind in made.output_kinds} == set(label["output_kind"]), name


def test_every_template_loads_and_soon():
    for file in sorted((SHARED / "workflow-pairs").glob("*.api.json")):
        graph = check_graph(json.loads(file.read_text("utf-8")))
        began = time.process_time()
        build(Source(file.stem, graph, ManifestFile()), info("object_info.models.json"))
        assert time.process_time() - began < 1, file.name


@pytest.mark.parametrize("file", sorted(each.stem for each in SHIPPED.glob("*.json")))
def test_what_is_shipped_fits_a_real_servers_classes(file: str):
    classes = info("object_info.models.json")
    made = shipped(file, classes)
    assert made.problems == ()
    given = {
        name: value for name, value in {"prompt": "x", "image": "i", "mask": "m"}.items() if made.takes(name)
    }
    graph = bind(made, given, classes, limits=LIMITS).graph
    for node in graph.values():
        schema = classes.node(node["class_type"])
        assert schema is not None
        required = {name for name, each in schema.inputs.items() if each.required}
        assert required <= node["inputs"].keys()
        assert node["inputs"].keys() <= schema.inputs.keys() | {
            "resolution_steps"
        }  # which only newer servers have
