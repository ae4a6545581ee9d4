"""The form for a person's defaults of one workflow, and what it comes back with."""

import re
from collections.abc import Mapping

import discord

from bot.i18n import Language
from bot.ui.actions.details import title_of
from bot.ui.forms.forms import KEY, add_menu, add_text, form
from bot.ui.interactions.replies import shorten
from bot.ui.requests.defaults import MODEL, NEGATIVE, Written, sizable, written_size
from bot.users.profile import Defaults
from bot.workflows.model.workflow import Workflow

SENT = re.compile(rf"profile:form:\d{{1,20}}:(?P<key>.{{1,{KEY}}})", re.DOTALL)
MENU = 25
NEGATIVE_LENGTH = 1000
OWN, SHARED, PRIVATE = "-", "shared", "private"


def defaults_form(
    workflow: Workflow, defaults: Defaults, models: tuple[str, ...], lang: Language, nonce: int
) -> discord.ui.Modal:
    """Return the form as it is filled in now; the nonce keeps apart what is opened twice."""
    title = lang.t("Your defaults: {workflow}", workflow=workflow.title.in_(lang.code) or workflow.name)
    made, values = form(title, f"profile:form:{nonce}:{workflow.name[:KEY]}"), defaults.values
    if workflow.takes(MODEL):
        _add_model(made, title_of(MODEL, workflow, lang), lang, models, str(values.get(MODEL, "")))
    if sizable(workflow):
        add_text(
            made,
            "size",
            lang.t("Picture size"),
            default=written_size(values),
            limit=20,
            description=lang.t("832×1216, or its shape as 2:3; empty for the workflow's own"),
        )
    if workflow.takes(NEGATIVE):
        add_text(
            made,
            "negative",
            title_of(NEGATIVE, workflow, lang),
            default=str(values.get(NEGATIVE, "")),
            paragraph=True,
            limit=NEGATIVE_LENGTH,
            description=lang.t("What it should not be"),
        )
    add_menu(
        made,
        "private",
        lang.t("Who sees it"),
        [
            discord.SelectOption(label=label, value=value, default=(value == PRIVATE) is defaults.private)
            for value, label in ((SHARED, lang.t("Everybody in the channel")), (PRIVATE, lang.t("Only you")))
        ],
    )
    return made


def _add_model(made: discord.ui.Modal, title: str, lang: Language, models: tuple[str, ...], own: str) -> None:
    if not 0 < len(models) < MENU or any(len(model) > 100 for model in models):
        add_text(made, "model", title, default=own, limit=300)
        return
    chosen = own if own in models else OWN
    labels = {OWN: shorten(lang.t("The workflow's own"), 100), **{model: model for model in models}}
    offered = [
        discord.SelectOption(label=label, value=value, default=value == chosen)
        for value, label in labels.items()
    ]
    add_menu(made, "model", title, offered)


def written_in(sent: Mapping[str, str]) -> Written:
    """Return what the form came back with."""
    model = sent.get("model", "")
    return Written(
        model="" if model == OWN else model,
        size=sent.get("size", ""),
        negative_prompt=sent.get("negative", ""),
        private=sent.get("private") == PRIVATE,
    )
