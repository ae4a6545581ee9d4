"""Nodes of classes that the server does not know."""

from bot.workflows import Severity
from tests.workflows.convert.drawing import MUTED, Drawing, inputs, made


def start() -> Drawing:
    return Drawing().add(1, "Load", ["a.safetensors"])


def test_an_unknown_class_that_feeds_something_is_named_and_shown():
    drawing = (
        start()
        .add(2, "Mystery", ["v", 3], outputs=["MODEL"], wires={"model": "1:0 MODEL"})
        .add(3, "Riddle", {"depth": 2, "view": {}}, outputs=["MODEL"], wires={"model": "2:0 MODEL"})
        .add(4, "Sample", [1, "fixed"], wires={"model": "3:0 MODEL"})
        .add(5, "Save", ["x"])
    )
    done = made(drawing)
    assert set(done.missing) == {"Mystery", "Riddle"}
    assert inputs(done, "2") == {"model": ["1", 0]}
    assert inputs(done, "3") == {"depth": 2, "model": ["2", 0]}
    assert inputs(done, "4")["model"] == ["3", 0]


def test_an_unknown_class_that_feeds_nothing_is_left_out_with_a_word():
    drawing = (
        start()
        .add(2, "Save", ["x"])
        .add(3, "Bookmark", ["1"])
        .add(4, "Show", ["x"], wires={"text": "1:0 MODEL"})
        .add(5, "Mystery", ["x"], mode=MUTED)
    )
    done = made(drawing)
    assert list(done.graph) == ["1", "2"]
    assert done.missing == ()
    assert [(each.severity, each.text.split(" is left out")[0]) for each in done.problems] == [
        (Severity.NOTE, "Show"),
        (Severity.NOTE, "Bookmark"),
    ]


def test_where_only_unknown_classes_keep_anything_they_are_what_is_needed():
    done = made(start().add(2, "Combine", ["x"], wires={"images": "1:0 MODEL"}))
    assert [(each.severity, "Combine" in each.text) for each in done.problems] == [(Severity.ERROR, True)]
