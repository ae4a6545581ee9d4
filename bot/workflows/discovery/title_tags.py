"""Marks made in ComfyUI itself: titles such as `$style`, and the nodes by which other tools are told of inputs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.workflows.discovery.meant import clean_name, literals, meant_place
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.parameter import ParameterType
from bot.workflows.model.problem import WorkflowProblem, caution

_TITLE = re.compile(r"(?:\$(?P<name>[^.]++)|input:(?P<called>\w++))(?:\.(?P<input>[\w. ]++))?")
_OUTPUT = re.compile(r"\s*\$?output\s*", re.IGNORECASE)
_TYPES = {
    "number": ParameterType.NUMBER,
    "number (integer)": ParameterType.INTEGER,
    "toggle": ParameterType.BOOLEAN,
    "text": ParameterType.TEXT,
    "prompt (positive)": ParameterType.TEXT,
    "prompt (negative)": ParameterType.TEXT,
    "choice": ParameterType.CHOICE,
}
"""What a parameter node may say of its type; `auto` and other words leave it to the input that is fed."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One place somebody gave a name to, and what else they said of it."""

    name: str
    place: Place
    type: ParameterType | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    choices: tuple[str, ...] = ()
    title: str = ""
    description: str = ""


@dataclass(slots=True)
class Marks:
    """The marks of a graph: what can be used, and why the rest cannot."""

    found: list[Mark] = field(default_factory=list[Mark])
    outputs: list[str] = field(default_factory=list[str])
    problems: list[WorkflowProblem] = field(default_factory=list[WorkflowProblem])


def read_marks(tracer: Tracer) -> Marks:
    """Return the marks of a graph. A mark without a use is a problem, never an error."""
    marks = Marks()
    live = set(tracer.live)
    for node in tracer.graph:
        title = str(tracer.graph[node].get("_meta", {}).get("title", ""))
        if _OUTPUT.fullmatch(title):
            _output(tracer, node, title, marks)
            continue
        for text, input_, mark in _marks_of(tracer, node, title):
            if node not in live:
                marks.problems.append(_unused(tracer, node, text))
            else:
                _add(tracer, node, text, input_, mark, marks)
    return marks


def _output(tracer: Tracer, node: str, title: str, marks: Marks) -> None:
    if tracer.is_output(node):
        marks.outputs.append(node)
    elif "$" in title:  # the bare word may be meant for the eye alone
        marks.problems.append(
            caution(
                "The node {mark} saves or shows nothing, so it cannot be the output: give that title to one that does.",
                at=node,
                mark=title.strip(),
            )
        )


def _marks_of(tracer: Tracer, node: str, title: str) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    """Yield what a node is called by its marks, the input they name, and what else they say."""
    if (found := _TITLE.fullmatch(title.strip())) is not None:
        yield found["name"] or found["called"], found["input"], {}
        return
    inputs = tracer.inputs(node)
    # Parameter nodes of other tools have one shape: a name somebody chose, and a value to start from.
    called = inputs.get("input_id", inputs.get("name"))
    starts = [name for name in inputs if name == "default" or name.startswith("default_")]
    if not isinstance(called, str) or not called.strip() or ("input_id" not in inputs and not starts):
        return
    if "input_id" not in inputs and not {"type", "default_image", "default_value"} & inputs.keys():
        return
    yield called, next(iter(starts), None), inputs


def _unused(tracer: Tracer, node: str, text: str) -> WorkflowProblem:
    return caution(
        "The mark {mark} is on a node that does not run, so it is no parameter: connect the node to an output.",
        at=node, mark=text.strip() or tracer.title(node),
    )  # fmt: skip


def _add(
    tracer: Tracer, node: str, text: str, input_: str | None, said: Mapping[str, Any], marks: Marks
) -> None:
    name = clean_name(text)
    if not name:
        marks.problems.append(
            caution(
                "The mark {mark} is no name for a parameter: use letters from a to z, digits and _.",
                at=node, mark=text.strip(),
            )
        )  # fmt: skip
        return
    place = meant_place(tracer, node, name, input_)
    if place is None:
        marks.problems.append(
            caution(
                "The mark {mark} does not say which input it means: write {example} with one of: {there}.",
                at=node, mark=text.strip(), example=f"${name}.input",
                there=", ".join(literals(tracer, node)) or "–",
            )
        )  # fmt: skip
        return
    earlier = next((each for each in marks.found if each.name == name), None)
    if earlier is not None and _kind(tracer, earlier.place) != _kind(tracer, place):
        marks.problems.append(
            caution(
                "The mark {mark} is on inputs of different types, so only the first counts: give them different names.",
                at=node, mark=text.strip(),
            )
        )  # fmt: skip
        return
    marks.found.append(_mark(name, place, said))


def _mark(name: str, place: Place, said: Mapping[str, Any]) -> Mark:
    options = said.get("options")
    lines = [line.strip() for line in re.split(r"[\n,]", options)] if isinstance(options, str) else []
    return Mark(
        name,
        place,
        _TYPES.get(str(said.get("type", ""))),
        _number(said.get("min", said.get("min_value"))),
        _number(said.get("max", said.get("max_value"))),
        tuple(dict.fromkeys(line.strip("[]\"' ") for line in lines if line.strip("[]\"' "))),
        _words(said.get("display_name")),
        _words(said.get("description")),
    )


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _words(value: object) -> str:
    return value.strip()[:200] if isinstance(value, str) else ""


def _kind(tracer: Tracer, place: Place) -> str:
    known = tracer.input(*place)
    upload = known.upload if known is not None else None
    kind = tracer.type_of(*place)
    return upload or ("INT" if kind == "FLOAT" else kind)
