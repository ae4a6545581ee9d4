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


def without_one(verdict: "Verdict") -> "Verdict":
    """Leave one output out, as where its branch is not valid; of a prompt with a single one, an output it never had."""
    *others, last = verdict.outputs
    complaint = problem(
        "value_not_in_list", "Value not in list", "model_name: 'gone.pth' not in ['other.pth']",
        input_name="model_name", input_config=[["other.pth"], {}], received_value="gone.pth",
    )  # fmt: skip
    named = {
        "errors": [complaint],
        "dependent_outputs": [last if others else "left out"],
        "class_type": "UpscaleModelLoader",
    }
    return Verdict(None, others or verdict.outputs, verdict.node_errors | {"left out": named})
