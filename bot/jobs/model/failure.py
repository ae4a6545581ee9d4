"""Why a job did not end well, as a value that can be stored and told in anybody's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from bot.errors import UserError

Argument = str | int | float


class Reason(StrEnum):
    """The kinds of bad endings that the rest of the bot may want to tell apart."""

    REJECTED = "rejected"
    """The server refused the graph."""
    WORKFLOW = "workflow"
    """A node failed while running."""
    OUT_OF_MEMORY = "out_of_memory"
    NO_OUTPUT = "no_output"
    INTERRUPTED = "interrupted"
    """Somebody else stopped it on the server."""
    STALLED = "stalled"
    TIMEOUT = "timeout"
    LOST = "lost"
    """The server no longer knows it."""
    INPUT = "input"
    """An attached file is no longer there."""
    SERVER = "server"
    """The server answered with nonsense or an error, again and again."""
    LANGUAGE = "language"
    """The prompt is in a script that the model does not read; nothing failed for it."""
    INTERNAL = "internal"
    """A mistake of ours; the log has it under the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A sentence for the person (message id and arguments), and a reference under which the log has the rest."""

    reason: Reason
    message: str
    arguments: Mapping[str, Argument] = field(default_factory=dict[str, Argument])
    node: str | None = None
    """Title of the node where it happened, if it happened in one."""
    reference: str = ""

    @classmethod
    def of(cls, reason: Reason, sentence: UserError, *, node: str | None = None, reference: str = "") -> Self:
        """Turn a sentence into a failure; arguments that cannot be stored as they are become text."""
        arguments = {
            name: value if isinstance(value, str | int | float) else str(value)
            for name, value in sentence.arguments.items()
        }
        return cls(
            reason=reason, message=sentence.message, arguments=arguments, node=node, reference=reference
        )

    @property
    def sentence(self) -> UserError:
        """The sentence as the error every display knows how to translate."""
        return UserError(self.message, **self.arguments)
