"""What is wrong with a workflow, for its operator: an English sentence that is the message id, and its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.workflows.model.approvals import Question


class Severity(StrEnum):
    """How bad a problem is; a workflow with an error is disabled."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class WorkflowProblem:
    """One thing to tell the operator about a workflow."""

    severity: Severity
    message: str
    arguments: Mapping[str, object]
    node: str | None = None
    """The id of the node concerned, where there is one."""
    lacking: bool = False
    """Whether it is solved by giving the server what it lacks, and nothing is wrong with the file itself."""
    question: Question | None = None
    """What an operator can decide to solve it, where that is so."""

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.message.format(**self.arguments)


def fault(message: str, /, *, at: str | None = None, **arguments: object) -> WorkflowProblem:
    """Make an error: the workflow cannot be used."""
    return WorkflowProblem(Severity.ERROR, message, arguments, at)


def lack(message: str, /, *, at: str | None = None, **arguments: object) -> WorkflowProblem:
    """Make an error that goes away once the server has what it lacks: a node class or a model file."""
    return WorkflowProblem(Severity.ERROR, message, arguments, at, lacking=True)


def doubt(question: Question, message: str, /, **arguments: object) -> WorkflowProblem:
    """Make an error that goes away once an operator has answered the question in the affirmative."""
    return replace(fault(message, at=question.node or None, **arguments), question=question)


def caution(message: str, /, *, at: str | None = None, **arguments: object) -> WorkflowProblem:
    """Make a warning: the workflow can be used, but something will surprise."""
    return WorkflowProblem(Severity.WARNING, message, arguments, at)


def remark(message: str, /, *, at: str | None = None, **arguments: object) -> WorkflowProblem:
    """Make a note: nothing is wrong."""
    return WorkflowProblem(Severity.NOTE, message, arguments, at)
