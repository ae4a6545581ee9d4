"""Tells the node table in the form of `/object_info`."""

from typing import Any

from bot.demo.comfyui.folders import Folders
from bot.demo.comfyui.nodes.spec import Input, Node

HIDDEN = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


def object_info(node: Node, folders: Folders, *, newest: bool) -> dict[str, Any]:
    """Return one class as the server describes it, with choices read now."""
    inputs: dict[str, dict[str, Any]] = {"required": shown(node.required, folders)}
    if node.optional:
        inputs["optional"] = shown(node.optional, folders)
    if node.metadata:
        inputs["hidden"] = dict(HIDDEN)
    info: dict[str, Any] = {
        "input": inputs,
        "input_order": {group: list(names) for group, names in inputs.items()},
        "output": list(node.outputs),
        "output_is_list": [False] * len(node.outputs),
        "output_name": list(node.output_names or node.outputs),
        "name": node.name,
        "display_name": node.display if node.display is not None or is_modern(node) else node.name,
        "description": "",
        "python_module": node.module,
        "category": node.category,
        "output_node": node.output_node,
    }
    if is_modern(node):
        info |= {"deprecated": False, "experimental": False, "api_node": False}
    if newest:
        info |= {"is_input_list": False, "has_intermediate_output": False, "search_aliases": []}
    return info


def shown(inputs: dict[str, Input], folders: Folders) -> dict[str, Any]:
    """Return a group of inputs."""
    return {name: given.info(folders) for name, given in inputs.items()}


def is_modern(node: Node) -> bool:
    """Tell whether the class is written the newer way, which may leave its display name out."""
    return node.display is None or any(given.modern for given in node.required.values())
