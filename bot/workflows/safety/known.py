"""Which node classes are ComfyUI's own, whose the others are, and which inputs somebody has looked at already."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from bot.workflows.graph.schema import NodeSchema

COMFYUI = "ComfyUI"
"""What is said in place of a pack's name for the classes that come with ComfyUI itself."""
NO_PACK = "?"
"""What is said where a server does not tell from which pack a class comes."""
EVERY_INPUT = "*"

_CORE_MODULES = ("comfy_extras.", "comfy_api_nodes.")
_EVALUATING = frozenset({
    ("RegexMatch", "regex_pattern"), ("RegexExtract", "regex_pattern"), ("RegexReplace", "regex_pattern"),
    ("ComfyMathExpression", "expression"), ("GLSLShader", "fragment_shader"), ("StringFormat", "f_string"),
})  # fmt: skip
_NAMING_FILES = frozenset({
    ("SaveLoRA", "prefix"), ("SaveLoRANode", "prefix"), ("Painter", "mask"), ("WebcamCapture", "image"),
    ("RecordAudio", "audio"), ("Load3D", "image"), ("Load3DAnimation", "image"), ("Load3DAdvanced", "viewport_state"),
})  # fmt: skip
_SHOWING_FILES = frozenset({("Preview3D", "model_file"), ("Preview3DAnimation", "model_file")})
_ALWAYS_NAMING_FILES = frozenset({"filename_prefix", "folder_name", "model_file"})


@cache
def core_classes() -> frozenset[str]:
    """Return the classes that ComfyUI itself has had, as recorded from its releases; reads a file the first time."""
    return frozenset(_data("core_classes.txt").split("\n")) - {""}


@cache
def _reviewed() -> Mapping[tuple[str, str], frozenset[str]]:
    packs = tomllib.loads(_data("reviewed_inputs.toml"))
    return {
        (_folded(pack), class_type): frozenset(cast("list[str]", inputs))
        for pack, classes in packs.items()
        for class_type, inputs in cast("Mapping[str, object]", classes).items()
    }


def is_core(class_type: str, schema: NodeSchema | None) -> bool:
    """Tell whether a class is ComfyUI's own: its server says so, and it is one of those we know.

    Where there is no server to ask, and on servers too old to tell, its name alone decides.
    """
    if class_type not in core_classes():
        return False
    module = schema.module if schema is not None else ""
    return module in {"", "nodes"} or module.startswith(_CORE_MODULES)


def pack_of(class_type: str, schema: NodeSchema | None) -> str:
    """Return the name of the pack a class comes from: its folder below `custom_nodes`."""
    if is_core(class_type, schema):
        return COMFYUI
    module = schema.module if schema is not None else ""
    return module.removeprefix("custom_nodes.") or NO_PACK


def is_reviewed(pack: str | None, class_type: str, name: str) -> bool:
    """Tell whether any text is harmless in an input of a pack's class, as somebody found who read its code.

    `None` for the pack means any: there is no server to ask.
    """
    if pack is None:
        return any(name in inputs for (_, each), inputs in _reviewed().items() if each == class_type)
    inputs = _reviewed().get((_folded(pack), class_type), frozenset[str]())
    return name in inputs or EVERY_INPUT in inputs


def is_reviewed_name(pack: str | None, class_type: str, name: str) -> bool:
    """Tell whether the plain name of a file is harmless in an input of a pack's class; asks as `is_reviewed`."""
    return is_reviewed(pack, class_type, f"name:{name}")


def evaluates(class_type: str, name: str) -> bool:
    """Tell whether a class of ComfyUI's own carries out what a text says: a pattern, a formula, a shader."""
    return (class_type, name) in _EVALUATING


def names_files(class_type: str, name: str) -> bool:
    """Tell whether an input of a class of ComfyUI's own is the name of a file or folder in plain text."""
    return name.rsplit(".", 1)[-1] in _ALWAYS_NAMING_FILES or (class_type, name) in _NAMING_FILES


def only_shows(class_type: str, name: str) -> bool:
    """Tell whether a class of ComfyUI's own does no more with a file's name than to pass it to whoever looks."""
    return (class_type, name) in _SHOWING_FILES


def _folded(pack: str) -> str:
    """Return a pack's folder as everybody's copy of it is called: without capitals and the name of a branch."""
    return re.sub(r"-(main|master)$", "", pack.casefold().replace("_", "-"))


def _data(name: str) -> str:
    return (files("bot.workflows") / "data" / name).read_text("utf-8")
