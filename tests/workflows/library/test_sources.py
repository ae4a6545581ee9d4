import json
from pathlib import Path

import pytest

from bot.workflows import Library, Severity
from bot.workflows.library.library import build
from bot.workflows.library.manifest import read_manifest
from bot.workflows.library.sources import ENDINGS, MAXIMUM_MEDIA_BYTES, read_bytes, read_sources
from tests.workflows.library.saving import SAVERS, made, picture, png, saved
from tests.workflows.made import basic, drawn, server


def test_attached_bytes_are_a_workflow_called_like_the_file():
    read = read_bytes("portrait.json", json.dumps(basic()).encode())
    assert (read.name, read.format, read.problems) == ("portrait", "api", ())
    assert read.graph == basic()


def test_what_is_wrong_with_attached_bytes_is_said():
    read = read_bytes("portrait.json", b"{", read_manifest(b'title = "Portrait"', "portrait.toml"))
    assert (read.name, read.graph) == ("portrait", {})
    assert "not valid JSON" in read.problems[0].text
    assert str(read.manifest.manifest.title) == "Portrait"
    assert "larger than 64 MB" in read_bytes("a.png", bytes(MAXIMUM_MEDIA_BYTES + 1)).problems[0].text


def test_json_that_holds_the_document_under_a_name():
    read = read_bytes("a.json", json.dumps({"workflow": drawn(), "version": 1}).encode())
    assert (read.format, read.document) == ("ui", drawn())
    read = read_bytes("a.json", json.dumps({"workflow": drawn(), "prompt": basic()}).encode())
    assert (read.format, read.graph) == ("api", basic())


# --- what ComfyUI writes its graph into

API, UI = json.dumps(basic()), json.dumps(drawn())


@pytest.mark.parametrize(
    "name", ["png", "webp", "jpeg", "animated png", "mp4", "webm", "mp3", "flac", "opus"]
)
def test_any_file_that_comfyui_saved_is_a_workflow(name: str):
    read = read_bytes("a.bin", made(name))
    assert (read.format, read.problems, len(read.graph)) == ("image", (), 1)
    assert name in SAVERS


@pytest.mark.parametrize(
    ("texts", "ran"),
    [
        ({"prompt": API, "workflow": UI}, True),
        ({"prompt": API}, True),
        ({"workflow": UI}, False),
        ({"prompt": '{"1": {}}', "workflow": UI}, False),
        ({"prompt": API, "workflow": "{}"}, True),
    ],
    ids=["both", "only run", "only drawn", "run is broken", "drawn is broken"],
)
def test_what_was_run_is_taken_before_what_was_drawn(texts: dict[str, str], ran: bool):
    read = read_bytes("a.png", png(texts))
    assert (read.graph == basic(), read.document == drawn()) == (ran, not ran)
    workflow = build(read, server())
    assert workflow.problems == ()
    assert workflow.parameters["prompt"].default == "a fox"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.png", saved(picture(), "PNG"), "has written no workflow into this file"),
        ("a.png", b"no picture at all", "has written no workflow into this file"),
        ("a.png", png({"prompt": '{"1": {}}'}), "Node 1 has no class_type"),
        ("a.png", png({"prompt": '{"1": {}}', "workflow": "{}"}), "Node 1 has no class_type"),
    ],
    ids=["plain", "no picture", "broken", "both broken"],
)
def test_a_file_without_a_workflow_says_so(name: str, data: bytes, says: str):
    read = read_bytes(name, data)
    assert (read.format, read.graph) == ("image", {})
    assert says in read.problems[0].text


# --- the folder


async def test_files_of_every_kind_lie_in_the_folder(tmp_path: Path):
    (tmp_path / "api.json").write_text(API)
    (tmp_path / "api.png").write_bytes(png({"prompt": API}))  # illustrates the one above
    (tmp_path / "drawn.json").write_text(UI)
    (tmp_path / "Picture.PNG").write_bytes(png({"workflow": UI}))
    (tmp_path / "Picture.toml").write_text('title = "By picture"')
    (tmp_path / "notes.txt").write_text("nothing")
    library = Library(tmp_path, "api")
    await library.load()
    assert library.names() == ("Picture", "api", "drawn")
    assert [each.name for each in library.enabled()] == ["api"]
    waiting = library.find("drawn")
    assert waiting is not None
    assert "once a server has answered" in waiting.needs[0]
    assert all(each.lacking for each in waiting.faults)
    await library.refresh(server())
    assert [each.name for each in library.enabled()] == ["Picture", "api", "drawn"]
    assert str(library.get("picture").title) == "By picture"
    assert [(each.severity, each.text) for each in library.get("api").problems] == [
        (Severity.NOTE, "api.png is left out, because api.json has the same name.")
    ]


async def test_a_drawn_workflow_is_converted_anew_when_the_server_changes(tmp_path: Path):
    (tmp_path / "drawn.json").write_text(UI)
    library = Library(tmp_path, "drawn")
    await library.load(server(KSampler=None))
    found = library.find("drawn")
    assert found is not None
    assert "KSampler" in found.needs[0]
    assert found.graph["6"]["inputs"]["samples"] == ["5", 0]
    await library.refresh(server())
    assert library.get("drawn").parameters["steps"].default == 20


def test_what_was_left_out_is_told_with_the_workflow(tmp_path: Path):
    document = drawn()
    document["nodes"].append({"id": 50, "type": "Label of a pack", "inputs": [], "outputs": []})
    (tmp_path / "drawn.json").write_text(json.dumps(document))
    (source,) = read_sources(tmp_path)
    workflow = build(source, server())
    assert workflow.enabled
    assert [each.text for each in workflow.problems] == [
        "Label of a pack is left out: it does nothing outside ComfyUI's page."
    ]


def test_endings():
    assert {
        ".json",
        ".png",
        ".webp",
        ".jpg",
        ".mp4",
        ".webm",
        ".mkv",
        ".flac",
        ".mp3",
        ".ogg",
        ".opus",
    } <= ENDINGS
