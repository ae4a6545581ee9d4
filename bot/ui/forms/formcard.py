"""The small card that goes with a form of several pages: what is filled in so far, and what may come next."""

from typing import Any

import discord

from bot.i18n import Language
from bot.ui.cards.words import cut_escaped, quoted
from bot.ui.forms import howmany
from bot.ui.forms.fields import Fields
from bot.ui.forms.formpages import OTHER, has_field, pages
from bot.ui.forms.howmany import COUNT
from bot.users.form_drafts import Draft
from bot.workflows.model.workflow import Workflow

TEXT, BYTES = 3500, 8000
"""What a message has room for beside its buttons."""
LONGEST = 120
MOST = 20


def form_card(
    workflow: Workflow, draft: Draft, page: int, missing: list[str], fields: Fields, lang: Language
) -> discord.ui.LayoutView:
    """Return the card after a page was sent."""
    layout = pages(workflow, draft)
    title = workflow.title.in_(lang.code) or workflow.name
    lines = [f"**{quoted(title, limit=80, encoded=240)}**"]
    lines.append(lang.t("Page {page} of {pages} is filled in.", page=page + 1, pages=len(layout)))
    lines += _filled(workflow, layout, draft, fields)
    if missing:
        lines.append(
            lang.t("Still needed: {names}", names=lang.listing(fields.title(each) for each in missing))
        )
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    if page + 1 < len(layout):
        row.add_item(_button(lang.t("Next"), f"form:next:{draft.id}:{page + 1}", discord.ButtonStyle.primary))
    row.add_item(_button(lang.t("Generate"), f"form:make:{draft.id}", discord.ButtonStyle.success))
    row.add_item(_button(lang.t("Back"), f"form:back:{draft.id}:{page}"))
    return _view("\n".join(lines), row)


def _filled(workflow: Workflow, layout: list[list[str]], draft: Draft, fields: Fields) -> list[str]:
    own = [name for page in layout for name in page if name != OTHER]
    names = [*own, *(each for each in draft.texts if not has_field(workflow, each, own))]
    texts = {**draft.texts, COUNT: howmany.current(draft)}
    said = {name: texts.get(name) or _file(draft, name) for name in names}
    lines = [
        f"{quoted(fields.title(name), limit=45, encoded=135)}: {quoted(text, limit=LONGEST, encoded=360)}"
        for name, text in said.items()
        if text
    ]
    return lines[:MOST]


def _file(draft: Draft, name: str) -> str:
    if name in draft.attached:
        return draft.attached[name].name
    return "✓" if name in draft.inputs or name in draft.pictures else ""


def fix_card(text: str, custom_id: str, lang: Language) -> discord.ui.LayoutView:
    """Return what is wrong, with the button that opens the form as it was filled in."""
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    row.add_item(_button(lang.t("Fix and send"), custom_id, discord.ButtonStyle.primary))
    return _view(text, row)


def _button(
    label: str, custom_id: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, custom_id=custom_id, style=style)


def _view(text: str, row: discord.ui.ActionRow[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(cut_escaped(text, limit=TEXT, encoded=BYTES)))
    view.add_item(row)
    view.stop()
    return view
