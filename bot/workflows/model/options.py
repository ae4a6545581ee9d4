"""A slash command as plain data: its options, what they take, and their names in every language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

TYPED = frozenset({
    "prompt", "image", "image2", "mask", "aspect", "negative_prompt", "model", "lora", "seed", "steps", "cfg", "sampler",
    "scheduler", "denoise", "width", "height",
})  # fmt: skip
"""The parameters that /generate has an option for; all others are given under `extra`."""


class OptionKind(StrEnum):
    """What an option takes, in Discord's terms."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class OptionChoice:
    """One of a few values."""

    label: str
    value: str | int | float
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a command."""

    name: str
    parameter: str
    """What it fills: a parameter of the workflow, or `aspect`, `count`, `private`, `priority`, `extra`."""
    kind: OptionKind
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """By language code, where they differ from the name."""
    description: str
    descriptions: Mapping[str, str] = field(default_factory=dict[str, str])
    minimum: int | float | None = None
    maximum: int | float | None = None
    choices: tuple[OptionChoice, ...] = ()
    suggested: bool = False
    """Whether values are offered while it is typed."""
    required: bool = False
    """Whether Discord insists on it: words pasted behind the command go to the first such option."""
    service: bool = False
    """Whether it says how to make it rather than what: `count`, `private`, `priority`, `extra`."""

    @property
    def weight(self) -> int:
        """How many of the 8000 characters it takes; of translations Discord counts the longest."""
        chosen = sum(
            max(map(len, (each.label, *each.labels.values()))) + len(str(each.value)) for each in self.choices
        )
        return _longest(self.name, self.names) + _longest(self.description, self.descriptions) + chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCommand:
    """A workflow's own command."""

    name: str
    workflow: str
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    description: str
    descriptions: Mapping[str, str] = field(default_factory=dict[str, str])
    options: tuple[Option, ...] = ()
    left: tuple[str, ...] = ()
    """Parameters that only `extra` takes, because there are more than Discord's options."""

    @property
    def weight(self) -> int:
        """How many of the 8000 characters it takes."""
        own = _longest(self.name, self.names) + _longest(self.description, self.descriptions)
        return own + sum(option.weight for option in self.options)


def _longest(text: str, others: Mapping[str, str]) -> int:
    return max(map(len, (text, *others.values())))
