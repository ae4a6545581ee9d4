"""Which family of models a file of weights belongs to: a LoRA fits only models of its own family."""

import re
from collections.abc import Mapping

from bot.workflows.graph.graph import AnyGraph

_ARCHITECTURES = ("modelspec.architecture", "ss_base_model_version")
"""What trainers write into the header of a file, the likeliest first."""

_FAMILIES = (
    ("sdxl", r"sd[-_ ]?xl|diffusion-xl|pony|illustrious|noobai"),
    ("sd3", r"sd[-_ ]?3|diffusion-(?:v)?3"),
    ("sd2", r"sd[-_ ]?v?2|diffusion-v2|v2-1"),
    ("sd1", r"sd[-_ ]?v?1|diffusion-v1|v1-5"),
    ("flux", r"flux"),
    ("wan", r"wan[-_ ]?[0-9v]|wan-?video|^wan$"),
    ("hunyuan", r"hunyuan"),
    ("ltx", r"ltx"),
    ("qwen", r"qwen"),
    ("lumina", r"lumina"),
    ("chroma", r"chroma"),
    ("hidream", r"hidream"),
    ("z-image", r"z[-_]image"),
)
_PATTERNS = tuple((family, re.compile(f"(?<![a-z0-9])(?:{pattern})")) for family, pattern in _FAMILIES)
_LONGEST = 300
_ENCODERS = frozenset(
    {"wan", "flux", "hunyuan_video", "ltxv", "qwen_image", "lumina2", "chroma", "hidream", "sd3"}
)
"""What loaders of text encoders say of the model they are for."""


def family_in(metadata: Mapping[str, object]) -> str | None:
    """Return the family a file's own header tells; None where it tells none that is known here."""
    for name in _ARCHITECTURES:
        told = metadata.get(name)
        if isinstance(told, str) and (family := _family(told)) is not None:
            return family
    return None


def family_named(file: str) -> str | None:
    """Return the family that the name of a model's file tells; None where it tells none, or more than one."""
    base = file.replace("\\", "/").rsplit("/", 1)[-1].casefold()[:_LONGEST]
    found = {family for family, pattern in _PATTERNS if pattern.search(base)}
    return found.pop() if len(found) == 1 else None


def family_encoded(graph: AnyGraph) -> str | None:
    """Return the family that a graph's loaders of text encoders are set to; None where they say none or several."""
    told = {str(node["inputs"].get("type")) for node in graph.values()} & _ENCODERS
    families = {family for each in told if (family := _family(each)) is not None}
    return families.pop() if len(families) == 1 else None


def _family(told: str) -> str | None:
    text = told.casefold()[:_LONGEST]
    return next((family for family, pattern in _PATTERNS if pattern.search(text)), None)
