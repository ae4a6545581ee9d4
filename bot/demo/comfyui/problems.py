"""The shapes in which a refused graph is described."""

from dataclasses import dataclass, field
from typing import Any

Problem = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: `error` is None when something can run; `outputs` are the nodes to run for."""

    error: Problem | None = None
    outputs: list[str] = field(default_factory=list[str])
    node_errors: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Checked:
    """One node's result: its own problems, and whether everything before it is fine."""

    fine: bool
    problems: list[Problem]


def problem(kind: str, message: str, details: str, **extra: Any) -> Problem:
    """Return an error object of the protocol."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra}
