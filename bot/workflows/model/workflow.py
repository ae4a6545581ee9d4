"""A workflow: a named graph with parameters, as loaded from its files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.comfy import OutputKind
from bot.workflows.model.approvals import Question, Trust
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.problem import Severity, WorkflowProblem
from bot.workflows.model.standard import split_name
from bot.workflows.model.values import LocalText

ASPECT = "aspect"


class WorkflowKind(StrEnum):
    """What a workflow makes of what."""

    TEXT_TO_IMAGE = "text-to-image"
    IMAGE_TO_IMAGE = "image-to-image"
    INPAINT = "inpaint"
    VIDEO = "video"
    AUDIO = "audio"
    THREE_D = "3d"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class OutputNode:
    """A node whose outputs are delivered."""

    node: str
    kind: OutputKind
    preview: bool = False
    """Whether it only shows something on the way; told apart from what is kept by its class's name."""


@dataclass(frozen=True, slots=True)
class LimitOverrides:
    """What a manifest sets in place of the bot's caps; `None` keeps the bot's."""

    count: int | None = None
    pixels: int | None = None
    steps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A recipe members can run. `graph` is a template: it is copied by `bind`, never changed."""

    name: str
    title: LocalText = field(default_factory=LocalText)
    description: LocalText = field(default_factory=LocalText)
    graph: Mapping[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    """In the order to show them, hidden ones included."""
    outputs: tuple[OutputNode, ...] = ()
    output_title: str | None = None
    """Title or class of the delivered node, where the manifest names one."""
    nsfw: bool = False
    command: str | None = None
    prompt_languages: tuple[str, ...] = ()
    roles: tuple[int | str, ...] = ()
    """Roles that may use it, as `bot.workflows.model.roles` reads them; empty means everybody."""
    cost: float | None = None
    """How many pictures each piece counts as; `None` counts pictures as one and films by their frames."""
    timeout: float | None = None
    """Seconds a job of it may take in all; `None` keeps the bot's."""
    limits: LimitOverrides = LimitOverrides()
    trust: Trust = field(default_factory=Trust)
    """What operators let in although it would be refused; see `bot.workflows.safety.safety`."""
    words: frozenset[tuple[str, str]] = frozenset()
    """The inputs that discovery found to take a person's prompt, by node and name."""
    problems: tuple[WorkflowProblem, ...] = ()

    @property
    def enabled(self) -> bool:
        """Whether it can be run: nothing found wrong with it is an error."""
        return not self.faults

    @property
    def faults(self) -> tuple[WorkflowProblem, ...]:
        """The problems that have to be solved before it can be run."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What an operator has to decide before it can be run, each thing once."""
        asked = (problem.question for problem in self.problems)
        return tuple(dict.fromkeys(each for each in asked if each is not None))

    @property
    def needs(self) -> tuple[str, ...]:
        """What has to change before it can be run, in English."""
        return tuple(problem.text for problem in self.faults)

    @property
    def accepted(self) -> tuple[str, ...]:
        """Names of everything a person may give, in order to show; hidden ones left out."""
        names = [p.name for p in self.parameters.values() if p.fixed is None and not p.hidden]
        return tuple([*names, ASPECT] if self.takes(ASPECT) and ASPECT not in self.parameters else names)

    def takes(self, name: str) -> bool:
        """Whether a person may give this parameter; `aspect` where width and height can be set."""
        if name in self.parameters:
            return self.parameters[name].fixed is None
        return name == ASPECT and self.takes("width") and self.takes("height")

    def of_type(self, *types: ParameterType) -> tuple[Parameter, ...]:
        """Return the parameters of these types that a person may give, in order."""
        return tuple(p for p in self.parameters.values() if p.type in types and p.fixed is None)

    @property
    def output_kinds(self) -> tuple[OutputKind, ...]:
        """Kinds of what it keeps; of its previews only where it keeps nothing."""
        kept = [output for output in self.outputs if not output.preview] or self.outputs
        return tuple(dict.fromkeys(output.kind for output in kept))

    @property
    def frames_are_a_batch(self) -> bool:
        """Whether `batch` says of how many frames a film is, as where a film has no length of its own."""
        lengths = {split_name(name)[0] for name in self.parameters} & {"length", "seconds"}
        return OutputKind.VIDEO in self.output_kinds and "batch" in self.parameters and not lengths

    @property
    def kind(self) -> WorkflowKind:
        """What it makes of what, judged by its outputs and the files it asks for."""
        kinds = self.output_kinds
        for output, kind in _MEDIA_KINDS.items():
            if output in kinds:
                return kind
        if OutputKind.IMAGE not in kinds and OutputKind.TEXT in kinds:
            return WorkflowKind.TEXT
        if self.of_type(ParameterType.MASK):
            return WorkflowKind.INPAINT
        if self.of_type(ParameterType.IMAGE, ParameterType.VIDEO):
            return WorkflowKind.IMAGE_TO_IMAGE
        return WorkflowKind.TEXT_TO_IMAGE


_MEDIA_KINDS = {
    OutputKind.VIDEO: WorkflowKind.VIDEO,
    OutputKind.AUDIO: WorkflowKind.AUDIO,
    OutputKind.THREE_D: WorkflowKind.THREE_D,
}
