"""Texts that can do no harm wherever they get to, judged by what is in them; all in time linear in their length."""

import re
from collections.abc import Mapping
from typing import cast

from bot.workflows.graph.schema import looks_like_model_file
from bot.workflows.model.places import escapes, leaves_folder

_LONGEST_FORMULA = 300
_LONGEST_NAME = 300
_FORMULA = re.compile(r"[A-Za-z0-9_ \t\r\n+\-*/%&|^<>=!?:(),.]*")
_IN_FORMULA = re.compile(r"[A-Za-z_]\w*|\d+")
_FUNCTIONS = frozenset({
    "min", "max", "abs", "round", "floor", "ceil", "int", "float", "sqrt", "sum", "if", "else", "and", "or", "not",
})  # fmt: skip
_TOO_MUCH = ("**", "<<", "^")
_LONGEST_NUMBER = 12
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]\w{0,40}\}")
_MEDIA = re.compile(
    r"\.(png|jpe?g|webp|gif|bmp|tiff?|exr|mp4|webm|mkv|mov|avi|m4v|mp3|wav|flac|ogg|m4a|opus|glb|gltf|obj|fbx|stl|ply)"
    r"( \[(input|output|temp)\])?",
    re.IGNORECASE,
)
_LINE_KEYS = frozenset({"on", "lora", "strength", "strengthTwo", "strength_clip", "type"})


def is_file_in_folder(value: str) -> bool:
    """Tell whether a text is the plain name of a picture, film, sound or file of weights below a folder."""
    if len(value) > _LONGEST_NAME or not value.isprintable() or escapes(value):
        return False
    ending = _MEDIA.search(value)
    return looks_like_model_file(value) or (ending is not None and ending.end() == len(value))


def is_plain_name(value: str) -> bool:
    """Tell whether a text can name files to write without leading out of the folder they go to."""
    return len(value) <= _LONGEST_NAME and value.isprintable() and not (escapes(value) or _is_program(value))


def only_calculates(value: str) -> bool:
    """Tell whether a formula is short arithmetic on numbers: nothing that can grow without bounds or reach anything."""
    if len(value) > _LONGEST_FORMULA or _FORMULA.fullmatch(value) is None:
        return False
    if any(each in value for each in _TOO_MUCH) or re.search(r"\.\s*[A-Za-z_]", value):
        return False
    words = _IN_FORMULA.findall(value)
    return all(
        len(each) <= _LONGEST_NUMBER if each[0].isdigit() else len(each) == 1 or each in _FUNCTIONS
        for each in words
    )


def only_fills_in(value: str) -> bool:
    """Tell whether a template puts whole values in place of names, and does nothing else to them."""
    rest = _PLACEHOLDER.sub("", value)
    return "{" not in rest and "}" not in rest


def is_lora_line(value: object) -> bool:
    """Tell whether a value is a line of a loader of many LoRAs: a file, how strong, and whether it is on."""
    if not isinstance(value, Mapping):
        return False
    line = cast(Mapping[str, object], value)
    if not line.keys() <= _LINE_KEYS:
        return False
    file = line.get("lora")
    named = file is None or (isinstance(file, str) and (file in {"", "None"} or is_file_in_folder(file)))
    return named and all(
        isinstance(each, bool | int | float) or each is None for key, each in line.items() if key != "lora"
    )


def _is_program(value: str) -> bool:
    """Tell whether a name has the ending of something that is run or read as settings."""
    return leaves_folder(value.replace("\\", "/").rsplit("/", 1)[-1])
