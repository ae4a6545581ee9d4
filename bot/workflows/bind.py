"""Put a request's values into a copy of a workflow's graph."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from bot.workflows.schema import ObjectInfo
from bot.workflows.values import DRAWN_SEED_MAXIMUM, Value
from bot.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class BindLimits:
    """The caps that apply where a manifest sets none."""

    count: int = 4
    pixels: int = 2_200_000
    steps: int = 60


@dataclass(frozen=True, slots=True)
class Bound:
    """A graph ready to send, and every value that went into it."""

    graph: dict[str, dict[str, Any]]
    values: Mapping[str, Value]
    """Everything resolved: defaults, the model `auto` stands for, the size made of an aspect."""


def draw_seed(random: Random) -> int:
    """Draw a seed that a person can type again: 0 … 2^53-1."""
    return random.randint(0, DRAWN_SEED_MAXIMUM)


def bind(
    workflow: Workflow, values: Mapping[str, Value], info: ObjectInfo | None = None, *, limits: BindLimits
) -> Bound:
    """Return a fresh graph with the values in place; raises `UserError` naming the parameter and what is allowed."""
    raise NotImplementedError
