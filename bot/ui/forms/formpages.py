"""Which of a workflow's parameters stand on which page of a form, and what a page comes back with."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from bot.errors import UserError
from bot.ui.forms import howmany
from bot.ui.forms.howmany import COUNT
from bot.ui.forms.suggestions import LONGEST, MOST
from bot.users.form_drafts import Draft, Others
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.standard import importance, split_name
from bot.workflows.model.workflow import ASPECT, Workflow

ROOM = 5
"""How many fields a form has at most."""
OTHER = ":other"
"""Stands for the field that takes everything without a field of its own, as name=value."""
WORKFLOW, PRIORITY = ":workflow", ":priority"
"""Stand for the fields that ask for the workflow itself, and whether to go before others."""
LONGEST_TEXT = 4000
"""As many letters as a field takes."""
MORE = "form:more"
"""Asks for the further pages before anything is made."""

_WRITTEN = frozenset({3, 4})
"""Discord's numbers of the components whose values are words: menus and text fields."""
_UPLOAD = 19
"""Discord's number of the component that files are attached to."""
_OWN = ""
"""Stands for the parameters that are a workflow's very own, not standard ones."""
_FIRST = ("prompt", "tags", "lyrics", _OWN, ASPECT, COUNT, "model")
"""What the first page asks for: the words, the shape, how many, the model."""

Sent = Mapping[str, Mapping[str, Any]]
"""What a form came back with, by the ids of its fields."""


def pages(workflow: Workflow, draft: Draft) -> list[list[str]]:
    """Return the parameters asked for, page by page: what is required and what matters most on the first.

    Where there are several pages, the first leaves room for the question whether the others are wanted, unless it
    is full of what is required.
    """
    if draft.quick:
        return [["prompt"]]
    names = [
        each.name
        for each in workflow.parameters.values()
        if each.fixed is None
        and (not each.hidden or each.required)
        and not howmany.belongs(workflow, each.name)
    ]
    if workflow.takes(ASPECT) and ASPECT not in names:
        names.append(ASPECT)
    if howmany.can_be_several(workflow):
        names.append(COUNT)
    names.sort(key=lambda name: (not _required(workflow, name), _rank(name)))
    if draft.priority:
        names.append(PRIORITY)
    if any(not has_field(workflow, name, names) for name in draft.texts) or any(
        map(_overfull, workflow.parameters.values())
    ):
        names.append(OTHER)
    if draft.choosing:
        names.insert(0, WORKFLOW)
    names.sort(key=lambda name: draft.first.index(name) if name in draft.first else len(draft.first))
    names = names or [OTHER]
    if len(names) <= ROOM:
        return [names]
    first = ROOM if _required(workflow, names[ROOM - 1]) else ROOM - 1
    return [names[:first], *(names[at : at + ROOM] for at in range(first, len(names), ROOM))]


def first_after(workflow: Workflow, draft: Draft, error: UserError) -> tuple[str, ...]:
    """Return the fields that come first after a refusal: what it is about, what is required, what was given.

    What has no field of its own stands among the other settings.
    """
    fields = {
        "workflow": WORKFLOW,
        "priority": PRIORITY,
        "extra": OTHER,
        "count": COUNT,
        howmany.BATCH: COUNT,
    }
    about = [fields.get(name, name) for name in error.options]
    has_own = [workflow.takes(name) or name in fields.values() for name in about]
    required = [name for name in workflow.parameters if _required(workflow, name)]
    given = [*draft.attached, *draft.inputs, *draft.texts]
    # Where the workflow or the other settings are named, options named beside them are not what has to change.
    named = [name for name in (WORKFLOW, OTHER) if name in about]
    rest = [] if all(has_own) else [OTHER]
    return tuple(dict.fromkeys([*named, *rest, *about, *required, *given]))


def _required(workflow: Workflow, name: str) -> bool:
    parameter = workflow.parameters.get(name)
    return parameter is not None and parameter.required


def _overfull(parameter: Parameter) -> bool:
    return parameter.fixed is None and not parameter.hidden and len(parameter.choices) > MOST


def has_field(workflow: Workflow, name: str, fields: Collection[str]) -> bool:
    """Whether one of the fields says this, so that it need not be written among the other settings."""
    return name in fields or (howmany.belongs(workflow, name) and COUNT in fields)


def _rank(name: str) -> tuple[int, int]:
    place, number = importance(name)
    base = _OWN if place == importance(_OWN)[0] else split_name(name)[0]
    key = COUNT if name == COUNT else base
    return (_FIRST.index(key), number) if key in _FIRST else (len(_FIRST) + place, number)


def field_id(name: str) -> str:
    """Return the custom id of a parameter's field."""
    return f"form:value:{name}"[:100]


def asked_in(layout: Iterable[Sequence[str]], sent: Sent) -> list[str]:
    """Return the parameters a form asked for, wherever they stand now that the workflow may have changed."""
    return [name for page in layout for name in page if field_id(name) in sent]


def read_texts(workflow: Workflow, names: Sequence[str], sent: Sent) -> dict[str, str | None]:
    """Return what was typed and chosen on a page; None for what was left empty."""
    found: dict[str, str | None] = {}
    for name in names:
        field = sent.get(field_id(name))
        parameter = workflow.parameters.get(name)
        if field is None or name in {OTHER, COUNT, WORKFLOW, PRIORITY}:
            continue
        if parameter is not None and parameter.type.is_file:
            continue
        value = field.get("value")
        if isinstance(value, bool):
            usual = parameter is not None and parameter.default is value
            found[name] = None if usual else ("yes" if value else "no")
            continue
        chosen = field.get("values")
        text = str(chosen[0]) if chosen else str(value or "").strip()
        # An emptied text is meant, where the workflow would put in one of its own.
        found[name] = text if text or _empty_is_meant(parameter) else None
    return found


def _empty_is_meant(parameter: Parameter | None) -> bool:
    """Whether a text can be emptied of what the workflow would put in by itself."""
    if parameter is None or parameter.required:
        return False
    return parameter.type is ParameterType.TEXT and bool(parameter.default)


def read_blindly(sent: Sent) -> dict[str, str | None]:
    """Return what was typed and chosen where nobody knows the workflow's parameters at present."""
    beginning = field_id("")
    found: dict[str, str | None] = {}
    for key, field in sent.items():
        chosen = cast("Sequence[object]", field.get("values") or ())
        text = str(chosen[0]) if chosen else field.get("value")
        if (
            key.startswith(beginning)
            and field.get("type") in _WRITTEN
            and isinstance(text, str)
            and text.strip()
        ):
            found[key.removeprefix(beginning)] = text.strip()
    return found


def read_others(sent: Sent) -> Others:
    """Return the workflow and the priority, where they were asked for."""
    found: Others = {}
    chosen = cast("Sequence[object]", sent.get(field_id(WORKFLOW), {}).get("values") or ())
    if chosen:
        found["workflow"] = str(chosen[0])
    if field_id(PRIORITY) in sent:
        found["priority"] = sent[field_id(PRIORITY)].get("value") is True
    return found


def read_other(sent: Sent) -> str | None:
    """Return what stands in the field for everything else; None where there was no such field."""
    field = sent.get(field_id(OTHER))
    return None if field is None else str(field.get("value") or "")


def read_count(sent: Sent) -> str | None:
    """Return what stands in the field for how many; None where there was no such field."""
    field = sent.get(field_id(COUNT))
    if field is None:
        return None
    picked = cast("Sequence[object]", field.get("values") or ())
    return str(picked[0]) if picked else str(field.get("value") or "")


def own_text(parameter: Parameter | None) -> str:
    """Return the workflow's own text that a field begins with where nobody gave another, so that it can be emptied."""
    text = str(parameter.default) if parameter is not None and _empty_is_meant(parameter) else ""
    return text if len(text) <= LONGEST_TEXT else ""


def choosable(text: str) -> str:
    """Return what a menu holds for a text: Discord takes values of so many letters and no more."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def read_files(sent: Sent) -> dict[str, str]:
    """Return the ids of the attached files by parameter."""
    beginning = field_id("")
    found: dict[str, str] = {}
    for key, field in sent.items():
        ids = cast("Sequence[object]", field.get("values") or ())
        if field.get("type") == _UPLOAD and key.startswith(beginning) and ids:
            found[key.removeprefix(beginning)] = str(ids[0])
    return found


def wants_more(sent: Sent) -> bool:
    """Whether the further pages were asked for."""
    return sent.get(MORE, {}).get("value") is True
