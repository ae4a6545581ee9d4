"""One workflow as a message: what it takes and gives, what it needs, what is wrong with it, and its graph."""

from dataclasses import dataclass, replace

import discord

from bot.comfy import OutputKind
from bot.i18n import N_, Language
from bot.ui.cards.sheet import NEUTRAL, TROUBLE, Sheet, button, more
from bot.workflows.binding.bind import BindLimits, effective_limits
from bot.workflows.library.needs import Need
from bot.workflows.model.approvals import Question
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.roles import read_role
from bot.workflows.model.standard import split_name, standard_title
from bot.workflows.model.workflow import Workflow
from cogs.workflows.view_approvals import add_questions, answer_row
from cogs.workflows.view_workflows import KINDS, needs_line, plain, problem_line, title_of

PARAMETERS = 40
CHOICES = 6
SENTENCE = 200
NEEDS = 12
ROLES = 10

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


OUTPUTS = {
    OutputKind.IMAGE: N_("pictures"),
    OutputKind.VIDEO: N_("videos"),
    OutputKind.AUDIO: N_("sounds"),
    OutputKind.THREE_D: N_("3D models"),
    OutputKind.TEXT: N_("texts"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowPage:
    """One workflow as this person may see it."""

    workflow: Workflow
    limits: BindLimits
    needs: tuple[Need, ...] = ()
    problems: bool = False
    """Whether everything found wrong with it is told."""
    operator: bool = False
    """Whether it is for somebody who may take it away or read its graph as data."""
    questions: tuple[Question, ...] = ()
    """What this person can decide about its nodes."""
    approved: bool = False
    """Whether something about its nodes was decided that this person can take back."""
    picture: str | None = None
    """The name of the attached picture of the graph."""
    description: str = ""
    """The picture in words."""
    wanting: bool = False
    """Whether words are missing in the picture because no font has them."""

    def with_picture(self, file: str, description: str, *, wanting: bool) -> "WorkflowPage":
        """Return the page with an attached picture of the graph."""
        return replace(self, picture=file, description=description, wanting=wanting)


def workflow_view(page: WorkflowPage, lang: Language) -> discord.ui.LayoutView:
    """Draw one workflow."""
    workflow = page.workflow
    limits = effective_limits(workflow, page.limits)
    sheet = Sheet(plain(title_of(workflow, lang)), colour=NEUTRAL if workflow.enabled else TROUBLE)
    sheet.text("\n".join(_about(page, lang)))
    asked = add_questions(sheet, page.questions, lang) if page.questions else None
    if page.problems:
        add_problems(sheet, workflow, lang, asked=asked is not None)
    add_parameters(sheet, workflow, limits, lang)
    if page.picture is not None:
        sheet.gallery(page.picture, page.description)
        if page.wanting:
            sheet.note(
                lang.t(
                    "Some words of the graph cannot be written in the picture: the machine of the bot has no font for them."
                )
            )
    name = workflow.name
    if asked is not None:
        sheet.row(*answer_row(asked, name, lang))
    sheet.row(
        button(lang.t("All workflows"), "workflows:list", emoji="◀️"),
        button(lang.t("Graph as a file"), f"workflows:graph:{name}", emoji="💾") if page.operator else None,
        button(lang.t("Give it a command"), f"workflows:command:{name}", emoji="⌨️")
        if offers_command(page)
        else None,
        button(lang.t("Withdraw approvals"), f"workflows:withdraw:{name}", emoji="↩️")
        if page.approved
        else None,
        button(lang.t("Remove"), f"workflows:remove:{name}", emoji="🗑️") if page.operator else None,
    )
    return sheet.view()


def offers_command(page: WorkflowPage) -> bool:
    """Whether an own slash command can be given to it."""
    return page.operator and page.workflow.enabled and page.workflow.command is None


def add_problems(sheet: Sheet, workflow: Workflow, lang: Language, *, asked: bool = False) -> None:
    """Add what is wrong with a workflow, with what to do about it; what was `asked` already is left out."""
    problems = [each for each in workflow.problems if each.question is None or not asked]
    if problems:
        sheet.rule()
        told = sheet.lines([problem_line(each, lang, 2 * SENTENCE) for each in problems])
        if told < len(problems):
            sheet.note(more(lang, len(problems) - told))


def add_parameters(sheet: Sheet, workflow: Workflow, limits: BindLimits, lang: Language) -> None:
    """Add what a workflow takes."""
    offered = [p for p in workflow.parameters.values() if p.fixed is None and not p.hidden]
    if offered:
        sheet.rule()
        sheet.text(lang.t("**What it takes**"))
        shown = sheet.lines([_parameter(each, lang, limits) for each in offered[:PARAMETERS]])
        if shown < len(offered):
            sheet.note(more(lang, len(offered) - shown))


def _about(page: WorkflowPage, lang: Language) -> list[str]:
    workflow = page.workflow
    lines: list[str] = []
    if description := workflow.description.in_(lang.code):
        lines.append(plain(description, 2 * SENTENCE))
    lines.append(lang.t("Name: {name}", name=plain(workflow.name)))
    if workflow.command:
        lines.append(lang.t("Its own command: {command}", command=f"`/{workflow.command}`"))
    if workflow.outputs:
        given = ", ".join(lang.t(OUTPUTS[kind]) for kind in workflow.output_kinds if kind in OUTPUTS)
        kind = lang.t(KINDS[workflow.kind])
        lines.append(lang.t("{kind}; gives {outputs}", kind=kind, outputs=given) if given else kind)
    if page.needs:
        lines.append(needs_line(page.needs, lang, most=NEEDS))
    lines += _rules(workflow, lang)
    if not workflow.enabled:
        lines.append(lang.t("⚠️ It cannot be used at present."))
    return lines


def _role(written: int | str) -> str:
    role = read_role(written)
    if isinstance(role, int):
        return f"<@&{role}>"
    return plain(role.name if role is not None else str(written))


def _rules(workflow: Workflow, lang: Language) -> list[str]:
    lines: list[str] = []
    if workflow.nsfw:
        lines.append(lang.t("🔞 In age-restricted channels only."))
    if workflow.roles:
        roles = [_role(role) for role in workflow.roles[:ROLES]]
        lines.append(lang.t("Only for: {roles}", roles=", ".join(roles)))
    if workflow.cost is not None and workflow.cost != 1:
        lines.append(lang.t("Each result counts as {cost} pictures.", cost=lang.number(workflow.cost)))
    if workflow.timeout is not None:
        lines.append(lang.t("May take {duration} at most.", duration=lang.duration(workflow.timeout)))
    return lines


def _parameter(parameter: Parameter, lang: Language, limits: BindLimits) -> str:
    parts = [f"- **{plain(parameter.name)}**"]
    title = parameter.title.in_(lang.code) or standard_title(parameter.name).in_(lang.code)
    kind = lang.t(TYPES[parameter.type])
    said = {parameter.name.replace("_", " ").casefold(), kind.casefold()}
    if title and title.casefold() not in said:
        parts.append(plain(title))
    parts.append(kind)
    if parameter.required:
        parts.append(lang.t("required"))
    parts += _range(parameter, lang, limits)
    if parameter.choices and parameter.type is not ParameterType.MODEL:
        parts.append(_choices(parameter, lang))
    if _default_counts(parameter):
        parts.append(lang.t("default {value}", value=plain(_number(parameter.default))))
    if description := parameter.description.in_(lang.code):
        parts.append(plain(description, SENTENCE // 2))
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
    labels = [plain(choice.label.in_(lang.code) or str(choice.value)) for choice in parameter.choices]
    shown = ", ".join(labels[:CHOICES])
    if len(labels) > CHOICES:
        return lang.t("one of {count}: {choices} …", count=len(labels), choices=shown)
    return lang.t("one of: {choices}", choices=shown)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
