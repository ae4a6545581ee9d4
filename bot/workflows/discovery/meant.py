"""Which input a mark means: the one it names, a node's only one, or what its flags make likeliest."""

import re
from collections.abc import Sequence

from bot.workflows.graph.graph import is_link
from bot.workflows.graph.literals import literal
from bot.workflows.graph.schema import looks_like_model_file
from bot.workflows.graph.trace import Place, Tracer

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_FURTHEST = 20
_FLOWING = ("IMAGE", "MASK", "VIDEO", "AUDIO")
_UPLOADS = frozenset({"image", "video", "audio"})
_KINDS = ("upload", "text", "called", "file", "seed")
"""By what the input that a mark means is known among several, in this order."""
_CALLED = frozenset({"value", "text", "prompt", "string"})


def clean_name(text: str) -> str:
    """Return a name as parameters have them, empty where nothing of it can be used."""
    name = re.sub(r"[^a-z0-9]+", "_", text.strip().lower()).strip("_")[:32].rstrip("_")
    return name if _NAME.fullmatch(name) else ""


def literals(tracer: Tracer, node: str) -> list[str]:
    """Return the inputs of a node that hold plain values."""
    return [
        name
        for name, value in tracer.inputs(node).items()
        if isinstance(value, str | int | float) and not is_link(value)
    ]


def meant_place(tracer: Tracer, node: str, name: str, input_: str | None) -> Place | None:
    """Return where the value stands that a mark on a node is to set, `None` where that cannot be told."""
    inputs = tracer.inputs(node)
    if input_ is not None:
        wanted = next((each for each in inputs if each.casefold() == input_.strip().casefold()), None)
        return _behind(tracer, node, wanted) if wanted is not None else None
    if "input_id" in inputs:
        return None
    there = literals(tracer, node)
    meant = _meant(tracer, node, name, there)
    if meant is not None:
        return node, meant
    if not there:
        linked = [place for each in inputs if (place := literal(tracer, node, each)) is not None]
        return linked[0] if len(set(linked)) == 1 else None
    return None


def _behind(tracer: Tracer, node: str, input_: str) -> Place | None:
    """Return where the value of an input stands; for a picture, the file that is loaded for it."""
    if (place := literal(tracer, node, input_)) is not None:
        return place
    link = tracer.link(node, input_)
    for each in tracer.upstream(link[0], *_FLOWING)[:_FURTHEST] if link else ():
        for name in literals(tracer, each):
            known = tracer.input(each, name)
            if (known is not None and known.upload is not None) or (known is None and name in _UPLOADS):
                return each, name
    return None


def _meant(tracer: Tracer, node: str, name: str, there: Sequence[str]) -> str | None:
    """Return the input a mark most likely means: its only one, the one of its name, else by what is flagged."""
    if len(there) == 1:
        return there[0]
    alike = [each for each in there if each == name or clean_name(each).startswith(name)]
    if len(alike) == 1 or name in alike:
        return name if name in alike else alike[0]
    for kind in _KINDS:
        found = [each for each in there if _is(kind, tracer, node, each, name)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _is(kind: str, tracer: Tracer, node: str, each: str, name: str) -> bool:
    match kind:
        case "text":
            return _flag(tracer, node, each, "multiline") or _flag(tracer, node, each, "dynamic_prompts")
        case "called":
            return each in _CALLED
        case "file":
            return looks_like_model_file(tracer.value((node, each)))
        case "seed":
            return "seed" in name and _flag(tracer, node, each, "seed")
        case _:
            return _flag(tracer, node, each, kind)


def _flag(tracer: Tracer, node: str, name: str, flag: str) -> bool:
    known = tracer.input(node, name)
    return known is not None and bool(getattr(known, flag))
