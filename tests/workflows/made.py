"""Workflows and a server's classes for the tests of this folder."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from bot.workflows import BindLimits, ObjectInfo, Workflow, check_graph, read_manifest
from bot.workflows.library.library import build
from bot.workflows.library.sources import Source, read_source

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHIPPED = ROOT / "workflows"
SHARED = ROOT.parent / "shared" / "data"
LIMITS = BindLimits()


@cache
def raw_info() -> dict[str, Any]:
    return json.loads((HERE / "object_info.json").read_text("utf-8"))


def server(**without: Any) -> ObjectInfo:
    """The server of the fixture; a keyword replaces a class, `None` takes it away."""
    if not without:
        return _plain()
    raw = deepcopy(raw_info())
    for name, value in without.items():
        if value is None:
            del raw[name]
        else:
            raw[name] = value
    return ObjectInfo(raw)


@cache
def _plain() -> ObjectInfo:
    return ObjectInfo(raw_info())


def with_files(class_type: str, input_: str, *files: str) -> ObjectInfo:
    """The server of the fixture with other files to offer."""
    raw = deepcopy(raw_info())
    raw[class_type]["input"]["required"][input_] = [list(files), {}]
    return ObjectInfo(raw)


def shipped(name: str, info: ObjectInfo | None = None) -> Workflow:
    return build(read_source(SHIPPED / f"{name}.json"), info or server())


def node(class_type: str, title: str | None = None, **inputs: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"class_type": class_type, "inputs": inputs}
    if title:
        made["_meta"] = {"title": title}
    return made


def workflow(
    graph: dict[str, Any], toml: str = "", info: ObjectInfo | None = None, name: str = "made"
) -> Workflow:
    manifest = read_manifest(toml.encode(), f"{name}.toml")
    return build(Source(name, check_graph(graph), manifest), info or server())


def basic(**changes: dict[str, Any]) -> dict[str, Any]:
    """A plain text-to-image graph; a keyword adds or replaces a node (`n5=` is node 5)."""
    graph = {
        "1": node("CheckpointLoaderSimple", ckpt_name="dreamy_v8.safetensors"),
        "2": node("CLIPTextEncode", "Words", text="a fox", clip=["1", 1]),
        "3": node("CLIPTextEncode", "Not these", text="blurry", clip=["1", 1]),
        "4": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "5": node(
            "KSampler", seed=7, steps=20, cfg=7, sampler_name="euler", scheduler="normal", denoise=1.0,
            model=["1", 0], positive=["2", 0], negative=["3", 0], latent_image=["4", 0],
        ),
        "6": node("VAEDecode", samples=["5", 0], vae=["1", 2]),
        "7": node("SaveImage", "Save", filename_prefix="x", images=["6", 0]),
    }  # fmt: skip
    return graph | {key.removeprefix("n"): value for key, value in changes.items()}


def with_loras(*files: str) -> dict[str, Any]:
    """The plain graph with LoRA loaders between the checkpoint and its users."""
    graph = basic()
    model, clip = ["1", 0], ["1", 1]
    for number, file in enumerate(files, start=1):
        graph[f"L{number}"] = node(
            "LoraLoader", lora_name=file, strength_model=0.7, strength_clip=0.7, model=model, clip=clip
        )
        model, clip = [f"L{number}", 0], [f"L{number}", 1]
    graph["2"]["inputs"]["clip"] = graph["3"]["inputs"]["clip"] = clip
    graph["5"]["inputs"]["model"] = model
    return graph


def drawn(graph: dict[str, Any] | None = None) -> dict[str, Any]:
    """A graph of known classes as ComfyUI saves it; the plain one when none is given."""
    nodes: list[dict[str, Any]] = []
    links: list[list[Any]] = []
    for id_, each in (graph or basic()).items():
        inputs: list[dict[str, Any]] = []
        values: list[Any] = []
        sections = raw_info()[each["class_type"]]["input"]
        for name in (name for section in ("required", "optional") for name in sections.get(section, {})):
            value = each["inputs"].get(name)
            if isinstance(value, list):
                links.append([len(links) + 1, int(value[0]), value[1], int(id_), len(inputs), "*"])
                inputs.append({"name": name, "type": "*", "link": len(links)})
            elif value is not None:
                values += [value, "randomize"] if name == "seed" else [value]
        made = {"id": int(id_), "type": each["class_type"], "mode": 0, "order": len(nodes), "inputs": inputs}
        title = each.get("_meta", {}).get("title")
        nodes.append(made | {"widgets_values": values, "outputs": []} | ({"title": title} if title else {}))
    return {"nodes": nodes, "links": links, "version": 0.4, "last_node_id": 99}
