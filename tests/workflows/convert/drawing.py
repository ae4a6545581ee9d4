"""Small documents in UI format and the classes they use, written as briefly as a test wants them."""

from collections.abc import Sequence
from typing import Any

from bot.workflows import ObjectInfo
from bot.workflows.convert import Conversion, convert

MUTED, BYPASSED = 2, 4
PATIENCE = 5.0
"""Seconds of computing that a conversion may take in a test: a third of one is the most, but watching coverage slows it."""
Wire = tuple[str, str]
"""Where an input comes from: a node and the number of its output, as `4:0`; and the type."""


def klass(required: dict[str, Any], outputs: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    optional = more.pop("optional", {})
    return {
        "input": {"required": required, "optional": optional},
        "input_order": {"required": list(required), "optional": list(optional)},
        "output": list(outputs),
        "output_name": list(outputs),
        "output_node": not outputs,
        "display_name": more.pop("title", None),
        "python_module": "nodes",
        **more,
    }


SEED = ["INT", {"default": 0, "min": 0, "max": 2**64 - 1}]
TEXT = ["STRING", {"multiline": True}]
CLASSES: dict[str, Any] = {
    "Load": klass({"file": [["a.safetensors", "b.safetensors"]]}, ["MODEL", "CLIP", "VAE"], title="Load it"),
    "Lora": klass(
        {"model": ["MODEL"], "lora": [["l.pt"]], "strength": ["FLOAT", {"default": 1.0}]}, ["MODEL"]
    ),
    "Encode": klass({"text": TEXT, "clip": ["CLIP"]}, ["CONDITIONING"]),
    "Sample": klass(
        {
            "model": ["MODEL"],
            "seed": SEED,
            "steps": ["INT", {"default": 20, "min": 1}],
            "cfg": ["FLOAT", {"default": 8.0}],
            "sampler": [["euler", "ddim"]],
            "positive": ["CONDITIONING"],
        },
        ["IMAGE"],
    ),
    "Any": klass({"source": ["*"]}),
    "Picture": klass({"image": [["p.png"], {"image_upload": True}], "mode": [["x", "y"]]}, ["IMAGE", "MASK"]),
    "Save": klass({"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "out"}]}),
    "Join": klass({"a": ["CONDITIONING"], "b": ["CONDITIONING"]}, ["CONDITIONING"]),
    "Number": klass({"value": ["INT", {"control_after_generate": True}]}, ["INT"]),
    "Pick": klass(
        {"choice": ["COMBO", {"options": ["m", "n"], "control_after_generate": True}], "after": ["INT"]}
    ),
    "Plain": klass(
        {
            "whole": ["INT", {"min": 3}],
            "real": ["FLOAT", {}],
            "yes": ["BOOLEAN"],
            "words": ["STRING", {"default": None}],
            "first": [["one", "two"]],
            "empty": [[]],
            "odd": ["THING", {"default": 3}],
            "shaped": ["FLOAT,INT", {"widgetType": "FLOAT", "default": 2}],
        }
    ),
    "Forced": klass({"text": ["STRING", {"forceInput": True}], "a": ["INT"], "b": ["INT"]}),
    "Grow": klass(
        {"images": ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"image": ["IMAGE", {}]}}}}]},
        ["IMAGE"],
    ),
    "Dynamic": klass(
        {
            "how": [
                "COMFY_DYNAMICCOMBO_V3",
                {
                    "options": [
                        {"key": "size", "inputs": {"required": {"width": ["INT", {}], "seed": ["INT", {}]}}},
                        {
                            "key": "deep",
                            "inputs": {
                                "required": {
                                    "sub": [
                                        "COMFY_DYNAMICCOMBO_V3",
                                        {
                                            "options": [
                                                {"key": "k", "inputs": {"required": {"x": ["FLOAT", {}]}}}
                                            ]
                                        },
                                    ]
                                }
                            },
                        },
                    ]
                },
            ],
            "after": ["INT", {"default": 7}],
        }
    ),
    "Pack": klass({"rate": ["INT", {"default": 8}], "images": ["IMAGE"]}, python_module="custom_nodes.pack"),
    "Custom": klass({"choice": ["COMBO", {"options": []}]}, ["STRING"]),
    "Anywhere": klass({"anything": ["*"]}, output_node=False, python_module="custom_nodes.everywhere"),
}


def info(**more: Any) -> ObjectInfo:
    return ObjectInfo(CLASSES | more)


class Drawing:
    """One canvas being drawn."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.links: list[list[Any]] = []
        self.inputs: list[dict[str, Any]] = []
        self.outputs: list[dict[str, Any]] = []

    def add(
        self,
        id_: int,
        type_: str,
        values: Any = None,
        *,
        mode: int = 0,
        outputs: Sequence[str] | None = None,
        widgets: Sequence[str] = (),
        wires: dict[str, str] | None = None,
        **more: Any,
    ) -> "Drawing":
        """Put a node there; `wires` names its inputs and where they come from: `4:0 MODEL`, or only a type."""
        given = CLASSES[type_]["output"] if outputs is None and type_ in CLASSES else outputs or ()
        inputs: list[dict[str, Any]] = []
        for name, wire in (wires or {}).items():
            source, _, kind = wire.rpartition(" ")
            made: dict[str, Any] = {"name": name, "type": kind, "link": None}
            if name in widgets:
                made["widget"] = {"name": name}
            if source:
                node, slot = source.split(":")
                made["link"] = len(self.links) + 1
                self.links.append([made["link"], int(node), int(slot), id_, len(inputs), kind])
            inputs.append(made)
        self.nodes.append(
            {
                "id": id_,
                "type": type_,
                "mode": mode,
                "order": len(self.nodes),
                "inputs": inputs,
                "outputs": [{"name": each, "type": each, "links": []} for each in given],
                "properties": more.pop("properties", {}),
                "widgets_values": values,
                **more,
            }
        )
        return self

    def lead(self, source: str, slot: int, kind: str) -> "Drawing":
        """Lead an inner output to an output of the subgraph."""
        node, given = source.split(":")
        self.links.append([len(self.links) + 1, int(node), int(given), -20, slot, kind])
        return self

    def document(self, *subgraphs: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "nodes": self.nodes,
            "links": self.links,
            "version": 0.4,
            "extra": more.pop("extra", {}),
            "definitions": {"subgraphs": list(subgraphs)},
            **more,
        }

    def subgraph(self, id_: str, inputs: dict[str, str], outputs: dict[str, str]) -> dict[str, Any]:
        keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        return {
            "id": id_,
            "name": id_,
            "inputs": [{"name": name, "type": kind} for name, kind in inputs.items()],
            "outputs": [{"name": name, "type": kind} for name, kind in outputs.items()],
            "nodes": self.nodes,
            "links": [dict(zip(keys, row, strict=True)) for row in self.links],
        }


def made(drawing: Drawing, *subgraphs: dict[str, Any], **more: Any) -> Conversion:
    return convert(drawing.document(*subgraphs, **more), info())


def inputs(conversion: Conversion, id_: str) -> dict[str, Any]:
    return conversion.graph[id_]["inputs"]
