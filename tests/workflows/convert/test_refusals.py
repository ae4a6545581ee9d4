"""What is refused, with advice, and soon."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.workflows import GraphError
from bot.workflows.convert import convert
from tests.workflows.convert.drawing import BYPASSED, PATIENCE, Drawing, info

LOAD = ["a.safetensors"]


def refusal(document: Any) -> str:
    with pytest.raises(GraphError) as caught:
        convert(document, info())
    assert caught.value.format == "ui"
    return caught.value.problem.text


def test_subgraphs_that_hold_themselves_or_lie_too_deep_or_become_too_many():
    ring = Drawing().add(11, "R")
    assert (
        refusal(Drawing().add(1, "R").document(ring.subgraph("R", {}, {}))) == "The subgraph R holds itself."
    )
    deep = [Drawing().add(1, f"S{i + 1}").subgraph(f"S{i}", {}, {}) for i in range(40)]
    assert "more than 32 deep" in refusal(Drawing().add(1, "S0").document(*deep))
    wide = [Drawing().add(1, f"S{i + 1}").add(2, f"S{i + 1}").subgraph(f"S{i}", {}, {}) for i in range(20)]
    assert "more than 5000 nodes" in refusal(Drawing().add(1, "S0").document(*wide))


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (None, "no workflow as ComfyUI saves it"),
        ({"1": {"class_type": "Load"}}, "no workflow as ComfyUI saves it"),
        ({"nodes": [], "links": []}, "Nothing in the workflow is run"),
        ({"nodes": [3], "links": []}, "no id or no type"),
        ({"nodes": [{"id": 1}], "links": []}, "no id or no type"),
        (
            {"nodes": [{"id": 1, "type": "A"}, {"id": "1", "type": "A"}], "links": []},
            "Two nodes of the workflow have the id 1",
        ),
        ({"nodes": [{}] * 5001, "links": []}, "more than 5000 nodes"),
        ({"nodes": [], "links": [[]] * 50_001}, "more than 50000 links"),
        ({"nodes": [], "links": [], "definitions": {"subgraphs": [{}] * 1001}}, "more than 1000 subgraphs"),
        ({"nodes": [{"id": 1, "type": "A", "inputs": [{}] * 2001}], "links": []}, "more than 2000 inputs"),
        (Drawing().add(1, "workflow>mine").document(), "group nodes of an old kind (workflow>mine)"),
    ],
    ids=[
        "none",
        "api",
        "empty",
        "no node",
        "no type",
        "twice",
        "nodes",
        "links",
        "subgraphs",
        "inputs",
        "groups",
    ],
)
def test_what_cannot_be_converted_is_said(document: Any, says: str):
    assert says in refusal(document)


@pytest.mark.parametrize(
    ("drawing", "named"),
    [
        (Drawing().add(1, "Load", LOAD).add(2, "Anywhere", wires={"anything": "1:0 MODEL"}), "Anywhere"),
        (
            Drawing().add(1, "Load", LOAD).add(2, "X Everywhere", wires={"anything": "1:0 MODEL"}),
            "X Everywhere",
        ),
        (Drawing().add(1, "Seed Everywhere", [3], outputs=["INT"]), "Seed Everywhere"),
        (Drawing().add(1, "Load", LOAD, properties={"ue_convert": True}), "Load"),
        (
            Drawing()
            .add(1, "Load", LOAD)
            .add(2, "Sender", wires={"in": "1:0 MODEL"})
            .add(3, "Sample", [1, "fixed"])
            .add(4, "Save", ["x"], wires={"images": "3:0 IMAGE"}),
            "Sender",
        ),
    ],
    ids=["known", "by its name", "with outputs", "by its mark", "by what is missing"],
)
def test_wiring_without_links_is_refused_with_advice(drawing: Drawing, named: str):
    said = refusal(drawing.document())
    assert said.startswith(f"{named} hands its inputs on without links")
    assert "Export (API)" in said


def test_a_node_that_is_left_over_asks_for_nothing():
    drawing = (
        Drawing()
        .add(1, "Load", LOAD)
        .add(2, "Viewer", wires={"in": "1:0 MODEL"})
        .add(3, "Sample", [1, "fixed"])
    )
    assert list(convert(drawing.document(), info()).graph) == ["1", "3"]


def chain() -> dict[str, Any]:
    drawing = Drawing().add(1, "Picture", ["p.png", "x"])
    for number in range(2, 1500):
        drawing.add(number, "Reroute", outputs=["*"], wires={"": f"{number - 1}:0 *"})
    for number in range(2000, 3000):
        drawing.add(number, "Save", ["x"], wires={"images": "1499:0 IMAGE"})
    return drawing.document()


def fan(rows: int = 20_000, sockets: int = 2_000) -> dict[str, Any]:
    """A subgraph whose input leads to one node by very many rows."""
    inside = Drawing().add(11, "Save", ["x"], wires={f"i{n}": "-10:0 IMAGE" for n in range(sockets)})
    inside.links += [[n, -10, 0, 11, 0, "IMAGE"] for n in range(sockets, rows)]
    return Drawing().add(1, "S", wires={"a": "IMAGE"}).document(inside.subgraph("S", {"a": "IMAGE"}, {}))


def proxies() -> dict[str, Any]:
    """A subgraph inside one that is there a hundred times, with very many promoted widgets."""
    entries = [["11", f"w{n}"] for n in range(20_000)]
    inner = Drawing().add(11, "Save", ["x"]).subgraph("I", {}, {})
    outer = Drawing().add(21, "I", [0] * 20_000, properties={"proxyWidgets": entries}).subgraph("O", {}, {})
    drawing = Drawing()
    for number in range(1, 101):
        drawing.add(number, "O")
    return drawing.document(inner, outer)


def sockets() -> dict[str, Any]:
    return {"nodes": [{"id": n, "type": "A", "inputs": [{}] * 2_000} for n in range(800)], "links": []}


def long_names() -> dict[str, Any]:
    drawing = Drawing().add(1, "Picture", ["p.png", "x"])
    for number in range(2, 200):
        drawing.add(
            number, "Aa" * 10_000, ["x"], outputs=["*"], wires={"": f"{number - 1}:0 *"}, mode=BYPASSED
        )
    return drawing.add(999, "Save", ["x"], wires={"images": "199:0 IMAGE"}).document()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (chain, "too intricately"),
        (fan, ""),
        (proxies, "more than 100000 inputs in all"),
        (sockets, "more than 100000 inputs in all"),
        (long_names, ""),
    ],
    ids=["chain", "fan", "proxies", "sockets", "long names"],
)
def test_nothing_takes_long(make: Callable[[], dict[str, Any]], says: str):
    document = make()
    began = time.process_time()
    if says:
        assert says in refusal(document)
    else:
        convert(document, info())
    assert time.process_time() - began < PATIENCE
