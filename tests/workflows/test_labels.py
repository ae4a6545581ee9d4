"""Discovery against templates that were read by hand, and the shipped workflows against real servers' classes.

`pytest -rP -k table tests/workflows/test_labels.py` prints what was found of each kind and in each doubtful template.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from bot.workflows import ObjectInfo, Workflow, bind, check_graph
from bot.workflows.library.library import build
from bot.workflows.library.manifest import ManifestFile
from bot.workflows.library.sources import Source
from bot.workflows.model.standard import split_name
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
    "resolution",
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


@dataclass
class Score:
    """What was found of one kind, and what more was called so."""

    wanted: int = 0
    found: int = 0
    more: list[tuple[str, set[tuple[str, str]]]] = field(default_factory=list)

    @property
    def part(self) -> float:
        return self.found / self.wanted if self.wanted else 1.0


def labels_of(name: str, kind: str) -> set[tuple[str, str]]:
    return {(node, input_) for node, input_ in labels()[name].get(kind, [])}


def places_of(made: Workflow, kind: str) -> set[tuple[str, str]]:
    """Where a kind was found; an aspect and its megapixels together are the labels' resolution."""
    if kind == "resolution":
        return places(made, "aspect") | places(made, "megapixels")
    return places(made, NAMES.get(kind, kind))


def scores(known: bool) -> dict[str, Score]:
    found = {kind: Score() for kind in KINDS}
    for name, made in labelled(known).items():
        for kind, score in found.items():
            wanted, there = labels_of(name, kind), places_of(made, kind)
            score.wanted += len(wanted)
            score.found += len(wanted & there)
            if there - wanted:
                score.more.append((name, there - wanted))
    return found


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_labelled_parameters_are_found_with_and_without_the_servers_classes(known: bool):
    found = scores(known)
    exact = {"prompt", "seed", "image"}
    assert {kind: score.part for kind, score in found.items() if score.part < 0.95} == {}
    assert {kind: score.part for kind, score in found.items() if kind in exact and score.part < 1} == {}
    assert {kind: found[kind].more for kind in ("prompt", "seed")} == {"prompt": [], "seed": []}


def table() -> Iterator[str]:
    for known in (True, False):
        yield f"\n{'with' if known else 'without'} the classes of the server"
        for kind, score in scores(known).items():
            yield f"  {kind:14} {score.found:4} of {score.wanted:4}  {score.part:7.1%}  {len(score.more)} more"
    yield "\nuncertain"
    for name in (each for each, label in labels().items() if label.get("uncertain")):
        found = labelled()[name].parameters.values()
        texts = [each for each in found if split_name(each.name)[0] in {"prompt", "negative_prompt"}]
        yield f"  {name}: {', '.join(f'{each.name} {each.targets}' for each in texts)}"


def test_table():
    lines = list(table())
    sys.stdout.write("\n".join(lines))
    assert len(lines) > 2 * len(KINDS)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_outputs_and_their_kinds(known: bool):
    for name, made in labelled(known).items():
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
