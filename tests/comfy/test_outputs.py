from typing import Any

import pytest

from bot.comfy import FileRef, Output, OutputKind, parse_outputs


def item(name: str, type: str = "output", subfolder: str = "") -> dict[str, Any]:
    return {"filename": name, "subfolder": subfolder, "type": type}


@pytest.mark.parametrize(
    ("ui", "kind", "animated"),
    [
        ({"images": [item("a.png")]}, OutputKind.IMAGE, False),
        ({"images": [item("a.webp")], "animated": [True]}, OutputKind.IMAGE, True),
        ({"images": [item("a.mp4")], "animated": [True]}, OutputKind.VIDEO, True),
        (
            {"gifs": [item("a.mp4") | {"format": "video/h264-mp4", "fullpath": "/srv/x"}]},
            OutputKind.VIDEO,
            True,
        ),
        ({"gifs": [item("a.gif")]}, OutputKind.IMAGE, True),
        ({"audio": [item("a.flac")]}, OutputKind.AUDIO, False),
        ({"audio": [item("noext")]}, OutputKind.AUDIO, False),
        ({"3d": [item("a.glb")]}, OutputKind.THREE_D, False),
        ({"images": [item("A.PNG") | {"metadata": {}, "id": float("nan")}]}, OutputKind.IMAGE, False),
    ],
)
def test_the_kind_follows_the_file_not_the_key(ui: dict[str, Any], kind: OutputKind, animated: bool) -> None:
    (output,) = parse_outputs({"9": ui})
    assert (output.node, output.kind, output.animated) == ("9", kind, animated)


def test_a_file_shown_by_two_nodes_counts_once_and_previews_give_way() -> None:
    outputs = {
        "1": {"images": [item("p.png", "temp")]},
        "2": {"images": [item("a.png"), item("b.png", subfolder="s")]},
        "3": {"images": [item("a.png")]},
        "4": {"text": ["hello", 5, None], "images": [item("in.png", "input")]},
    }
    assert parse_outputs(outputs) == (
        Output("2", OutputKind.IMAGE, FileRef("a.png")),
        Output("2", OutputKind.IMAGE, FileRef("b.png", "s")),
        Output("4", OutputKind.TEXT, None, "hello"),
    )


def test_previews_are_outputs_where_nothing_else_is() -> None:
    (output,) = parse_outputs({"1": {"images": [item("p.png", "temp")]}})
    assert output.file == FileRef("p.png", "", "temp")


def test_models_given_as_paths_are_found() -> None:
    given = {"1": {"result": ["3d/x.glb", None, "y.glb [temp]", "../z.glb", "/etc/a.glb", "notes.bin"]}}
    assert [o.file for o in parse_outputs(given)] == [FileRef("x.glb", "3d")]


@pytest.mark.parametrize(
    "raw",
    [None, [], "x", 5, {"1": None}, {"1": []}, {"1": {"images": None}}, {"1": {"images": [None, 5, "x", [], {}]}},
     {"1": {"images": [{"filename": 5}, {"filename": ""}, item("a.png", "elsewhere"), item("x" * 2000 + ".png")]}},
     {"1": {"latents": [item("x.latent")], "a": [True], "b": [float("nan")]}}, {"1": {"text": {"a": 1}}}],
)  # fmt: skip
def test_what_is_no_output_is_passed_over(raw: Any) -> None:
    assert parse_outputs(raw) == ()


def test_texts_are_made_fit_to_be_stored_and_sent() -> None:
    (output,) = parse_outputs({"1": {"text": "lone \ud800 and nul \0."}})
    assert output.text == "lone ? and nul ."
    (long,) = parse_outputs({"1": {"text": ["x" * 3_000_000]}})
    assert len(long.text or "") == 1_000_000


def test_what_a_load_node_takes() -> None:
    assert FileRef("a.png", "", "input").load_value == "a.png"
    assert FileRef("a.png", "s", "input").load_value == "s/a.png"
    assert FileRef("a.png", "s", "output").load_value == "s/a.png [output]"
    assert FileRef("a.b.PNG").extension == "png"
    assert FileRef("a").extension == ""
