"""How many pictures a form asks for: the one field for `count` and a workflow's `batch`."""

from bot.errors import OptionName, UserError
from bot.users.form_drafts import Draft
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import Workflow

COUNT = ":count"
"""Stands for the field, and for what was typed into it among a draft's texts; empty text means as the workflow has it."""
BATCH = "batch"
_DIGITS = 4


def can_be_several(workflow: Workflow) -> bool:
    """Whether a workflow can make more than one from the same input."""
    return workflow.takes("seed") or workflow.takes(BATCH)


def belongs(workflow: Workflow, name: str) -> bool:
    """Whether a parameter is said by this field, and has none of its own."""
    return name == BATCH and can_be_several(workflow) and not workflow.parameters[BATCH].required


def usual(workflow: Workflow) -> int:
    """Return how many a workflow makes by itself."""
    counts = workflow.takes(BATCH) and not workflow.frames_are_a_batch
    own = workflow.parameters[BATCH].default if counts else None
    return own if isinstance(own, int) and own > 0 else 1


def asked_before(draft: Draft) -> str:
    """Return how many a draft asked for before anything was changed in its form; empty where nobody said."""
    batch = draft.texts.get(BATCH, "").strip()
    several = int(batch) if batch.isascii() and batch.isdigit() and len(batch) <= _DIGITS else 1
    said = draft.count > 1 or bool(batch)
    return str(draft.count * several) if said else ""


def current(draft: Draft) -> str:
    """Return what the field holds."""
    return draft.texts.get(COUNT, asked_before(draft))


def chosen(draft: Draft, workflow: Workflow) -> tuple[int, dict[str, Value | None]]:
    """Return the count of a request, and what its values are to be changed by: None takes one out.

    What nobody touched stays as it was asked for. Raises `UserError` for what is no number.
    """
    if COUNT not in draft.texts:
        return draft.count, {}
    text = draft.texts[COUNT].strip()
    if not text:
        return 1, {BATCH: None}
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise UserError(
            "“{name}” has to be a whole number, not “{value}”.", name=OptionName("count"), value=text[:40]
        )
    number, batch = wanted(int(text), workflow)
    return number, {BATCH: None, **batch}


def wanted(number: int, workflow: Workflow) -> tuple[int, dict[str, Value]]:
    """Return a request's count for a number that was said, and its batch: who makes several by itself is told of one."""
    return number, {BATCH: 1} if number == 1 and usual(workflow) > 1 else {}


def changed(draft: Draft, sent: str) -> str | None:
    """Return what to keep of what the field came back with; None where it is as it was before."""
    return None if sent.strip() == asked_before(draft) else sent.strip()
