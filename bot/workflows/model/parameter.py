"""A named, typed place in a graph that a person may fill."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.workflows.model.values import LocalText, Value


class ParameterType(StrEnum):
    """What a value of a parameter is."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    MODEL = "model"
    """One of the server's files; `lora` takes several with strengths."""
    IMAGE = "image"
    MASK = "mask"
    VIDEO = "video"
    AUDIO = "audio"

    @property
    def is_file(self) -> bool:
        """Whether the value is the name of an uploaded file."""
        return self in {ParameterType.IMAGE, ParameterType.MASK, ParameterType.VIDEO, ParameterType.AUDIO}

    @property
    def is_numeric(self) -> bool:
        return self in {ParameterType.INTEGER, ParameterType.NUMBER}


AUTO = "auto"
"""The value of a model parameter that means: the server's only or first suitable file."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose, and what to call it."""

    value: Value
    label: LocalText


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a workflow; all its targets get the same value.

    A `lora` without targets is taken all the same: loaders are put into the graph for it.
    """

    name: str
    type: ParameterType
    targets: tuple[tuple[str, str], ...] = ()
    default: Value | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    step: int | float | None = None
    choices: tuple[Choice, ...] = ()
    """What may be chosen: written in the manifest, or what the server offered when the workflow was loaded."""
    closed: bool = False
    """Whether the choices were written in the manifest, so that the server's own list does not count."""
    auto: tuple[str, ...] = ()
    """For models: name patterns of the files `auto` may pick, best first; empty means any suitable one."""
    required: bool = False
    title: LocalText = field(default_factory=LocalText)
    description: LocalText = field(default_factory=LocalText)
    multiline: bool = False
    hidden: bool = False
    """Not offered in lists and forms, but accepted."""
    fixed: Value | None = None
    """Always written, never taken from a person."""
    group: str = ""
    reason: str = ""
    """Why discovery took this place for this parameter, for operators."""
