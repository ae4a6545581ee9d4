"""What operators let in that would be refused: asked once for each input of a class, and kept."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

TYPED = "members:"
"""Before a pattern: members may type into the input, too."""
_SHOWN = 80


class Use(StrEnum):
    """What a text, or a class, may do that nobody has looked at."""

    TEXT = "text"
    CODE = "code"
    PATH = "path"
    ADDRESS = "address"
    KEY = "key"
    MONEY = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something an operator has to decide: whether an input of a class may hold what stands in a workflow."""

    pack: str
    class_type: str
    input: str = ""
    """Empty where the class as a whole is asked about: it costs money."""
    value: str = ""
    """A digest of what the input holds."""
    shown: str = ""
    """The beginning of what it holds."""
    use: Use = Use.TEXT
    typed: bool = False
    """Whether what members type gets there, so that letting in one value does not help."""
    known: bool = True
    """Whether a server has told whose the class is; without that there is nothing to approve."""
    node: str = field(default="", compare=False)
    """The id of the node that asks; the same question of two nodes is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One decision of an operator. Holds for one server, one pack, one class and one input."""

    server: str
    pack: str
    class_type: str
    input: str
    value: str | None
    """The digest of the value that was let in; `None` for any value, so that members may type there."""


@dataclass(frozen=True, slots=True)
class Trust:
    """All that operators have let in: by decisions, and by patterns in the settings."""

    patterns: tuple[str, ...] = ()
    approvals: frozenset[Approval] = frozenset()

    def allows_class(self, pack: str, class_type: str) -> bool:
        """Tell whether the settings let in whatever the workflows have in nodes of a class."""
        return _match(self.patterns, (class_type, f"{pack}/{class_type}"))

    def permits(self, question: Question, server: str) -> bool:
        """Tell whether a question is answered already; where no server has told whose the class is, by any pack."""
        if self.may_type(question, server):
            return True
        if question.typed:
            return False
        name = f"{question.class_type}.{question.input}"
        if self.allows_class(question.pack, question.class_type):
            return True
        if _match(self.patterns, (name, f"{question.pack}/{name}")):
            return True
        return any(each.value == question.value and _fits(each, question, server) for each in self.approvals)

    def may_type(self, question: Question, server: str) -> bool:
        """Tell whether members may type into the input that a question is about."""
        name = f"{question.class_type}.{question.input}"
        typed = [each.removeprefix(TYPED) for each in self.patterns if each.startswith(TYPED)]
        if _match(typed, (name, f"{question.pack}/{name}")):
            return True
        return any(each.value is None and _fits(each, question, server) for each in self.approvals)


def _match(patterns: Iterable[str], names: Collection[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)


def _fits(approval: Approval, question: Question, server: str) -> bool:
    if (approval.class_type, approval.input) != (question.class_type, question.input):
        return False
    return not question.known or (approval.server, approval.pack) == (server, question.pack)


def approval_of(question: Question, server: str, *, typed: bool) -> Approval:
    """Return the decision that answers a question: for its value alone, or for all that members may type."""
    return Approval(
        server=server,
        pack=question.pack,
        class_type=question.class_type,
        input=question.input,
        value=None if typed and question.input else question.value,
    )


def digest(value: object) -> str:
    """Return what a value is known by; equal values of any length have equal ones."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def beginning(value: object) -> str:
    """Return a value as a person may see it: on one line and not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text[: 4 * _SHOWN].split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
