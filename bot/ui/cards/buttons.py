"""The buttons on a card: what they are called, and the custom id that is all they know."""

import re
from enum import StrEnum
from typing import Any

import discord

from bot.comfy import OutputKind
from bot.i18n import N_, Language
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import JobId


class Action(StrEnum):
    """What a control of a card does."""

    CANCEL = "cancel"
    AGAIN = "again"
    VARY = "vary"
    UPSCALE = "upscale"
    EDIT = "edit"
    USE = "use"
    DETAILS = "details"
    FAVOURITE = "favourite"
    SPOILER = "spoiler"
    NOTIFY = "notify"
    DELETE = "delete"
    PICK = "pick"
    """Chooses one of several pictures for one of the others."""


LABELS = {
    Action.CANCEL: N_("Cancel"),
    Action.AGAIN: N_("Again"),
    Action.VARY: N_("Vary"),
    Action.UPSCALE: N_("Upscale"),
    Action.EDIT: N_("Edit"),
    Action.USE: N_("Use as input"),
    Action.DETAILS: N_("Details"),
    Action.FAVOURITE: N_("Favourite"),
    Action.SPOILER: N_("Spoiler"),
    Action.NOTIFY: N_("Notify me when it is done"),
    Action.DELETE: N_("Delete"),
}
UNVEIL = N_("No spoiler")
"""What the spoiler button is called on what is a spoiler already."""

STYLES = {
    Action.CANCEL: discord.ButtonStyle.danger,
    Action.AGAIN: discord.ButtonStyle.primary,
    Action.DELETE: discord.ButtonStyle.danger,
}

TEMPLATE = re.compile(
    rf"job:(?P<action>{'|'.join(Action)}):(?P<id>[0-9a-f]{{32}})(?::(?P<argument>.{{1,40}}))?"
)
UNDO = "undo"
"""What a button says besides that takes back that a job was deleted."""
A_ROW = 5
LONG = 45.0
"""Seconds from which on somebody may want to be told of the end rather than watch for it."""


def job_button(
    action: Action,
    job_id: JobId,
    lang: Language | None = None,
    *,
    argument: str = "",
    label: str | None = None,
    disabled: bool = False,
) -> discord.ui.Button[Any]:
    """Draw a button bound to a job by its id; the view it stands in must be stopped before it is sent."""
    name = LABELS[action] if label is None else label
    plain = discord.ButtonStyle.secondary
    return discord.ui.Button(
        label=lang.t(name) if lang else name,
        style=plain if argument == UNDO else STYLES.get(action, plain),
        custom_id=f"job:{action}:{job_id}:{argument}" if argument else f"job:{action}:{job_id}",
        disabled=disabled,
    )


def button_rows(job: Job, lang: Language, *, long: bool = False) -> list["discord.ui.ActionRow[Any]"]:
    """Return the card's buttons, the most wanted first, in one row or two; `long` says that the end is far off."""
    if not job.state.is_final:
        cancel = job_button(Action.CANCEL, job.id, lang, disabled=job.cancel_requested_by is not None)
        notify = [job_button(Action.NOTIFY, job.id, lang)] if long else []
        return [discord.ui.ActionRow(cancel, *notify)]
    buttons = [
        job_button(action, job.id, lang, label=UNVEIL if action is Action.SPOILER and job.spoiler else None)
        for action in offered(job)
    ]
    starts = range(0, len(buttons), A_ROW)
    return [discord.ui.ActionRow(*buttons[start : start + A_ROW]) for start in starts]


def offered(job: Job) -> tuple[Action, ...]:
    """Return what can be done with a job that has ended; deleting it is for those who look at its details."""
    picture = any(made.output.kind is OutputKind.IMAGE for made in job.outputs)
    succeeded = job.state is JobState.SUCCEEDED
    possible = {
        Action.AGAIN: True,
        Action.VARY: succeeded and (picture or job.seed is not None),
        Action.UPSCALE: picture,
        Action.EDIT: True,
        Action.USE: picture,
        Action.DETAILS: True,
        Action.FAVOURITE: succeeded,
        Action.SPOILER: any(made.output.file is not None for made in job.outputs),
    }
    return tuple(action for action, is_possible in possible.items() if is_possible)
