"""Put a request's values into a copy of a workflow's graph."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from bot.workflows.binding.accept import accept
from bot.workflows.binding.follow import follow_size, follow_steps
from bot.workflows.binding.lorachain import put_loras
from bot.workflows.binding.masks import put_masks
from bot.workflows.binding.models import resolve_model
from bot.workflows.binding.refusals import missing, refuse_dangers, refuse_unknown
from bot.workflows.binding.size import chosen_aspect, resolve_size
from bot.workflows.graph.files import offered_files
from bot.workflows.graph.graph import Graph
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.parameter import AUTO, Parameter, ParameterType
from bot.workflows.model.standard import split_name
from bot.workflows.model.values import DRAWN_SEED_MAXIMUM, Value
from bot.workflows.model.workflow import ASPECT, Workflow
from bot.workflows.prompts.prompt_resolution import draw_rest


@dataclass(frozen=True, slots=True)
class BindLimits:
    """The caps that apply where a manifest sets none."""

    count: int = 4
    pixels: int = 2_200_000
    steps: int = 60
    batch: int | None = None
    """The most pictures at once where those are the frames of one film; else as many as `count`."""

    def cap(self, name: str) -> int | float | None:
        """Return the most a parameter of this name may be, whatever its own range; `None` where nothing caps it."""
        batch = self.count if self.batch is None else self.batch
        caps = {"steps": self.steps, "batch": batch, "megapixels": self.pixels / 1_000_000}
        return caps.get(split_name(name)[0])


@dataclass(frozen=True, slots=True)
class Bound:
    """A graph ready to send, and every value that went into it."""

    graph: dict[str, dict[str, Any]]
    values: Mapping[str, Value]
    """Everything resolved: defaults, the model `auto` stands for, the size an aspect made (in place of it).

    Bound again, they give the same graph.
    """


def draw_seed(random: Random) -> int:
    """Draw a seed that a person can type again: 0 … 2^53-1."""
    return random.randint(0, DRAWN_SEED_MAXIMUM)


def bind(
    workflow: Workflow, values: Mapping[str, Value], info: ObjectInfo | None = None, *, limits: BindLimits
) -> Bound:
    """Return a fresh graph with the values in place; raises `UserError` naming the parameter and what is allowed.

    The workflow's own graph is never changed. Values of files are names in ComfyUI's input folder, as uploads
    return them; a mask is a picture whose white parts are to be made anew. A seed that is not given stays the
    one in the file: draw one first.
    """
    return _Binding(workflow, info, effective_limits(workflow, limits)).run(values)


def effective_limits(workflow: Workflow, limits: BindLimits) -> BindLimits:
    """Return what caps a workflow: its own limits where its manifest sets them."""
    own = workflow.limits
    count = own.count if own.count is not None else limits.count
    frames = workflow.parameters["batch"].default if workflow.frames_are_a_batch else None
    return BindLimits(
        count,
        own.pixels if own.pixels is not None else limits.pixels,
        own.steps if own.steps is not None else limits.steps,
        max(count, frames) if isinstance(frames, int) else None,
    )


class _Binding:
    """One binding on its way: the graph copy and the values resolved so far."""

    def __init__(self, workflow: Workflow, info: ObjectInfo | None, limits: BindLimits) -> None:
        self._workflow = workflow
        self._info = info
        self._limits = limits
        self._graph: Graph = deepcopy(dict(workflow.graph))
        self._values: dict[str, Value] = {}

    def run(self, given: Mapping[str, Value]) -> Bound:
        refuse_unknown(self._workflow, given)
        for parameter in self._workflow.parameters.values():
            if parameter.name != "lora":
                self._resolve(parameter, given)
        self._caps()
        self._size(given)
        tracer = Tracer(self._workflow.graph, self._info)
        self._write()
        self._follow(tracer)
        put_masks(
            self._graph,
            [p for p in self._workflow.parameters.values() if p.name in given],
            self._values,
            tracer,
        )
        loras = put_loras(self._workflow, self._graph, self._info, given)
        if loras is not None:
            self._values["lora"] = loras
        self._name_files()
        # Texts are judged as the operator saw them, before choices in them are drawn.
        refuse_dangers(self._workflow, self._graph, self._values, self._info)
        draw_rest(self._workflow, self._graph, self._info, self._values.get("seed", 0))
        return Bound(self._graph, self._values)

    def _resolve(self, parameter: Parameter, given: Mapping[str, Value]) -> None:
        name = parameter.name
        if parameter.type is ParameterType.MODEL and _is_auto(parameter.fixed):
            self._set_model(parameter, auto=True)
        elif parameter.fixed is not None:
            self._values[name] = parameter.fixed
        elif name in given and not (parameter.type is ParameterType.MODEL and _is_auto(given[name])):
            if parameter.required and parameter.type is ParameterType.TEXT and not str(given[name]).strip():
                raise missing(self._workflow, parameter)
            offered = self._offered(parameter)
            if (
                split_name(name)[0] == ASPECT
                and parameter.type is ParameterType.CHOICE
                and not parameter.closed
            ):
                self._values[name] = chosen_aspect(parameter, given[name], offered)
            else:
                self._values[name] = accept(self._capped(parameter), given[name], offered)
        elif parameter.type is ParameterType.MODEL:
            self._set_model(parameter, auto=name in given or _is_auto(parameter.default))
        elif parameter.required:
            raise missing(self._workflow, parameter)
        elif parameter.default is not None and not parameter.type.is_file:
            self._values[name] = parameter.default

    def _capped(self, parameter: Parameter) -> Parameter:
        """Return the parameter with the range that counts here, so that a refusal names that one."""
        cap = self._limits.cap(parameter.name)
        if cap is None or (parameter.maximum is not None and parameter.maximum <= cap):
            return parameter
        return replace(parameter, maximum=cap)

    def _offered(self, parameter: Parameter) -> tuple[str, ...] | None:
        if parameter.type not in {ParameterType.CHOICE, ParameterType.MODEL}:
            return None
        return offered_files(parameter, self._workflow, self._info)

    def _set_model(self, parameter: Parameter, *, auto: bool) -> None:
        file = resolve_model(self._workflow, parameter, self._info, auto=auto)
        if file is not None:
            self._values[parameter.name] = file

    # --- caps and size

    def _caps(self) -> None:
        """Lower what nobody asked for to its cap; what somebody asked for is within it already."""
        for name, value in self._values.items():
            cap = self._limits.cap(name)
            above = cap is not None and isinstance(value, int | float) and value > cap
            if cap is not None and above and self._workflow.parameters[name].fixed is None:
                self._values[name] = cap

    def _size(self, given: Mapping[str, Value]) -> None:
        for number in ["", *(str(each) for each in range(2, 10))]:
            width = self._workflow.parameters.get(f"width{number}")
            height = self._workflow.parameters.get(f"height{number}")
            if width is not None and height is not None:
                shaped = not number and ASPECT not in self._workflow.parameters
                aspect = given.get(ASPECT) if shaped else None
                resolve_size(width, height, self._values, given, aspect, self._limits.pixels)

    def _whole(self, parameter: Parameter) -> int:
        return int(self._values[parameter.name])

    # --- writing

    def _write(self) -> None:
        pictures = {place for each in self._workflow.of_type(ParameterType.IMAGE) for place in each.targets}
        for parameter in self._workflow.parameters.values():
            if parameter.name not in self._values or parameter.name == "lora":
                continue
            for node, name in parameter.targets:
                shared = parameter.type is ParameterType.MASK and (node, name) in pictures
                if node in self._graph and not shared:
                    self._graph[node]["inputs"][name] = self._values[parameter.name]

    def _follow(self, tracer: Tracer) -> None:
        parameters = self._workflow.parameters
        for name, parameter in parameters.items():
            if split_name(name)[0] == "steps" and name in self._values:
                own = tracer.value(parameter.targets[0]) if parameter.targets else None
                if isinstance(own, int):
                    follow_steps(self._graph, tracer, parameter.targets, own, int(self._values[name]))
        width, height = parameters.get("width"), parameters.get("height")
        if width is None or height is None or not width.targets or not height.targets:
            return
        old = tracer.value(width.targets[0]), tracer.value(height.targets[0])
        if isinstance(old[0], int) and isinstance(old[1], int) and {"width", "height"} <= self._values.keys():
            taken = {target for parameter in parameters.values() for target in parameter.targets}
            follow_size(
                self._graph, tracer, (old[0], old[1]), (self._whole(width), self._whole(height)), taken
            )

    def _name_files(self) -> None:
        """Give savers without a name for their files the workflow's."""
        for node in self._graph.values():
            if node["inputs"].get("filename_prefix") == "":
                node["inputs"]["filename_prefix"] = self._workflow.name


def _is_auto(value: object) -> bool:
    return isinstance(value, str) and value.strip().casefold() == AUTO
