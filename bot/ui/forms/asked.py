"""What was asked for, as the text of a form and back: of an earlier job, and of a page that was sent."""

from collections.abc import Mapping
from dataclasses import replace

from bot.errors import UserError
from bot.jobs.model.job import Job
from bot.jobs.model.request import Request, Requester, Value
from bot.ui.forms import howmany
from bot.ui.forms.extras import parse_extra, text_of, typed
from bot.ui.forms.fields import shape_of
from bot.ui.forms.formpages import (
    OTHER,
    Sent,
    choosable,
    has_field,
    own_text,
    pages,
    read_count,
    read_other,
    read_texts,
)
from bot.ui.forms.howmany import COUNT
from bot.users.form_drafts import Draft
from bot.workflows.model.parameter import ParameterType
from bot.workflows.model.workflow import ASPECT, Workflow

SIDES = ("width", "height")


def draft_of(job: Job, workflow: Workflow, *, draft_id: str, user_id: int, guild_id: int | None) -> Draft:
    """Return the draft that asks for what a job was asked for, with the seed it used.

    What the workflow chose by itself stays its choice. The seed is told for the sake of those who change a word and
    keep the picture. Priority is asked for anew each time.
    """
    request = job.request
    asked: dict[str, Value] = dict(request.values)
    if job.seed is not None and workflow.takes("seed"):
        asked.setdefault("seed", job.seed)
    return Draft(
        id=draft_id,
        user_id=user_id,
        guild_id=guild_id,
        workflow=workflow.name,
        texts={
            name: text_of(value)
            for name, value in asked.items()
            if workflow.takes(name) and name not in request.inputs
        },
        inputs={name: ref for name, ref in request.inputs.items() if workflow.takes(name)},
        count=request.count,
        private=request.private,
        spoiler=request.spoiler,
        origin=request.origin,
        again=True,
    )


def request_of(draft: Draft, workflow: Workflow, requester: Requester) -> Request:
    """Return the request that a draft's texts make; raises `UserError` with what is wrong with what was typed."""
    texts = {name: text for name, text in draft.texts.items() if name not in {OTHER, COUNT}}
    further = parse_extra(draft.texts.get(OTHER, ""))
    count, changes = howmany.chosen(draft, workflow)
    values: dict[str, Value | None] = {
        **typed(workflow, texts, guild_id=draft.guild_id),
        **changes,
        **typed(workflow, further, guild_id=draft.guild_id),
    }
    kept = {name: value for name, value in values.items() if value is not None}
    return replace(draft.request(requester), values=kept, count=count)


def merged(workflow: Workflow, draft: Draft, names: list[str], sent: Sent) -> dict[str, str | None]:
    """Return what a page changes of a draft's texts: None takes one out."""
    texts = {
        name: _unless_untouched(workflow, draft, name, text)
        for name, text in read_texts(workflow, names, sent).items()
    }
    texts = _shaped(draft, texts)
    if (number := read_count(sent)) is not None:
        texts[COUNT] = howmany.changed(draft, number)
    other = read_other(sent)
    if other is not None:
        # Kept as it was typed, also where it cannot be read; it stands for everything without a field of its own.
        own = {name for each in pages(workflow, draft) for name in each}
        unsaid = [name for name in draft.texts if not has_field(workflow, name, own)]
        texts = {**dict.fromkeys(unsaid), **texts, OTHER: other.strip() or None}
    return texts


def moved(workflow: Workflow | None, texts: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return what a page changes where another workflow was chosen: what that takes needs not be written any more."""
    try:
        written = parse_extra(texts.get(OTHER) or "")
    except UserError:
        return dict(texts)
    taken = {name: text for name, text in written.items() if workflow is not None and workflow.takes(name)}
    rest = "\n".join(f"{name}={text}" for name, text in written.items() if name not in taken)
    return {**texts, **taken, OTHER: rest or None}


def _unless_untouched(workflow: Workflow, draft: Draft, name: str, text: str | None) -> str | None:
    """Return a text as it was before where the field came back as it was shown."""
    before, parameter = draft.texts.get(name), workflow.parameters.get(name)
    if before is None:
        return None if (text or "") == own_text(parameter).strip() else text
    if text is None and parameter is not None and parameter.type is ParameterType.BOOLEAN:
        text = (
            "yes" if parameter.default else "no"
        )  # as the workflow has it, which somebody said all the same
    # A menu shows a long text cut, a form sends any text without the blanks around it.
    return before if text in {before.strip(), choosable(before)} else text


def _shaped(draft: Draft, texts: dict[str, str | None]) -> dict[str, str | None]:
    """Return the texts of a page with one word on the shape: the newer counts, of an aspect and both sides."""
    before = shape_of(draft.texts)
    shape = texts.get(ASPECT)
    if ASPECT in texts and ASPECT not in draft.texts and (shape or "") == before:
        texts.pop(ASPECT)  # the sides, as the field showed them
    elif ASPECT in texts and (shape or "") != before:
        stale = [side for side in SIDES if texts.get(side) == draft.texts.get(side) or side not in texts]
        return {**texts, **dict.fromkeys(stale)}
    sides = {**draft.texts, **texts}
    changed = any(texts.get(side) and texts[side] != draft.texts.get(side) for side in SIDES)
    return {**texts, ASPECT: None} if changed and all(sides.get(side) for side in SIDES) else texts
