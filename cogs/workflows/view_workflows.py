"""Workflows as a list: what each makes, what it asks for and needs, and why one cannot be used."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.i18n import N_, Language, Message
from bot.ui.cards.sheet import Sheet, button, clamp, more, page_note, pager, pages_of
from bot.ui.cards.words import escape_cut
from bot.workflows.library.needs import Need
from bot.workflows.model.problem import Severity, WorkflowProblem
from bot.workflows.model.standard import standard_title
from bot.workflows.model.workflow import Workflow, WorkflowKind

SIZE = 6
NAME, SHORT, SENTENCE = 60, 40, 100
FAULT = 160
NEEDS, NEED = 3, 36
WHOLE = 90

KINDS = {
    WorkflowKind.TEXT_TO_IMAGE: N_("text to picture"),
    WorkflowKind.IMAGE_TO_IMAGE: N_("picture to picture"),
    WorkflowKind.INPAINT: N_("changes part of a picture"),
    WorkflowKind.VIDEO: N_("makes videos"),
    WorkflowKind.AUDIO: N_("makes sounds"),
    WorkflowKind.THREE_D: N_("makes 3D models"),
    WorkflowKind.TEXT: N_("makes texts"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A workflow and what it needs of the servers."""

    workflow: Workflow
    needs: tuple[Need, ...] = ()
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowsPage:
    """One page of the workflows that this person may see."""

    here: Sequence[Listed]
    page: int
    total: int
    broken: int = 0
    """How many of all cannot be used; told to those who see them."""
    operator: bool = False
    """Whether it is for somebody who can mend them."""


def page_of(page: int, total: int) -> slice:
    """Return which of so many workflows stand on a page, or on the nearest that exists."""
    start = clamp(page, total, SIZE) * SIZE
    return slice(start, start + SIZE)


def workflows_view(shown: WorkflowsPage, lang: Language) -> discord.ui.LayoutView:
    """Draw one page of workflows."""
    page = clamp(shown.page, shown.total, SIZE)
    sheet = Sheet(lang.t("Workflows"))
    if not shown.here:
        sheet.text(lang.t("There are no workflows yet."))
        if shown.operator:
            sheet.text(lang.t("Attach one with `/workflows add`."))
    for each in shown.here:
        entry = _entry(each, lang)
        if not sheet.text("\n".join(entry)):
            sheet.text(entry[0])
    notes = [page_note(lang, page, shown.total, SIZE)] if pages_of(shown.total, SIZE) > 1 else []
    if shown.broken:
        notes.append(lang.n("One cannot be used", "{n} cannot be used", shown.broken))
    if notes:
        sheet.note(" · ".join(notes))
    options = [
        discord.SelectOption(
            label=f"{each.workflow.name} · {title_of(each.workflow, lang)}"[:100], value=each.workflow.name
        )
        for each in shown.here
        if len(each.workflow.name) <= 100
    ]
    if options:
        sheet.row(
            discord.ui.Select(
                custom_id="workflows:show", placeholder=lang.t("View one of them"), options=options
            )
        )
    sheet.row(
        *pager(lang, "workflows", page, pages_of(shown.total, SIZE)),
        button(lang.t("Read the folder again"), "workflows:reload", emoji="🔄") if shown.operator else None,
    )
    return sheet.view()


def _entry(listed: Listed, lang: Language) -> list[str]:
    workflow = listed.workflow
    marks = [f"**{plain(workflow.name, SHORT)}**", plain(title_of(workflow, lang), SHORT)]
    if workflow.command:
        marks.append(f"`/{workflow.command}`")
    if listed.default:
        marks.append(lang.t("default"))
    if workflow.nsfw:
        marks.append(lang.t("🔞 age-restricted"))
    lines = [" · ".join(marks)]
    if description := workflow.description.in_(lang.code):
        lines.append(plain(description, SENTENCE))
    if workflow.graph:
        lines.append(f"-# {' · '.join([lang.t(KINDS[workflow.kind]), *_asked(workflow, lang)])}")
    if listed.needs:
        lines.append(f"-# {needs_line(listed.needs, lang, most=NEEDS, length=NEED)}")
    if not workflow.enabled:
        lines.append(lang.t("⚠️ It cannot be used at present."))
        lines += [problem_line(each, lang, FAULT) for each in workflow.faults[:1]]
        if len(workflow.faults) > 1:
            lines.append(more(lang, len(workflow.faults) - 1))
    return lines


def _asked(workflow: Workflow, lang: Language) -> list[str]:
    """Say which files people have to give."""
    files = [
        plain(each.title.in_(lang.code) or standard_title(each.name).in_(lang.code) or each.name)
        for each in workflow.parameters.values()
        if each.required and each.type.is_file and each.fixed is None
    ]
    return [lang.t("you give: {files}", files=", ".join(files[:5]))] if files else []


def needs_line(needs: Sequence[Need], lang: Language, *, most: int, length: int = WHOLE) -> str:
    """Say what is needed and whether the servers have it, in words as well as by marks."""
    parts = [_need(each, lang, length) for each in needs[:most]]
    if len(needs) > most:
        parts.append(more(lang, len(needs) - most))
    return lang.t("Needs: {needs}", needs=", ".join(parts))


def _need(need: Need, lang: Language, length: int) -> str:
    name = plain(need.name, length)
    if need.is_class:
        name = lang.t("node class {name}", name=name)
    elif need.any_file and not need.having:
        name = lang.t("a file for {name}", name=name)
    if not need.servers:
        return name
    if need.met:
        return f"✅ {name}"
    if not need.having:
        return lang.t("❌ {name} (missing)", name=name)
    return lang.t(
        "🟠 {name} (on {having} of {servers} servers)", name=name, having=need.having, servers=need.servers
    )


def problem_line(problem: WorkflowProblem, lang: Language, limit: int) -> str:
    """Say what is wrong, as bad as it is."""
    said = plain(lang.say(Message(problem.message, **problem.arguments)), limit)
    match problem.severity:
        case Severity.ERROR:
            return lang.t("🔴 Error: {problem}", problem=said)
        case Severity.WARNING:
            return lang.t("🟠 Warning: {problem}", problem=said)
        case Severity.NOTE:
            return lang.t("ℹ️ Note: {problem}", problem=said)


def title_of(workflow: Workflow, lang: Language) -> str:
    """Return what a workflow is called."""
    return workflow.title.in_(lang.code) or workflow.name


def plain(text: str, limit: int = NAME) -> str:
    """Return somebody's words on one line, harmless and cut."""
    return escape_cut(" ".join(text.split()), limit=limit, encoded=3 * limit)
