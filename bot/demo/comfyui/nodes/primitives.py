"""Nodes that hold one plain value."""

from bot.demo.comfyui.nodes.spec import Node, real, switch, text, whole
from bot.demo.comfyui.values import Inputs, Outcome, Surroundings

FAR = 2**63 - 1


def value(around: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["value"],))


CATEGORY, MODULE = "utils/primitive", "comfy_extras.nodes_primitive"
NODES = (
    Node(
        "PrimitiveString", value, {"value": text(multiline=False)}, ("STRING",), CATEGORY, "String", module=MODULE
    ),
    Node(
        "PrimitiveStringMultiline", value, {"value": text(multiline=True)},
        ("STRING",), CATEGORY, "String (Multiline)", module=MODULE,
    ),
    Node(
        "PrimitiveInt", value, {"value": whole(None, -FAR, FAR, None, control_after_generate=True)},
        ("INT",), CATEGORY, "Int", module=MODULE,
    ),
    Node(
        "PrimitiveFloat", value, {"value": real(None, -FAR, FAR, None)},
        ("FLOAT",), CATEGORY, "Float", module=MODULE,
    ),
    Node("PrimitiveBoolean", value, {"value": switch(None)}, ("BOOLEAN",), CATEGORY, "Boolean", module=MODULE),
)  # fmt: skip
