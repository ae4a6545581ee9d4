"""Documents in UI format mutated at random: each becomes a workflow or is refused in words, soon.

`MUTATED=10000` in the environment tries that many instead of a few.
"""

import copy
import json
import os
import time
from functools import cache
from random import Random
from typing import Any

import pytest

from bot.workflows import ObjectInfo
from bot.workflows.library.library import build
from bot.workflows.library.sources import read_bytes
from tests.workflows.convert.drawing import BYPASSED, CLASSES, MUTED, PATIENCE, Drawing
from tests.workflows.convert.ground_truth import CASES, PAIRS, document, samples
from tests.workflows.convert.ground_truth import info as recorded
from tests.workflows.convert.test_subgraphs import encoder, instance
from tests.workflows.made import drawn, raw_info

EXAMPLES = int(os.environ.get("MUTATED", "120"))
RUNS = 4
ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2, 4, 10**18, 2**200, 1e308, 0.5, "", "1", "-10", "-20", "x" * 300, "\x00", [], {},
    [[]], [1, 0], {"a": [1, {"b": "c"}]}, ["seed", "fixed"], "E", "S", "SetNode", "GetNode", "Reroute", "PrimitiveNode",
    "workflow>old", "KSampler", "Sample", "Nobody's",
)  # fmt: skip
FEW = 10


@cache
def seeds() -> tuple[tuple[str, ObjectInfo], ...]:
    """Documents as text, with the classes they are of; a few recorded ones where they are beside this repository."""
    small = ObjectInfo(CLASSES)
    nested = (
        Drawing()
        .add(21, "E", ["x"], wires={"text": "-10:0 STRING"}, widgets=["text"])
        .subgraph("S", {"text": "STRING"}, {})
    )
    wired = (
        instance(["host"], properties={"proxyWidgets": [["11", "text"]]})
        .add(6, "S", ["outer"], wires={"text": "3:0 STRING"}, widgets=["text"])
        .add(7, "SetNode", ["name"], outputs=["*"], wires={"m": "1:0 MODEL"})
        .add(8, "GetNode", ["name"], outputs=["MODEL"])
        .add(9, "Reroute", outputs=["*"], wires={"": "8:0 *"})
        .add(10, "Lora", ["l.pt", 1.0], mode=BYPASSED, wires={"model": "9:0 MODEL"})
        .add(12, "Sample", [1, "fixed", 20], wires={"model": "10:0 MODEL"})
        .add(13, "Dynamic", ["deep", "k", 0.5, 9])
        .add(14, "Save", ["x"], mode=MUTED, wires={"images": "12:0 IMAGE"})
        .document(encoder(), nested)
    )
    made = [(json.dumps(wired), small), (json.dumps(drawn()), ObjectInfo(raw_info()))]
    chosen = [each for each in samples() if each[0] == CASES or each[0] == PAIRS][
        :: max(1, len(samples()) // 40)
    ]
    return (
        *made,
        *((json.dumps(document(folder, name)), recorded(classes)) for folder, name, classes in chosen),
    )


def somewhere(random: Random, whole: Any) -> Any:
    """Return an object or list of the document, near the surface or deep inside."""
    at = whole
    for _ in range(random.randrange(1, 8)):
        inner = [
            each for each in (at.values() if isinstance(at, dict) else at) if isinstance(each, dict | list)
        ]
        if not any(inner):
            break
        at = random.choice([each for each in inner if each])
    return at


def mutate(random: Random, whole: Any) -> None:
    """Change one thing."""
    at = somewhere(random, whole)
    keys = list(at) if isinstance(at, dict) else list(range(len(at)))
    if not keys:
        return
    key = random.choice(keys)
    match random.randrange(8):
        case 0:
            del at[key]
        case 1 | 2:
            at[key] = copy.deepcopy(random.choice(ODD))
        case 3:  # as something else nearby: ids and links come to lead elsewhere
            at[key] = copy.deepcopy(at[random.choice(keys)])
        case 4 if isinstance(at, list):
            at.extend(copy.deepcopy(at[:FEW]))
        case 5:
            for _ in range(random.choice((3, 70))):
                at[key] = [at[key]]
        case 6:
            node = random.choice(nodes_of(whole) or [at])
            if isinstance(node, dict):
                node[random.choice(("mode", "id", "type", "inputs", "widgets_values"))] = copy.deepcopy(
                    random.choice(ODD)
                )
        case _:
            into_itself(random, whole)


def nodes_of(whole: Any) -> list[Any]:
    found = whole.get("nodes") if isinstance(whole, dict) else None
    return found if isinstance(found, list) else []


def into_itself(random: Random, whole: Any) -> None:
    """Let a node inside a subgraph be an instance of some subgraph, its own among them."""
    held = whole.get("definitions") if isinstance(whole, dict) else None
    subgraphs = held.get("subgraphs") if isinstance(held, dict) else None
    drawn = [each for each in subgraphs if isinstance(each, dict)] if isinstance(subgraphs, list) else []
    inside = [node for each in drawn for node in nodes_of(each) if isinstance(node, dict)]
    if inside:
        random.choice(inside)["type"] = random.choice(drawn).get("id")


@pytest.mark.parametrize("start", range(RUNS))
def test_a_mutated_document_becomes_a_workflow_or_is_refused(start: int):
    random = Random(start)
    made = 0
    for _ in range(EXAMPLES // RUNS):
        text, info = random.choice(seeds())
        whole = json.loads(text)
        for _ in range(random.randrange(1, 9)):
            mutate(random, whole)
        data = json.dumps(whole).encode()
        began = time.process_time()
        source = read_bytes("x.json", data)
        for known in (info, None):
            workflow = build(source, known)
            assert workflow.graph or workflow.faults
            assert all(each.text for each in workflow.problems)
            made += bool(workflow.graph)
        assert time.process_time() - began < PATIENCE, data
    assert made
