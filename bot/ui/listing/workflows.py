"""Workflows: which there are, what each takes, and what those that cannot be used still need."""

from collections.abc import Sequence

import discord

from bot.i18n import N_, Language, Message
from bot.ui.listing.sheet import NEUTRAL, TROUBLE, Sheet, button, clamp, more, page_note, pager, pages_of
from bot.ui.words import cut_escaped, escape
from bot.workflows.bind import BindLimits, effective_limits
from bot.workflows.parameter import Parameter, ParameterType
from bot.workflows.problem import Severity, WorkflowProblem
from bot.workflows.standard import split_name, standard_title
from bot.workflows.workflow import Workflow, WorkflowKind

SIZE = 8
PARAMETERS = 40
CHOICES = 6
NAME, SENTENCE = 60, 200

KINDS = {
    WorkflowKind.TEXT_TO_IMAGE: N_("text to picture"),
    WorkflowKind.IMAGE_TO_IMAGE: N_("picture to picture"),
    WorkflowKind.INPAINT: N_("changes part of a picture"),
    WorkflowKind.VIDEO: N_("makes videos"),
    WorkflowKind.AUDIO: N_("makes sounds"),
    WorkflowKind.THREE_D: N_("makes 3D models"),
    WorkflowKind.TEXT: N_("makes texts"),
}

TYPES = {
    ParameterType.TEXT: N_("text"),
    ParameterType.INTEGER: N_("whole number"),
    ParameterType.NUMBER: N_("number"),
    ParameterType.BOOLEAN: N_("yes or no"),
    ParameterType.CHOICE: N_("choice"),
    ParameterType.MODEL: N_("model file"),
    ParameterType.IMAGE: N_("picture"),
    ParameterType.MASK: N_("mask"),
    ParameterType.VIDEO: N_("video"),
    ParameterType.AUDIO: N_("sound"),
}


def workflows_view(
    workflows: Sequence[Workflow], default: str | None, page: int, lang: Language
) -> discord.ui.LayoutView:
    """Draw one page of workflows."""
    page = clamp(page, len(workflows), SIZE)
    sheet = Sheet(lang.t("Workflows"))
    here = workflows[page * SIZE : (page + 1) * SIZE]
    if not here:
        sheet.text(lang.t("There are no workflows yet."))
    for workflow in here:
        sheet.text(_entry(workflow, lang, is_default=workflow.name == default))
    if pages_of(len(workflows), SIZE) > 1:
        sheet.note(page_note(lang, page, len(workflows), SIZE))
    options = [
        discord.SelectOption(label=f"{each.name} · {_title(each, lang)}"[:100], value=each.name)
        for each in here
        if len(each.name) <= 100
    ]
    if options:
        sheet.row(
            discord.ui.Select(
                custom_id="workflows:show", placeholder=lang.t("Look at one of them"), options=options
            )
        )
    sheet.row(*pager(lang, "workflows", page, pages_of(len(workflows), SIZE)))
    return sheet.view()


def workflow_view(
    workflow: Workflow, lang: Language, *, limits: BindLimits, problems: bool
) -> discord.ui.LayoutView:
    """Draw one workflow; `problems` says whether everything found wrong with it is told."""
    limits = effective_limits(workflow, limits)
    sheet = Sheet(_plain(_title(workflow, lang)), colour=NEUTRAL if workflow.enabled else TROUBLE)
    sheet.text("\n".join(_about(workflow, lang)))
    offered = [p for p in workflow.parameters.values() if p.fixed is None and not p.hidden]
    if offered:
        sheet.rule()
        sheet.text(lang.t("**What it takes**"))
        shown = sheet.lines([_parameter(each, lang, limits) for each in offered[:PARAMETERS]])
        if shown < len(offered):
            sheet.note(more(lang, len(offered) - shown))
    if problems and workflow.problems:
        sheet.rule()
        told = sheet.lines([_problem(each, lang) for each in workflow.problems])
        if told < len(workflow.problems):
            sheet.note(more(lang, len(workflow.problems) - told))
    sheet.row(button(lang.t("All workflows"), "workflows:list"))
    return sheet.view()


def _entry(workflow: Workflow, lang: Language, *, is_default: bool) -> str:
    marks = [f"**{_plain(workflow.name)}**", _plain(_title(workflow, lang))]
    description = workflow.description.in_(lang.code)
    if not description:
        marks.append(lang.t(KINDS[workflow.kind]))
    if is_default:
        marks.append(lang.t("used unless told"))
    if workflow.nsfw:
        marks.append("🔞")
    lines = [" · ".join(marks)]
    if description:
        lines.append(_plain(description, SENTENCE))
    if not workflow.enabled:
        lines.append(lang.t("⚠️ It cannot be used at present."))
    return "\n".join(lines)


def _about(workflow: Workflow, lang: Language) -> list[str]:
    lines = [lang.t("Name: {name}", name=_plain(workflow.name)), lang.t(KINDS[workflow.kind])]
    if description := workflow.description.in_(lang.code):
        lines.insert(0, _plain(description, 2 * SENTENCE))
    if workflow.nsfw:
        lines.append(lang.t("🔞 In age-restricted channels only."))
    if not workflow.enabled:
        lines.append(lang.t("⚠️ It cannot be used at present."))
    return lines


def _parameter(parameter: Parameter, lang: Language, limits: BindLimits) -> str:
    parts = [f"- **{_plain(parameter.name)}**"]
    title = parameter.title.in_(lang.code) or standard_title(parameter.name).in_(lang.code)
    kind = lang.t(TYPES[parameter.type])
    said = {parameter.name.replace("_", " ").casefold(), kind.casefold()}
    if title and title.casefold() not in said:
        parts.append(_plain(title))
    parts.append(kind)
    if parameter.required:
        parts.append(lang.t("needed"))
    parts += _range(parameter, lang, limits)
    if parameter.choices and parameter.type is not ParameterType.MODEL:
        parts.append(_choices(parameter, lang))
    if _default_counts(parameter):
        parts.append(lang.t("default {value}", value=_plain(_number(parameter.default))))
    if description := parameter.description.in_(lang.code):
        parts.append(_plain(description, SENTENCE // 2))
    return " · ".join(parts)


def _default_counts(parameter: Parameter) -> bool:
    """Whether the value in the file is used when nobody gives one, and is worth telling."""
    drawn_or_asked_for = parameter.name == "seed" or parameter.required or parameter.type.is_file
    return parameter.default not in (None, "") and not parameter.multiline and not drawn_or_asked_for


def _range(parameter: Parameter, lang: Language, limits: BindLimits) -> list[str]:
    """Return what a number may be here; how wide and how high is a matter of all pixels together."""
    if parameter.minimum is None or parameter.maximum is None or not parameter.type.is_numeric:
        return []
    if split_name(parameter.name)[0] in {"width", "height"}:
        return [lang.t("at most {pixels} pixels in all", pixels=lang.number(limits.pixels))]
    cap = limits.cap(parameter.name)
    highest = parameter.maximum if cap is None else min(parameter.maximum, cap)
    return [lang.t("{minimum} to {maximum}", minimum=_number(parameter.minimum), maximum=_number(highest))]


def _choices(parameter: Parameter, lang: Language) -> str:
    labels = [_plain(choice.label.in_(lang.code) or str(choice.value)) for choice in parameter.choices]
    shown = ", ".join(labels[:CHOICES])
    if len(labels) > CHOICES:
        return lang.t("one of {count}: {choices} …", count=len(labels), choices=shown)
    return lang.t("one of: {choices}", choices=shown)


def _problem(problem: WorkflowProblem, lang: Language) -> str:
    mark = {Severity.ERROR: "🔴", Severity.WARNING: "🟠", Severity.NOTE: "ℹ️"}[problem.severity]
    sentence = lang.say(Message(problem.message, **problem.arguments))
    return f"{mark} {_plain(sentence, 2 * SENTENCE)}"


def _title(workflow: Workflow, lang: Language) -> str:
    return workflow.title.in_(lang.code) or workflow.name


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(text: str, limit: int = NAME) -> str:
    return cut_escaped(escape(" ".join(text.split())), limit=limit, encoded=3 * limit)
