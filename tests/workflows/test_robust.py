"""Graphs made up and mutated: loading, discovering, binding and checking give a result or a named refusal, soon.

`ROBUST_EXAMPLES=10000 pytest tests/workflows/test_robust.py` tries that many, with recorded templates among
what is mutated where they are beside the repository.
"""

import contextlib
import json
import os
import sys
import time
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import UserError
from bot.workflows import (
    Graph,
    GraphError,
    ObjectInfo,
    bind,
    check_graph,
    explain_workflow,
    read_graph,
    read_manifest,
    starting_manifest,
)
from bot.workflows.library.library import Source, build
from bot.workflows.library.manifest import ManifestFile
from bot.workflows.prompts.prompt_resolution import spoken
from bot.workflows.prompts.wildcards import Wildcards
from tests.workflows.made import LIMITS, SHARED, SHIPPED, basic, raw_info, server, with_loras

EXAMPLES = int(os.environ.get("ROBUST_EXAMPLES", "80"))
LONG_RUN = EXAMPLES > 1000
SECONDS = 5.0
"""Of processor time, where measuring coverage takes most of it; without, the slowest of 10 000 took half a second."""
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, 2**70, "", "x" * 300, "\x00", [], {}, ["1", 0], ["1", 99], ["5", -1], ["404", 0],
    [["1", 0], 1], {"a": [1, {"b": "c"}]}, "model.safetensors", "../../etc", "16:9 (1x0)", "{a|{b}", "1024x0",
    {"on": True, "lora": "x", "strength": "much"}, {"lora": 3}, "__x__ <lora:detail:1>", "C:\\x", "https://x",
)  # fmt: skip
NAMES = (
    "text", "seed", "model", "positive", "negative", "switch", "on_true", "on_false", "value", "width", "height",
    "lora_name", "lora_1", "lora_stack", "pipe", "base_ctx", "index", "value0", "any_01", "input_id", "default_value",
    "default", "name", "type", "min", "aspect_ratio", "megapixels", "empty_latent_width", "path", "code",
)  # fmt: skip
TITLES = ("$style", "$style.text", "input:x", "$output", "output", "$", "$.", "$风格", "Prompt")
WORDS = Wildcards({"x": ("{a|__x__}", "b"), "y": ("c",)})


@cache
def seeds() -> tuple[Graph, ...]:
    files = sorted(SHIPPED.glob("*.json"))
    if LONG_RUN:
        files += sorted((SHARED / "workflow-pairs").glob("*.api.json"))
    graphs = [json.loads(file.read_text("utf-8")) for file in files]
    return (*graphs, basic(), with_loras("a.pt", "b.pt"))


@cache
def classes() -> tuple[ObjectInfo | None, ...]:
    recorded = SHARED / "object_info.v3.json"
    if LONG_RUN and recorded.is_file():
        return server(), None, ObjectInfo(json.loads(recorded.read_text("utf-8")))
    return server(), None


def mutate(random: Random, graph: dict[str, Any]) -> None:
    key = random.choice(list(graph))
    node = graph[key]
    inputs = node.get("inputs") if isinstance(node, dict) else None
    match random.randrange(9):
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
            there = [each.get("class_type") for each in graph.values() if isinstance(each, dict)]
            known = random.choice(list(raw_info()))
            node["class_type"] = random.choice([*there, known, known, "Unknown", "Python Code", 3])
        case 5:
            graph[str(random.randrange(50))] = deepcopy(node)
        case 6 if isinstance(node, dict):
            node["_meta"] = random.choice([{"title": random.choice(TITLES)}, {"title": 3}, [], None])
        case 7 if isinstance(inputs, dict):
            inputs |= {name: random.choice(ODD) for name in random.sample(NAMES, 4)}
        case _:
            graph[key] = random.choice([node, node, 3, {"class_type": "SaveImage"}])


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A graph that runs, changed in a few places."""
    graph = deepcopy(draw(st.sampled_from(seeds())))
    random = draw(st.randoms(use_true_random=False))
    for _ in range(draw(st.integers(1, 9))):
        mutate(random, graph)
    return graph


def made_up() -> st.SearchStrategy[dict[str, Any]]:
    """A graph of any nodes, linked in any way."""
    ids = st.integers(0, 9).map(str)
    value = st.one_of(
        st.sampled_from(ODD),
        st.tuples(ids, st.integers(-1, 4)).map(list),
        st.text(max_size=20),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.recursive(st.none() | st.booleans(), lambda each: st.lists(each, max_size=3), max_leaves=5),
    )
    names = st.sampled_from(
        [*NAMES, *(name for each in raw_info().values() for name in each["input"]["required"])]
    )
    node = st.fixed_dictionaries(
        {
            "class_type": st.sampled_from([*raw_info(), "Anything", "easy fullLoader"]),
            "inputs": st.dictionaries(names, value, max_size=8),
        },
        optional={"_meta": st.fixed_dictionaries({"title": st.sampled_from(TITLES) | st.text(max_size=8)})},
    )
    return st.dictionaries(ids, node, min_size=1, max_size=10)


def loaded(data: bytes) -> Graph | None:
    try:
        return read_graph(data)
    except GraphError as error:
        return None if error.problem.text else {}


def tried(read: Graph, known: ObjectInfo | None) -> bool:
    """Take a graph through everything; tells whether it could be bound."""
    made = build(Source("x", read, ManifestFile()), known)
    for parameter in made.parameters.values():
        for node_id, name in parameter.targets:
            assert isinstance(made.graph[node_id]["inputs"][name], str | int | float)
    assert all(each.text for each in made.problems)
    assert json.dumps(explain_workflow(made), allow_nan=False)
    assert read_manifest(starting_manifest(made).encode(), "x.toml").problems == ()
    wanted: dict[str, Any] = {
        "prompt": "{a|b} __x__ <lora:detail:0.5>", "image": "i.png", "mask": "m.png", "lora": "detail, a",
        "aspect": "16:9", "style": "x", "lora_strength": 0.3,
    }  # fmt: skip
    given_values = {name: value for name, value in wanted.items() if made.takes(name)}
    before = json.dumps(made.graph)
    went_well = False
    with contextlib.suppress(UserError):
        changed = spoken(made, given_values, 1, WORDS)
        bind(made, given_values | changed, known, limits=LIMITS)
        went_well = True
    assert json.dumps(made.graph) == before
    return went_well


bound: list[bool] = []
slowest: list[float] = [0.0]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not LONG_RUN,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(graph=st.one_of(mutated(), mutated(), made_up()))
def test_nothing_crashes_or_hangs(graph: dict[str, Any]):
    read = loaded(json.dumps(graph).encode())
    if read is None:
        return
    for known in classes():
        began = time.process_time()
        bound.append(tried(read, known))
        took = time.process_time() - began
        slowest[0] = max(slowest[0], took)
        assert took < SECONDS


def test_some_of_them_still_run(capsys: pytest.CaptureFixture[str]):
    if not bound:
        pytest.skip("the test before did not run")
    if LONG_RUN:
        with capsys.disabled():
            sys.stdout.write(
                f"\n{len(bound)} tried, {sum(bound)} bound, the slowest took {slowest[0]:.2f} s\n"
            )
    assert sum(bound) > EXAMPLES // 20


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
    made = build(Source("x", check_graph(graph), ManifestFile()), server())
    assert made.parameters["prompt"].targets == (("2", "text"),)
    bind(made, {"prompt": "x", "lora": "detail"}, server(), limits=LIMITS)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "inputs",
    [{"add_noise": ["1", 0]}, {"switch": [], "on_true": ["1", 0]}, {"select": {}, "input1": ["1", 0]}],
    ids=str,
)
def test_values_where_words_or_numbers_are_expected(inputs: dict[str, Any]):
    graph = basic(n20={"class_type": "BasicGuider", "inputs": {"model": ["1", 0]}})
    graph["5"]["inputs"] |= inputs
    graph["9"] = {"class_type": "KSampler", "inputs": {"guider": ["20", 0], **inputs}}
    tried(check_graph(graph), server())
    tried(check_graph(graph), None)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_large_tangle_is_done_soon(known: bool):
    random = Random(5)
    size = 300
    graph = {
        str(number): {
            "class_type": random.choice(list(raw_info())),
            "inputs": {
                name: [str(random.randrange(size)), random.randrange(3)] for name in random.sample(NAMES, 6)
            },
        }
        for number in range(size)
    }
    began = time.process_time()
    tried(check_graph(graph), server() if known else None)
    assert time.process_time() - began < SECONDS
