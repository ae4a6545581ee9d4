"""What ComfyUI's own frontend made of workflows, and the places where ours differs on purpose."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.workflows import ObjectInfo
from tests.workflows.made import SHARED

PAIRS = "workflow-pairs"
CASES = "workflow-cases"

ONLY_SHOWN = {
    ("SaveGLB", "image"),
    ("Preview3D", "image"),
    ("RecordAudio", "audio"),
    ("ImageCompare", "compare_view"),
    ("LoadImageOutput", "refresh"),
}
"""Widgets that exist in the page only: the frontend posts them, no class knows them, every server ignores them."""

RENUMBERED = {
    "templates-photo_to_product_vid": {"27:31": "27:27"},
    "video_wan2_2_14B_s2v": {"85:182": "85:78", "85:183": "85:77", "85:184": "85:76"},
    "video_wan2_2_14B_s2v@t95": {"85:182": "85:78", "85:183": "85:77", "85:184": "85:76"},
    "42_sub_nested": {"10:11:1": "10:5:1"},
    "43_sub_nested_promoted": {"10:11:1": "10:5:1"},
    "44_sub_fanout": {"10:11": "10:3"},
}
"""Inner ids that the page gives anew when it loads a file, because the outer canvas has one alike; ours are the file's."""

DEAD = {
    "flux1_dev_uso_reference_image_gen": {"112:55:117", "112:55:118", "112:56:119", "112:56:120"},
}
"""What is inside a subgraph that somebody switched off, itself inside an active one: the page posts it all the same."""

DIFFERENT: Mapping[str, Mapping[tuple[str, str], Any]] = {
    # The list of files was still loading when the page was asked.
    "flux_kontext_dev_basic@t95": {("142", "image"): "Wan2.5-t2i-preview_00001_.png [output]"},
    # An old save without the value that says how the seed changes: the page shifts everything, we see that it is not there.
    "16_no_control_value": {
        ("3", "steps"): 20,
        ("3", "cfg"): 7.5,
        ("3", "sampler_name"): "euler",
        ("3", "scheduler"): "normal",
    },
    # The page draws one of {a|b} and strips comments when it posts; a bot keeps the text and draws for each run.
    "19_dynamic_prompt": {
        ("6", "text"): "a {red|red} cat // trailing comment\nnext /* block */ line \\{kept\\} http://x.y/z"
    },
    # The page knows Set/Get only with the pack's script; here they are followed by name.
    "26_getset_without_pack": {("3", "model"): ["4", 0]},
}
WITHOUT_CLASS = {
    "25_unknown_node": {"70": "SomeUnknownNode"},
    "26_getset_without_pack": {"80": None, "81": None},
}
"""Nodes that the page posts without a class, which no server can run: ours are named, or resolved and gone."""


@cache
def info(name: str) -> ObjectInfo:
    return ObjectInfo(json.loads((SHARED / name).read_text("utf-8")))


@cache
def samples() -> tuple[tuple[str, str, str], ...]:
    """Folder, name and the file of classes of every sample; none where the samples are not there."""
    if not SHARED.is_dir():
        return ()
    manifest = json.loads((SHARED / PAIRS / "MANIFEST.json").read_text("utf-8"))
    pairs = [(PAIRS, name, each["object_info"]) for name, each in manifest.items()]
    cases = sorted((SHARED / CASES).glob("*.ui.json"))
    return (*pairs, *((CASES, each.name[:-8], "object_info.v3.json") for each in cases))


@cache
def document(folder: str, name: str) -> dict[str, Any]:
    return json.loads((SHARED / folder / f"{name}.ui.json").read_text("utf-8"))


def frontend(folder: str, name: str) -> dict[str, Any]:
    """The graph that the frontend made, with the named differences put right."""
    graph = json.loads((SHARED / folder / f"{name}.api.json").read_text("utf-8"))
    for id_, class_ in WITHOUT_CLASS.get(name, {}).items():
        node = graph.pop(id_)
        if class_ is not None:
            inputs = {key: each for key, each in node["inputs"].items() if not key.startswith("UNKNOWN")}
            graph[id_] = {"class_type": class_, "inputs": inputs}
    for id_ in DEAD.get(name, ()):
        del graph[id_]
    for (id_, key), value in DIFFERENT.get(name, {}).items():
        assert graph[id_]["inputs"][key] != value, "no longer different"
        graph[id_]["inputs"][key] = value
    return plain(renumbered(graph, RENUMBERED.get(name, {})))


def renumbered(graph: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    for node in graph.values():
        for key, value in node["inputs"].items():
            if isinstance(value, list) and value[0] in ids:
                node["inputs"][key] = [ids[value[0]], value[1]]
    return {ids.get(id_, id_): node for id_, node in graph.items()}


def plain(graph: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A graph without what no server reads, telling 1 from True; untitled nodes are called by translations in the page."""
    return {
        id_: (
            node["class_type"],
            {
                key: (isinstance(value, bool), value)
                for key, value in node["inputs"].items()
                if (node["class_type"], key) not in ONLY_SHOWN
            },
        )
        for id_, node in graph.items()
    }
