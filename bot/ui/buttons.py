"""The buttons on a card: what they are called, and the custom id that is all they know."""

import re
from enum import StrEnum
from typing import Any

import discord

from bot.i18n import N_, Language
from bot.jobs.request import JobId


class Action(StrEnum):
    """What a button of a card does."""

    CANCEL = "cancel"
    AGAIN = "again"
    EDIT = "edit"
    DELETE = "delete"


LABELS = {
    Action.CANCEL: N_("Cancel"),
    Action.AGAIN: N_("Again"),
    Action.EDIT: N_("Edit"),
    Action.DELETE: N_("Delete"),
}

STYLES = {
    Action.CANCEL: discord.ButtonStyle.danger,
    Action.AGAIN: discord.ButtonStyle.primary,
    Action.EDIT: discord.ButtonStyle.secondary,
    Action.DELETE: discord.ButtonStyle.danger,
}

TEMPLATE = re.compile(rf"job:(?P<action>{'|'.join(Action)}):(?P<id>[0-9a-f]{{32}})")


def job_button(
    action: Action, job_id: JobId, lang: Language | None = None, *, disabled: bool = False
) -> discord.ui.Button[Any]:
    """Draw a button bound to a job by its id; the view it stands in must be stopped before it is sent."""
    return discord.ui.Button(
        label=lang.t(LABELS[action]) if lang else LABELS[action],
        style=STYLES[action],
        custom_id=f"job:{action}:{job_id}",
        disabled=disabled,
    )
