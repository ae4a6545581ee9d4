"""The parameters a graph has without anybody writing a manifest."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.workflows.discovery.collect import Find
from bot.workflows.discovery.describe import STANDARD, default_value, describe, inserted_lora, parameter_at
from bot.workflows.discovery.find import find_places
from bot.workflows.discovery.outputs import find_outputs
from bot.workflows.discovery.title_tags import Mark, read_marks
from bot.workflows.discovery.weights import weight_inputs
from bot.workflows.graph.graph import AnyGraph
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.parameter import Choice, Parameter, ParameterType
from bot.workflows.model.problem import WorkflowProblem
from bot.workflows.model.standard import split_name, standard_order, standard_title
from bot.workflows.model.values import LocalText, english
from bot.workflows.model.workflow import OutputNode

_MAXIMUM_PARAMETERS = 200


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found in a graph."""

    parameters: Mapping[str, Parameter]
    outputs: tuple[OutputNode, ...]
    problems: tuple[WorkflowProblem, ...] = ()
    """Marks in the graph that cannot be used."""
    words: frozenset[Place] = frozenset()
    """The inputs that a person's words were found to be for, whatever anything in the file says of them."""


def discover(graph: AnyGraph, info: ObjectInfo | None) -> Discovery:
    """Return the parameters and outputs of a graph; works worse, but works, without knowing its classes.

    Targets are always literals: an input that is linked is never one.
    """
    tracer = Tracer(graph, info)
    finds, chains, words = find_places(tracer)
    by_name: dict[str, dict[object, list[Find]]] = defaultdict(lambda: defaultdict(list))
    for find in finds:
        by_name[find.name][_key(find.group)].append(find)
    parameters: list[Parameter] = []
    for base, groups in by_name.items():
        for number, group in enumerate(groups.values(), start=1):
            parameters.append(describe(tracer, base, number, group))
    if "lora" not in by_name and _can_take_loras(tracer, chains):
        parameters.append(inserted_lora(info))
    marks = read_marks(tracer)
    named = {each.name: each for each in _marked(tracer, parameters, marks.found)}
    ordered = sorted(named.values(), key=lambda each: standard_order(each.name))[:_MAXIMUM_PARAMETERS]
    outputs = find_outputs(tracer)
    delivered = tuple(each for each in outputs if each.node in marks.outputs)
    return Discovery(
        {each.name: each for each in ordered}, delivered or outputs, tuple(marks.problems), words
    )


def _marked(tracer: Tracer, found: Sequence[Parameter], marks: Sequence[Mark]) -> Iterator[Parameter]:
    """Yield what was found without the places that are marked, and what the marks make of those."""
    owner = {place: each for each in found for place in each.targets}
    taken = {mark.place for mark in marks}
    names = {mark.name for mark in marks}
    for each in found:
        left = tuple(place for place in each.targets if place not in taken)
        if each.name not in names and (left or not each.targets):
            yield replace(each, targets=left)
    by_name: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_name[mark.name].append(mark)
    for name, alike in by_name.items():
        places = tuple(dict.fromkeys(mark.place for mark in alike))
        known = owner.get(places[0])
        base = split_name(name)[0]
        if known is None or (base in STANDARD and split_name(known.name)[0] != base):
            known = parameter_at(tracer, name, places)
        yield _as_marked(replace(known, name=name, targets=places), alike[0])


def _as_marked(parameter: Parameter, mark: Mark) -> Parameter:
    """Return a parameter with what its mark says of it."""
    changes: dict[str, Any] = {"reason": f"marked: {parameter.reason}"}
    if mark.type is not None and parameter.type in {ParameterType.TEXT, ParameterType.CHOICE}:
        changes["type"] = mark.type
        changes["default"] = default_value(parameter.default, mark.type)
    if mark.title or not standard_title(mark.name):
        changes["title"] = english(mark.title or mark.name)
    if mark.description:
        changes["description"] = english(mark.description)
    if changes.get("type", parameter.type).is_numeric and _is_range(mark.minimum, mark.maximum):
        changes |= {"minimum": mark.minimum, "maximum": mark.maximum}
    if mark.choices:
        changes |= {"type": ParameterType.CHOICE, "closed": True,
                    "choices": tuple(Choice(each, LocalText()) for each in mark.choices)}  # fmt: skip
    return replace(parameter, **changes)


def _key(group: object) -> object:
    try:
        hash(group)
    except TypeError:
        return repr(group)
    return (type(group).__name__, group) if isinstance(group, str) else group


def _can_take_loras(tracer: Tracer, chains: Sequence[Sequence[str]]) -> bool:
    info = tracer.info
    if info is not None and not ("LoraLoader" in info or "LoraLoaderModelOnly" in info):
        return False
    return any(weight_inputs(tracer, chain[-1]) for chain in chains)


def _is_range(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low < high
