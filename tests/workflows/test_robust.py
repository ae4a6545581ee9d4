"""Graphs mutated at random: loading, discovering, binding and checking give a result or a named refusal, soon."""

import json
import time
from random import Random
from typing import Any

import pytest

from bot.errors import UserError
from bot.workflows import Graph, GraphError, bind, read_graph
from bot.workflows.library import build
from bot.workflows.manifest import ManifestFile
from bot.workflows.sources import Source
from tests.workflows.made import LIMITS, SHIPPED, basic, server, with_loras

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 2**70, "", "x" * 300, "\x00", [], {}, ["1", 0], ["1", 99], ["5", -1], ["404", 0],
    [["1", 0], 1], {"a": [1, {"b": "c"}]}, "model.safetensors", "../../etc",
)  # fmt: skip
NAMES = (
    "text",
    "seed",
    "model",
    "positive",
    "switch",
    "on_true",
    "on_false",
    "value",
    "width",
    "height",
    "lora_name",
)


def seeds() -> list[dict[str, Any]]:
    files = sorted(SHIPPED.glob("*.json"))
    return [json.loads(file.read_text("utf-8")) for file in files] + [basic(), with_loras("a.pt", "b.pt")]


def mutate(random: Random, graph: dict[str, Any]) -> None:
    key = random.choice(list(graph))
    node = graph[key]
    inputs = node.get("inputs") if isinstance(node, dict) else None
    match random.randrange(7):
        case 0:
            del graph[key]
            graph.setdefault("1", {"class_type": "SaveImage", "inputs": {}})
        case 1 if inputs:
            inputs[random.choice(list(inputs))] = random.choice(ODD)
        case 2 if isinstance(inputs, dict):
            inputs[random.choice(NAMES)] = random.choice(ODD)
        case 3 if isinstance(inputs, dict):
            inputs[random.choice([*inputs, *NAMES])] = [random.choice(list(graph)), random.randrange(3)]
        case 4 if isinstance(node, dict):
            classes = [each.get("class_type") for each in graph.values() if isinstance(each, dict)]
            node["class_type"] = random.choice([*classes, "ComfySwitchNode", "LoadImage", "Unknown", 3])
        case 5:
            graph[str(random.randrange(50))] = json.loads(json.dumps(node))
        case _:
            graph[key] = random.choice([node, node, 3, {"class_type": "SaveImage"}])


def loaded(data: bytes) -> Graph | None:
    try:
        return read_graph(data)
    except GraphError as error:
        return None if error.problem.text else {}


@pytest.mark.parametrize("start", range(4))
def test_nothing_crashes_or_hangs(start: int):
    random = Random(start)
    info = server()
    bound = 0
    refusals: list[str] = []
    for _ in range(150):
        graph = random.choice(seeds())
        for _ in range(random.randrange(1, 9)):
            mutate(random, graph)
        began = time.process_time()
        read = loaded(json.dumps(graph).encode())
        if read is None:
            continue
        for known in (info, None):
            made = build(Source("x", read, ManifestFile()), known)
            for parameter in made.parameters.values():
                for node_id, name in parameter.targets:
                    assert isinstance(made.graph[node_id]["inputs"][name], str | int | float)
            assert all(each.text for each in made.problems)
            given: dict[str, Any] = {
                "prompt": "x",
                "image": "i.png",
                "mask": "m.png",
                "lora": "detail",
                "aspect": "16:9",
            }
            before = json.dumps(made.graph)
            try:
                bind(
                    made,
                    {name: value for name, value in given.items() if made.takes(name)},
                    known,
                    limits=LIMITS,
                )
                bound += 1
            except UserError as error:
                refusals.append(str(error))
            assert json.dumps(made.graph) == before
        assert time.process_time() - began < 1
    assert bound > 50
    assert all(refusals)


def test_a_long_chain_and_a_wide_fan_take_no_time():
    graph: dict[str, Any] = basic()
    last = ["2", 0]
    for number in range(100, 700):
        graph[str(number)] = {
            "class_type": "ConditioningCombine",
            "inputs": {"conditioning_1": last, "conditioning_2": last},
        }
        last = [str(number), 0]
    graph["5"]["inputs"]["positive"] = last
    began = time.process_time()
    made = build(Source("x", graph, ManifestFile()), server())
    assert made.parameters["prompt"].targets == (("2", "text"),)
    bind(made, {"prompt": "x", "lora": "detail"}, server(), limits=LIMITS)
    assert time.process_time() - began < 1
