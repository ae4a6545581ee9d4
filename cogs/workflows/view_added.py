"""What became of a workflow file somebody attached, and what can be done about it."""

from dataclasses import dataclass

import discord

from bot.i18n import Language, as_code
from bot.ui.cards.sheet import NEUTRAL, TROUBLE, Sheet, button, more
from bot.workflows.binding.bind import BindLimits, effective_limits
from bot.workflows.library.needs import Need
from bot.workflows.model.workflow import Workflow
from cogs.workflows.view_approvals import add_questions, answer_row
from cogs.workflows.view_workflow import add_parameters, add_problems
from cogs.workflows.view_workflows import needs_line, plain, problem_line
from cogs.workflows.workflow_upload import Examined, Verdict

NEEDS = 8
NAMES = 20
FAULTS = 3
SENTENCE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What reading the folder again brought: names of workflows."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    broken: tuple[Workflow, ...] = ()
    total: int = 0


def refused_view(examined: Examined, lang: Language) -> discord.ui.LayoutView:
    """Draw why a workflow was not saved, with what to do."""
    sheet = Sheet(lang.t("Not saved: {name}", name=plain(examined.filing.name)), colour=TROUBLE)
    sheet.text(lang.t("Something is wrong with it. Fix this and attach it again:"))
    add_problems(sheet, examined.workflow, lang)
    return sheet.view()


def question_view(examined: Examined, key: str, limits: BindLimits, lang: Language) -> discord.ui.LayoutView:
    """Ask whether to save it: over another, under another name, or although the server lacks what it needs."""
    name = plain(examined.filing.name)
    sheet = Sheet(lang.t("Save {name}?", name=name), colour=TROUBLE)
    if examined.taken:
        sheet.text(
            lang.t(
                "There is a workflow called {name} already. If you replace it, the old one goes to `removed/`.",
                name=name,
            )
        )
    if examined.verdict is Verdict.LACKING:
        sheet.text(
            lang.t(
                "It cannot be used until the server has what it lacks. Saved now, it will work by itself then."
            )
        )
    elif examined.verdict is Verdict.UNCHECKED:
        sheet.text(
            lang.t(
                "No image server has told what it has, so I could not check whether the workflow will work."
            )
        )
    for wanted, there in examined.instead.items():
        sheet.text(
            lang.t(
                "The server has {there}, which could be used instead of {wanted}.",
                there=plain(there),
                wanted=plain(wanted),
            )
        )
    add_problems(sheet, examined.workflow, lang)
    add_parameters(sheet, examined.workflow, effective_limits(examined.workflow, limits), lang)
    if examined.instead:
        sheet.row(button(lang.t("Use what the server has"), f"workflows:automatic:{key}"))
    if examined.taken:
        free = lang.t("Keep both, call it {name}", name=examined.free_name)
        sheet.row(
            button(lang.t("Replace it"), f"workflows:replace:{key}"),
            button(free, f"workflows:both:{key}"),
            button(lang.t("Do not save"), "workflows:cancel"),
        )
    else:
        sheet.row(
            button(lang.t("Save anyway"), f"workflows:save:{key}"),
            button(lang.t("Do not save"), "workflows:cancel"),
        )
    return sheet.view()


def asking_view(examined: Examined, key: str, lang: Language) -> discord.ui.LayoutView:
    """Ask whether what nobody has checked in a workflow may run, before it is saved."""
    sheet = Sheet(lang.t("Save {name}?", name=plain(examined.filing.name)), colour=TROUBLE)
    asked = add_questions(sheet, examined.workflow.questions, lang)
    add_problems(sheet, examined.workflow, lang, asked=True)
    sheet.row(*answer_row(asked, key, lang, button(lang.t("Do not save"), "workflows:cancel")))
    return sheet.view()


def saved_view(
    workflow: Workflow, needs: tuple[Need, ...], limits: BindLimits, lang: Language
) -> discord.ui.LayoutView:
    """Draw what was saved: what was found in it, and how to use it."""
    name = workflow.name
    sheet = Sheet(lang.t("Saved: {name}", name=plain(name)), colour=NEUTRAL if workflow.enabled else TROUBLE)
    if workflow.enabled:
        sheet.text(lang.t("Use it with {command}.", command=f"`{as_code(use_of(workflow))}`"))
    else:
        sheet.text(lang.t("⚠️ It cannot be used at present."))
    if needs:
        sheet.text(needs_line(needs, lang, most=NEEDS))
    add_problems(sheet, workflow, lang)
    add_parameters(sheet, workflow, effective_limits(workflow, limits), lang)
    own = workflow.enabled and workflow.command is None
    sheet.row(
        button(lang.t("Give it a command"), f"workflows:command:{name}", emoji="⌨️") if own else None,
        button(lang.t("View"), f"workflows:open:{name}"),
        button(lang.t("Remove"), f"workflows:remove:{name}", emoji="🗑️"),
    )
    return sheet.view()


def use_of(workflow: Workflow) -> str:
    """Return the command that runs a workflow."""
    return f"/{workflow.command}" if workflow.command else f"/generate workflow:{workflow.name}"


def removal_view(workflow: Workflow, *, default: bool, lang: Language) -> discord.ui.LayoutView:
    """Ask whether to take a workflow away."""
    sheet = Sheet(lang.t("Remove {name}?", name=plain(workflow.name)), colour=TROUBLE)
    sheet.text(lang.t("Nobody can use it then. Jobs that wait already are still made."))
    sheet.text(lang.t("Its files go to the folder `removed/` beside the workflows, so it can be put back."))
    if workflow.command:
        sheet.text(lang.t("Its command {command} goes with it.", command=f"`/{workflow.command}`"))
    if default:
        sheet.text(lang.t("`/generate` uses it unless told; another one will serve in its place."))
    sheet.row(
        button(lang.t("Remove"), f"workflows:removing:{workflow.name}", emoji="🗑️"),
        button(lang.t("Keep"), f"workflows:open:{workflow.name}"),
    )
    return sheet.view()


def removed_view(name: str, stamp: str, lang: Language) -> discord.ui.LayoutView:
    """Say that a workflow was taken away, and offer to put it back."""
    sheet = Sheet(lang.t("Removed: {name}", name=plain(name)))
    sheet.text(lang.t("Its files lie in {folder} now.", folder=f"`removed/{stamp}`"))
    sheet.row(
        button(lang.t("Restore"), f"workflows:restore:{stamp}"),
        button(lang.t("All workflows"), "workflows:list"),
    )
    return sheet.view()


def note_view(title: str, text: str, lang: Language) -> discord.ui.LayoutView:
    """Draw one sentence, and the way to the list."""
    sheet = Sheet(title)
    sheet.text(text)
    sheet.row(button(lang.t("All workflows"), "workflows:list"))
    return sheet.view()


def reloaded_view(changes: Changes, lang: Language) -> discord.ui.LayoutView:
    """Draw what reading the folder again brought."""
    sheet = Sheet(lang.t("The folder was read again"), colour=TROUBLE if changes.broken else NEUTRAL)
    lines = [
        lang.t("New since I last looked: {names}", names=_listed(changes.new)) if changes.new else "",
        lang.t("Changed: {names}", names=_listed(changes.changed)) if changes.changed else "",
        lang.t("Gone: {names}", names=_listed(changes.gone)) if changes.gone else "",
        lang.n("There is one workflow.", "There are {n} workflows.", changes.total),
    ]
    if not (changes.new or changes.changed or changes.gone):
        lines.insert(0, lang.t("No file has changed since I last looked."))
    sheet.text("\n".join(filter(None, lines)))
    told = 0
    for workflow in changes.broken:
        faults = [problem_line(each, lang, SENTENCE) for each in workflow.faults[:FAULTS]]
        title = lang.t("**{name}** cannot be used:", name=plain(workflow.name))
        told += sheet.text("\n".join([title, *faults]))
    if told < len(changes.broken):
        sheet.note(more(lang, len(changes.broken) - told))
    sheet.row(button(lang.t("All workflows"), "workflows:list"))
    return sheet.view()


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(plain(name) for name in names[:NAMES])
    return f"{shown} …" if len(names) > NAMES else shown
