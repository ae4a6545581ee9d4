from typing import Any

import pytest

from tests.workflows.convert.drawing import Drawing, inputs, made

SAMPLE = {"seed": 0, "steps": 20, "cfg": 8.0, "sampler": "euler"}


def values(class_: str, saved: Any, **more: Any) -> dict[str, Any]:
    return inputs(made(Drawing().add(1, class_, saved, **more)), "1")


@pytest.mark.parametrize(
    ("saved", "read"),
    [
        ([5, "randomize", 30, 2.5, "ddim"], {"seed": 5, "steps": 30, "cfg": 2.5, "sampler": "ddim"}),
        ([5, "fixed", 30], {"seed": 5, "steps": 30}),
        ([5], {"seed": 5}),
        ([], {}),
        (None, {}),
        ({"seed": 9}, {}),  # an object: ComfyUI's own page takes no notice of it
        (
            [5, "fixed", 30, 2.5, "ddim", "surplus", 3],
            {"seed": 5, "steps": 30, "cfg": 2.5, "sampler": "ddim"},
        ),
        (
            ["five", "fixed", None, [1, 2], 3],
            {"seed": "five", "steps": None, "cfg": {"__value__": [1, 2]}, "sampler": 3},
        ),
        (
            [5, 30, 2.5, "ddim"],
            {"seed": 5, "steps": 30, "cfg": 2.5, "sampler": "ddim"},
        ),  # before there was a control
        (
            [5, True, 30, 2.5, "ddim"],
            {"seed": 5, "steps": 30, "cfg": 2.5, "sampler": "ddim"},
        ),  # when it was a tick
        ([5, None, 30], {"seed": 5, "steps": 30}),
        (
            [1, 2, 3, 4, "ddim"],
            {"seed": 1, "steps": 3, "cfg": 4, "sampler": "ddim"},
        ),  # as many as there are places
    ],
    ids=str,
)
def test_values_are_read_by_position_and_never_coerced(saved: Any, read: dict[str, Any]):
    assert values("Sample", saved) == SAMPLE | read


def test_defaults():
    assert values("Plain", []) == {
        "whole": 3,
        "real": 0,
        "yes": False,
        "words": "",
        "first": "one",
        "shaped": 2,
    }


@pytest.mark.parametrize(
    ("class_", "saved", "read"),
    [
        ("Number", [5, "randomize"], {"value": 5}),
        ("Pick", ["m", "increment-wrap", "", 4], {"choice": "m", "after": 4}),
        ("Picture", ["q.png", "y", "image"], {"image": "q.png", "mode": "y"}),
        ("Forced", ["", 10, 20], {"a": 10, "b": 20}),
        ("Forced", [10, 20], {"a": 10, "b": 20}),
        ("Forced", ["", 10, 20, 30], {"a": "", "b": 10}),
        ("Dynamic", ["size", 640, 5, 9], {"how": "size", "how.width": 640, "how.seed": 5, "after": 9}),
        ("Dynamic", ["deep", "k", 0.5, 9], {"how": "deep", "how.sub": "k", "how.sub.x": 0.5, "after": 9}),
        ("Dynamic", ["gone", 5, 9], {"how": "gone", "after": 5}),
        ("Dynamic", [], {"how": "size", "how.width": 0, "how.seed": 0, "after": 7}),
        ("Pack", {"rate": 24, "crf": 19, "preview": {"x": 1}}, {"rate": 24, "crf": 19}),
    ],
    ids=str,
)
def test_places_by_the_flags_of_the_class(class_: str, saved: Any, read: dict[str, Any]):
    assert values(class_, saved) == read


@pytest.mark.parametrize(
    ("saved", "named", "read"),
    [
        # Saved when the class had no `steps`: the names still say what is what.
        (
            [5, "fixed", 2.5],
            {"seed": 5, "control_after_generate": "fixed", "cfg": 2.5},
            {"seed": 5, "cfg": 2.5},
        ),
        (None, {"cfg": 2.5, "gone": 1}, {"cfg": 2.5}),
        # Changed by hand in one of them: the page believes the list.
        ([5, "fixed", 30, 2.5, "ddim"], {"seed": 6}, {"seed": 5, "steps": 30, "cfg": 2.5, "sampler": "ddim"}),
    ],
    ids=["drift", "only names", "disagree"],
)
def test_values_saved_with_their_names(saved: Any, named: dict[str, Any], read: dict[str, Any]):
    assert values("Sample", saved, widgets_values_named=named) == SAMPLE | read


def test_a_combo_without_choices_of_its_own_has_them_in_widgets_of_the_page():
    named = {"choice": "b", "option1": "a", "option2": "b"}
    assert values("Custom", ["b", "a", "b"], widgets_values_named=named) == named


def test_inputs_that_grow_are_named_as_saved():
    drawing = (
        Drawing()
        .add(1, "Picture", ["p.png", "x"])
        .add(
            2,
            "Grow",
            wires={"images.image0": "1:0 IMAGE", "images.image1": "IMAGE", "images.image2": "1:0 IMAGE"},
        )
    )
    assert inputs(made(drawing), "2") == {"images.image0": ["1", 0], "images.image2": ["1", 0]}


def test_what_the_server_does_not_offer_is_kept_and_told():
    drawing = Drawing().add(1, "Load", ["mine.safetensors"]).add(2, "Encode", ["{a|b} // c"])
    done = made(drawing)
    assert inputs(done, "1") == {"file": "mine.safetensors"}
    assert inputs(done, "2") == {"text": "{a|b} // c"}
    assert [(each.node, each.input, each.value) for each in done.unoffered] == [
        ("1", "file", "mine.safetensors")
    ]


def test_values_of_another_version_of_a_class_are_kept_with_a_word():
    done = made(
        Drawing().add(1, "Sample", [5, "fixed", "euler", "2.5", "ddim"], title="Mine").add(2, "Sample", [])
    )
    assert inputs(done, "1")["steps"] == "euler"
    assert [each.text for each in done.problems] == [
        "Mine was saved by another version of its class: steps would be euler. Put it right in ComfyUI and save the"
        " workflow again."
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"on": True, "lora": "a.pt"}], True),
        ([{"on": False, "lora": "a.pt"}, {"type": "Header"}, {}, ""], False),
        (["image", 3], False),
    ],
    ids=["a row", "nothing lost", "no rows"],
)
def test_rows_that_only_a_script_in_the_page_can_read_are_told(rows: list[Any], told: bool):
    done = made(Drawing().add(1, "Encode", ["x", *rows], title="Many"))
    assert inputs(done, "1") == {"text": "x"}
    assert [each.text.startswith("Many keeps settings that only") for each in done.problems] == [True] * told


@pytest.mark.parametrize(
    ("prefix", "filled"),
    [
        ("plain", "plain"),
        ("%date:yyyy-MM-dd%/a", "%year%-%month%-%day%/a"),
        ("%date:hhmmss%_%width%", "%hour%%minute%%second%_%width%"),
        ("%Mine.cfg%-%Sample.seed%", "2.5-7"),
        ("%Mine.sampler%", "a_b"),
        ("%Mine.model%-%Nobody.cfg%-%Mine.gone%-100%", "%Mine.model%-%Nobody.cfg%-%Mine.gone%-100%"),
    ],
    ids=str,
)
def test_names_of_saved_files_are_filled_in_as_the_page_does(prefix: str, filled: str):
    drawing = (
        Drawing()
        .add(1, "Load", ["a.safetensors"])
        .add(2, "Sample", [7, "fixed", 20, 2.5, "a/b"], title="Mine", wires={"model": "1:0 MODEL"})
        .add(3, "Save", [prefix], wires={"images": "2:0 IMAGE"})
    )
    assert inputs(made(drawing), "3")["filename_prefix"] == filled
