import json
from pathlib import Path
from typing import Any

import pytest

from bot.demo.comfyui.folders import Folders
from bot.demo.comfyui.nodes import NODES
from bot.demo.comfyui.objectinfo import object_info
from tests.demo.comfyui.conftest import TRACES, Talk

RECORDED = TRACES.parent / "object_info.models.json"


def without_choices(info: list[Any]) -> Any:
    """An input without hints and the files of one machine."""
    kind, options = info[0], dict(info[1]) if len(info) > 1 else {}
    options.pop("tooltip", None)
    if "options" in options:
        options["options"] = "some"
    return ["some" if isinstance(kind, list) else kind, options]


def test_every_class_is_described_like_the_recorded_one(tmp_path: Path) -> None:
    if not RECORDED.is_file():
        pytest.skip("the recorded object_info is not beside this repository")
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    folders = Folders(tmp_path)
    folders.make()
    for name, node in NODES.items():
        mine, known = object_info(node, folders, newest=False), recorded[name]
        assert mine.keys() <= known.keys() | {"description", "deprecated", "experimental", "api_node"}, name
        for key in (
            "output",
            "output_is_list",
            "output_name",
            "output_node",
            "name",
            "display_name",
            "category",
        ):
            assert mine[key] == known[key], (name, key)
        for group in ("required", "optional"):
            wanted = known["input"].get(group, {})
            given = mine["input"].get(group, {})
            assert list(given) == list(wanted), (name, group)
            for field in wanted:
                assert without_choices(given[field]) == without_choices(wanted[field]), (name, field)


def test_fixed_choices_are_the_recorded_ones(tmp_path: Path) -> None:
    if not RECORDED.is_file():
        pytest.skip("the recorded object_info is not beside this repository")
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    for name, node in NODES.items():
        for field, given in node.required.items():
            newer = field == "type" and name in {"CLIPLoader", "DualCLIPLoader"}
            if given.choices is None or newer:
                continue
            kind = recorded[name]["input"]["required"][field]
            wanted = kind[0] if isinstance(kind[0], list) else kind[1]["options"]
            assert list(given.choices) == wanted, (name, field)


async def test_info_routes_answer_in_both_combo_styles(talk: Talk) -> None:
    _, everything = await talk.get("/object_info")
    assert everything.keys() == NODES.keys()
    _, one = await talk.get("/api/object_info/CheckpointLoaderSimple")
    assert "demo-painter.safetensors" in one["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0]
    _, one = await talk.get("/object_info/UpscaleModelLoader")
    kind, options = one["UpscaleModelLoader"]["input"]["required"]["model_name"]
    assert (kind, options["options"]) == ("COMBO", ["demo-2x.pth", "demo-4x.pth"])
    assert (await talk.get("/object_info/Nope"))[1] == {}
    assert "loras" in (await talk.get("/models"))[1]
    assert len((await talk.get("/models/loras"))[1]) == 2
    assert (await talk.get("/models/nope"))[0] == 404
    assert (await talk.get("/embeddings"))[1] == ["demo-negative"]
    assert (await talk.get("/features"))[1]["max_upload_size"] == 104857600
    assert (await talk.get("/system_stats"))[1]["system"]["comfyui_version"].startswith("0.38")
