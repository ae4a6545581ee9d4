"""Finding one of the server's files by what a person calls it."""

import re
from collections.abc import Sequence
from fnmatch import fnmatch

from rapidfuzz import fuzz, process, utils

from bot.workflows.graph.schema import ObjectInfo, looks_like_model_file
from bot.workflows.model.parameter import Parameter
from bot.workflows.model.workflow import Workflow

_SPECIAL = re.compile(
    r"refiner|inpaint|fill|svd|video|audio|ace[-_]?step|hunyuan|zero123|upscal|ltx|wan[-_.0-9]|flux|vae|clip|depth|"
    r"canny|lotus|stable[-_]cascade|kontext|edit",
    re.IGNORECASE,
)
_INPAINTING = re.compile(r"inpaint|fill", re.IGNORECASE)


def _folded(name: str) -> str:
    return name.replace("\\", "/").casefold().strip()


def _stem(name: str) -> str:
    folded = _folded(name)
    return folded.rsplit(".", 1)[0] if looks_like_model_file(folded) else folded


def _base(name: str) -> str:
    return _folded(name).rsplit("/", 1)[-1]


def _base_stem(name: str) -> str:
    return _stem(name).rsplit("/", 1)[-1]


def match_file(name: str, offered: Sequence[str]) -> str | None:
    """Return the offered file a name means: written exactly, or without folder, extension or capitals.

    A name that could mean several files means the first of them that is nearest to how it was written.
    """
    if name in offered:
        return name
    wanted, stem = _folded(name), _stem(name)
    for form, target in (
        (_folded, wanted),
        (_stem, stem),
        (_base, _base(name)),
        (_base_stem, _base_stem(name)),
    ):
        found = next((each for each in offered if form(each) == target), None)
        if found is not None:
            return found
    return None


def near_misses(name: str, offered: Sequence[str], *, limit: int = 3) -> tuple[str, ...]:
    """Return the offered names most like one, best first; empty when none is like it at all."""
    found = process.extract(
        name, offered, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=55
    )
    return tuple(each[0] for each in found)


def offered_files(
    parameter: Parameter, workflow: Workflow, info: ObjectInfo | None
) -> tuple[str, ...] | None:
    """Return what a choice or model parameter may be on a server: offered by every place it fills.

    `None` when nobody knows: the server's classes are unknown and the manifest lists nothing.
    """
    if parameter.closed:
        return tuple(str(choice.value) for choice in parameter.choices)
    offered: list[tuple[str, ...]] = []
    if info is not None:
        places = [(str(workflow.graph[node]["class_type"]), name) for node, name in parameter.targets]
        if parameter.name == "lora" and not places:
            places = [("LoraLoaderModelOnly", "lora_name"), ("LoraLoader", "lora_name")]
        offered = [found for place in places if (found := info.choices(*place)) is not None]
    if not offered:
        return tuple(str(choice.value) for choice in parameter.choices) or None
    also = [frozenset(each) for each in offered[1:]]
    return tuple(each for each in offered[0] if all(each in other for other in also))


def suitable_file(parameter: Parameter, offered: Sequence[str], own: object, *, inpaint: bool) -> str | None:
    """Return what `auto` stands for: the graph's own file if it is there, else the first suitable one.

    The manifest's patterns decide where there are any; otherwise files made for something special come last.
    """
    if (
        isinstance(own, str)
        and (found := match_file(own, offered)) is not None
        and looks_like_model_file(own)
    ):
        return found
    for pattern in parameter.auto:
        for each in offered:
            if fnmatch(_folded(each), pattern.casefold()):
                return each
    if parameter.auto:
        return None
    return min(offered, key=lambda each: _oddity(each, inpaint=inpaint), default=None)


def _oddity(name: str, *, inpaint: bool) -> int:
    if inpaint and _INPAINTING.search(name):
        return 0
    return 2 if _SPECIAL.search(name) else 1
