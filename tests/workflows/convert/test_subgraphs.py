from typing import Any

import pytest

from tests.workflows.convert.drawing import BYPASSED, MUTED, Drawing, inputs, made

LOAD = ["a.safetensors"]


def encoder(values: Any = ("inner",)) -> dict[str, Any]:
    """A subgraph of one encoder, its text promoted."""
    inside = Drawing().add(
        11, "Encode", list(values), wires={"clip": "-10:1 CLIP", "text": "-10:0 STRING"}, widgets=["text"]
    )
    return inside.lead("11:0", 0, "CONDITIONING").subgraph(
        "E", {"text": "STRING", "clip": "CLIP"}, {"out": "CONDITIONING"}
    )


def instance(values: Any, wires: dict[str, str] | None = None, **more: Any) -> Drawing:
    wired = {"clip": "1:1 CLIP", "text": "STRING"} | (wires or {})
    drawing = Drawing().add(1, "Load", LOAD).add(3, "PrimitiveNode", ["primitive"], outputs=["STRING"])
    drawing.add(4, "Words", ["w"], outputs=["STRING"])
    drawing.add(2, "E", values, outputs=["CONDITIONING"], wires=wired, widgets=["text"], **more)
    return drawing.add(5, "Join", wires={"a": "2:0 CONDITIONING"})


def test_the_inside_of_a_subgraph_stands_under_its_instance():
    done = made(instance(["host"]), encoder())
    assert inputs(done, "2:11") == {"text": "host", "clip": ["1", 1]}
    assert inputs(done, "5") == {"a": ["2:11", 0]}
    assert list(done.graph) == ["1", "5", "2:11"]


@pytest.mark.parametrize(
    ("values", "wires", "text"),
    [
        (["host"], {}, "host"),
        ([], {}, "inner"),
        (None, {}, "inner"),
        (["host"], {"text": "4:0 STRING"}, ["4", 0]),
        (["host"], {"text": "3:0 STRING"}, "inner"),
        (["host"], {"text": "99:0 STRING"}, "inner"),
    ],
    ids=["host", "no host values", "none at all", "outer link", "outer primitive", "outer link to nothing"],
)
def test_where_a_promoted_widget_has_its_value_from(values: Any, wires: dict[str, str], text: Any):
    assert inputs(made(instance(values, wires), encoder()), "2:11")["text"] == text


@pytest.mark.parametrize(
    ("proxies", "values", "text"),
    [
        ([["11", "text"]], ["mine"], "mine"),
        ([["-1", "text"]], ["mine"], "mine"),
        ([["11", "3: text"]], ["mine"], "mine"),
        ([["11", "$$preview"], ["11", "control_after_generate"], ["11", "text"]], ["a", "b", "mine"], "mine"),
        ([["11", "text"]], [], "inner"),
        ([["77", "text"]], ["mine"], "inner"),
        ([3, [None], ["11"]], ["mine"], "inner"),
    ],
    ids=["inner", "host", "prefix", "idle ones", "no values", "gone", "nonsense"],
)
def test_older_ways_of_promoting(proxies: Any, values: Any, text: Any):
    done = made(instance(values, properties={"proxyWidgets": proxies}), encoder())
    assert inputs(done, "2:11")["text"] == text


def test_older_promotions_reach_widgets_that_no_input_drives():
    inside = (
        Drawing()
        .add(11, "Sample", [1, "fixed", 20, 8.0, "euler"])
        .add(12, "PrimitiveNode", [3], outputs=["INT"])
        .add(13, "Sample", [1, "fixed"], wires={"steps": "12:0 INT"}, widgets=["steps"])
        .lead("11:0", 0, "IMAGE")
    )
    drawing = Drawing()
    for id_, steps in ((2, 30), (3, 40)):
        proxies = {"proxyWidgets": [["11", "steps"], ["12", "value"]]}
        drawing.add(id_, "S", [steps, steps + 1], outputs=["IMAGE"], properties=proxies)
    done = made(drawing, inside.subgraph("S", {}, {"out": "IMAGE"}))
    assert [inputs(done, id_)["steps"] for id_ in ("2:11", "2:13", "3:11", "3:13")] == [30, 31, 40, 41]


def test_values_are_counted_by_the_marks_in_the_file_and_go_to_all_targets():
    inside = (
        Drawing()
        .add(11, "Encode", ["one"], wires={"text": "-10:1 STRING", "clip": "-10:0 CLIP"}, widgets=["text"])
        .add(12, "Encode", ["two"], wires={"text": "-10:1 STRING"}, widgets=["text"])
        .add(
            13, "Newer", [1], wires={"amount": "-10:2 INT"}, widgets=["amount"]
        )  # of a class nobody has here
        .add(14, "Sample", [1, "fixed"], wires={"steps": "-10:3 INT"}, widgets=["steps"])
        .add(15, "Any", wires={"source": "-10:3 INT"})
        .lead("11:0", 0, "CONDITIONING")
    )
    subgraph = inside.subgraph(
        "S", {"clip": "CLIP", "text": "STRING", "amount": "INT", "steps": "INT"}, {"out": "CONDITIONING"}
    )
    for values, texts, steps in ((["host", 5, 33], ["host", "host"], 33), ([], ["one", "one"], 20)):
        wires = {"text": "STRING", "clip": "CLIP", "amount": "INT", "steps": "INT"}
        done = made(Drawing().add(2, "S", values, wires=wires, widgets=["text", "amount", "steps"]), subgraph)
        assert [inputs(done, "2:11")["text"], inputs(done, "2:12")["text"]] == texts
        assert inputs(done, "2:14")["steps"] == inputs(done, "2:15")["source"] == steps


@pytest.mark.parametrize(
    ("outer", "inner", "text"),
    [(["outer"], ["inner host"], "outer"), ([], ["inner host"], "inner host"), ([], [], "inner")],
)
def test_the_outermost_value_wins(outer: Any, inner: Any, text: str):
    between = (
        Drawing()
        .add(21, "E", inner, outputs=["CONDITIONING"], wires={"text": "-10:0 STRING"}, widgets=["text"])
        .lead("21:0", 0, "CONDITIONING")
        .subgraph("O", {"text": "STRING"}, {"out": "CONDITIONING"})
    )
    drawing = Drawing().add(
        2, "O", outer, outputs=["CONDITIONING"], wires={"text": "STRING"}, widgets=["text"]
    )
    done = made(drawing.add(3, "Join", wires={"a": "2:0 CONDITIONING"}), between, encoder())
    assert inputs(done, "2:21:11") == {"text": text}
    assert inputs(done, "3") == {"a": ["2:21:11", 0]}


def test_older_promotions_reach_into_subgraphs_inside():
    between = Drawing().add(
        21, "E", ["inner host"], outputs=["CONDITIONING"], wires={"text": "STRING"}, widgets=["text"]
    )
    drawing = Drawing().add(2, "O", ["mine"], properties={"proxyWidgets": [["21", "text"]]})
    done = made(drawing, between.subgraph("O", {}, {}), encoder())
    assert inputs(done, "2:21:11")["text"] == "mine"


@pytest.mark.parametrize("mode", [MUTED, BYPASSED])
def test_nothing_runs_inside_what_is_switched_off(mode: int):
    saver = Drawing().add(11, "Save", ["x"], wires={"images": "-10:0 IMAGE"}).lead("-10:0", 0, "IMAGE")
    inner = saver.subgraph("S", {"in": "IMAGE"}, {"out": "IMAGE"})
    outer = (
        Drawing()
        .add(21, "S", mode=mode, outputs=["IMAGE"], wires={"in": "-10:0 IMAGE"})
        .lead("21:0", 0, "IMAGE")
    )
    drawing = (
        Drawing()
        .add(1, "Picture", ["p.png", "x"])
        .add(2, "O", outputs=["IMAGE"], wires={"in": "1:0 IMAGE"})
        .add(3, "S", mode=mode, outputs=["IMAGE"], wires={"in": "1:0 IMAGE"})
        .add(4, "Save", ["in"], wires={"images": "2:0 IMAGE"})
        .add(5, "Save", ["out"], wires={"images": "3:0 IMAGE"})
    )
    done = made(drawing, inner, outer.subgraph("O", {"in": "IMAGE"}, {"out": "IMAGE"}))
    arrives = {"images": ["1", 0]} if mode == BYPASSED else {}
    assert {id_: node["inputs"] for id_, node in done.graph.items()} == {
        "1": {"image": "p.png", "mode": "x"},
        "4": {"filename_prefix": "in"} | arrives,
        "5": {"filename_prefix": "out"} | arrives,
    }


def test_an_input_wired_straight_to_an_output_hands_on():
    through = Drawing().lead("-10:0", 0, "IMAGE").subgraph("T", {"in": "IMAGE"}, {"out": "IMAGE"})
    drawing = (
        Drawing()
        .add(1, "Picture", ["p.png", "x"])
        .add(2, "T", outputs=["IMAGE"], wires={"in": "1:0 IMAGE"})
        .add(3, "Save", ["x"], wires={"images": "2:0 IMAGE"})
    )
    assert inputs(made(drawing, through), "3")["images"] == ["1", 0]
