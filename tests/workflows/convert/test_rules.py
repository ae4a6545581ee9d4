from typing import Any

import pytest

from bot.workflows import Severity
from bot.workflows.convert import convert
from tests.workflows.convert.drawing import BYPASSED, MUTED, Drawing, info, inputs, made

LOAD = ["a.safetensors"]


def start() -> Drawing:
    return Drawing().add(1, "Load", LOAD)


# --- what is emitted


def test_a_plain_workflow():
    done = made(
        start()
        .add(2, "Encode", ["a cat"], wires={"clip": "1:1 CLIP"})
        .add(
            3,
            "Sample",
            [7, "fixed", 30, 2.5, "ddim"],
            wires={"model": "1:0 MODEL", "positive": "2:0 CONDITIONING"},
        )
        .add(4, "Save", ["x"], title="Mine", wires={"images": "3:0 IMAGE"})
        .add(5, "Note", ["hello"])
        .add(6, "MarkdownNote", ["hello"])
    )
    assert done.graph == {
        "1": {"class_type": "Load", "inputs": {"file": "a.safetensors"}, "_meta": {"title": "Load it"}},
        "2": {
            "class_type": "Encode",
            "inputs": {"text": "a cat", "clip": ["1", 1]},
            "_meta": {"title": "Encode"},
        },
        "3": {
            "class_type": "Sample",
            "inputs": {
                "seed": 7,
                "steps": 30,
                "cfg": 2.5,
                "sampler": "ddim",
                "model": ["1", 0],
                "positive": ["2", 0],
            },
            "_meta": {"title": "Sample"},
        },
        "4": {
            "class_type": "Save",
            "inputs": {"filename_prefix": "x", "images": ["3", 0]},
            "_meta": {"title": "Mine"},
        },
    }
    assert (done.missing, done.unoffered, done.problems) == ((), (), ())


def test_unlinked_nodes_are_emitted_and_muted_or_bypassed_ones_are_not():
    done = made(
        start().add(2, "Load", LOAD, mode=MUTED).add(3, "Load", LOAD, mode=BYPASSED).add(4, "Load", LOAD)
    )
    assert list(done.graph) == ["1", "4"]


def test_ids_stand_in_the_order_of_an_export():
    done = made(Drawing().add(30, "Load", LOAD).add(4, "Load", LOAD).add(100, "Load", LOAD))
    assert list(done.graph) == ["4", "30", "100"]


# --- links


def row(index: int, change: Any) -> dict[str, Any]:
    document = start().add(2, "Encode", ["x"], wires={"clip": "1:1 CLIP"}).document()
    document["links"][index] = change
    return document


@pytest.mark.parametrize(
    ("change", "linked"),
    [
        ([1, 1, 1, 2, 0, "CLIP"], True),
        ({"id": 1, "origin_id": 1, "origin_slot": 1, "target_id": 2, "target_slot": 0}, True),
        ([99, 1, 1, 2, 0, "CLIP"], True),  # the id dangles, but a row leads here
        ([1, 1, 1, 3, 0, "CLIP"], False),  # the row leads to another node
        (None, False),
        ([1, 77, 0, 2, 0, "CLIP"], False),  # from a node that is not there
        (["1", "1", "1", "2", "0", "CLIP"], True),
    ],
    ids=["array", "object", "dangling id", "elsewhere", "gone", "from nowhere", "texts"],
)
def test_rows_of_the_table_of_links(change: Any, linked: bool):
    graph = convert(row(0, change), info()).graph
    assert graph["2"]["inputs"] == {"text": "x"} | ({"clip": ["1", 1]} if linked else {})


def test_inputs_are_matched_by_name_and_a_scripts_own_ones_are_kept():
    done = made(
        start().add(2, "Encode", ["x"], wires={"extra": "1:0 MODEL", "clip": "1:1 CLIP", "text": "STRING"})
    )
    assert inputs(done, "2") == {"text": "x", "extra": ["1", 0], "clip": ["1", 1]}


def test_a_linked_widget_owns_its_place_and_keeps_its_value_where_the_link_leads_nowhere():
    drawing = (
        start()
        .add(2, "Number", [4, "fixed"])
        .add(3, "Number", [5, "fixed"], mode=MUTED)
        .add(4, "Sample", [1, "fixed", 30, 2.5, "ddim"], wires={"steps": "2:0 INT"}, widgets=["steps"])
        .add(5, "Sample", [1, "fixed", 30, 2.5, "ddim"], wires={"steps": "3:0 INT"}, widgets=["steps"])
    )
    done = made(drawing)
    assert inputs(done, "4") == {"seed": 1, "steps": ["2", 0], "cfg": 2.5, "sampler": "ddim"}
    assert inputs(done, "5")["steps"] == 30


# --- bypassed nodes


@pytest.mark.parametrize(
    ("drawing", "arrives"),
    [
        (start().add(2, "Lora", ["l.pt", 1.0], mode=BYPASSED, wires={"model": "1:0 MODEL"}), ["1", 0]),
        (start().add(2, "Lora", ["l.pt", 1.0], mode=BYPASSED, wires={"model": "MODEL"}), None),
        (start().add(2, "Load", LOAD, mode=BYPASSED), None),
        (start().add(2, "Lora", ["l.pt", 1.0], mode=MUTED, wires={"model": "1:0 MODEL"}), None),
    ],
    ids=["linked", "unlinked", "no input", "muted"],
)
def test_what_comes_through_a_node_that_is_switched_off(drawing: Drawing, arrives: Any):
    done = made(drawing.add(3, "Sample", [1, "fixed"], wires={"model": "2:0 MODEL"}))
    assert inputs(done, "3").get("model") == arrives


@pytest.mark.parametrize(
    ("slot", "wanted", "arrives"),
    [
        (0, "CLIP", ["1", 1]),  # the first input is of another type
        (1, "MODEL", ["1", 0]),  # the first exact one, not that of the same number
        (2, "IMAGE", None),
        (1, "*", ["1", 1]),  # anything: the input of the same number
        (7, "*", ["1", 0]),  # or the first
        (1, "clip,model", ["1", 0]),  # lists that share a type, in any capitals
    ],
)
def test_which_input_of_a_bypassed_node_is_handed_on(slot: int, wanted: str, arrives: Any):
    drawing = (
        start()
        .add(
            2,
            "Switch",
            mode=BYPASSED,
            outputs=["CLIP", "MODEL", "IMAGE"],
            wires={"a": "1:0 MODEL", "b": "1:1 CLIP", "c": "1:0 MODEL"},
        )
        .add(3, "Save", ["x"], wires={"extra": f"2:{slot} {wanted}"})
    )
    assert inputs(made(drawing), "3").get("extra") == arrives


def test_every_bypassed_node_on_the_way_asks_for_the_type_of_its_own_input():
    drawing = (
        start()
        .add(2, "First", mode=BYPASSED, outputs=["CLIP"], wires={"a": "1:0 MODEL", "b": "1:1 CLIP"})
        .add(3, "Then", mode=BYPASSED, outputs=["*"], wires={"a": "2:0 CLIP"})
        .add(4, "Any", wires={"source": "3:0 *"})
    )
    assert inputs(made(drawing), "4") == {"source": ["1", 1]}


def test_a_chain_of_bypassed_nodes_and_reroutes():
    drawing = (
        start()
        .add(2, "Lora", ["l.pt", 1.0], mode=BYPASSED, wires={"model": "1:0 MODEL"})
        .add(3, "Reroute", outputs=["*"], wires={"": "2:0 *"})
        .add(4, "Lora", ["l.pt", 1.0], mode=BYPASSED, wires={"model": "3:0 MODEL"})
        .add(5, "Reroute (pack)", outputs=["*"], wires={"": "4:0 *"})
        .add(6, "Sample", [1, "fixed"], wires={"model": "5:0 MODEL"})
        .add(7, "Reroute", outputs=["*"], wires={"": "*"})
        .add(8, "Sample", [1, "fixed"], wires={"model": "7:0 MODEL"})
    )
    done = made(drawing)
    assert inputs(done, "6")["model"] == ["1", 0]
    assert "model" not in inputs(done, "8")


def test_reroutes_in_a_circle_lead_nowhere():
    drawing = (
        start()
        .add(2, "Reroute", outputs=["*"], wires={"": "3:0 *"})
        .add(3, "Reroute", outputs=["*"], wires={"": "2:0 *"})
        .add(4, "Sample", [1, "fixed"], wires={"model": "3:0 MODEL"})
    )
    assert "model" not in inputs(made(drawing), "4")


# --- primitives and Set/Get


def test_a_primitive_fills_the_widgets_it_is_linked_to_directly():
    drawing = (
        start()
        .add(2, "PrimitiveNode", ["mine", "fixed"], outputs=["STRING"], mode=MUTED)
        .add(3, "Encode", ["x"], wires={"text": "2:0 STRING"}, widgets=["text"])
        .add(4, "Reroute", outputs=["*"], wires={"": "2:0 *"})
        .add(5, "Encode", ["y"], wires={"text": "4:0 STRING"}, widgets=["text"])
        .add(6, "Any", wires={"source": "2:0 *"})
        .add(7, "PrimitiveNode", [], outputs=["STRING"])
        .add(8, "Encode", ["z"], wires={"text": "7:0 STRING"}, widgets=["text"])
    )
    done = made(drawing)
    assert {id_: node["inputs"].get("text") for id_, node in done.graph.items()} == {
        "1": None,
        "3": "mine",
        "5": "y",
        "6": None,
        "8": "z",
    }


@pytest.mark.parametrize(("setter", "getter"), [("SetNode", "GetNode"), ("easy setNode", "easy getNode")])
def test_what_was_set_under_a_name_is_got_under_it(setter: str, getter: str):
    inner = Drawing().add(11, getter, ["mdl"], outputs=["MODEL"]).lead("11:0", 0, "MODEL")
    drawing = (
        start()
        .add(2, setter, ["mdl"], outputs=["*"], wires={"MODEL": "1:0 MODEL"})
        .add(3, getter, ["mdl"], outputs=["MODEL"])
        .add(4, "Sample", [1, "fixed"], wires={"model": "3:0 MODEL"})
        .add(5, "Sample", [1, "fixed"], wires={"model": "2:0 MODEL"})
        .add(6, "S")
        .add(7, "Sample", [1, "fixed"], wires={"model": "6:0 MODEL"})
        .add(8, getter, ["nobody's"], outputs=["MODEL"])
        .add(9, "Sample", [1, "fixed"], wires={"model": "8:0 MODEL"})
    )
    done = made(drawing, inner.subgraph("S", {}, {"m": "MODEL"}))
    assert list(done.graph) == ["1", "4", "5", "7", "9"]
    assert [inputs(done, id_).get("model") for id_ in ("4", "5", "7", "9")] == [["1", 0]] * 3 + [None]
    assert [(each.severity, each.text) for each in done.problems] == [
        (Severity.WARNING, f"{getter} takes nobody's, which nothing in the workflow sets.")
    ]
