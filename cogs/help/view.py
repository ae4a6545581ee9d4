"""/help: what can be made here, how, and by which rules; short enough for a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.i18n import Language, as_code
from bot.policy.rules import Who
from bot.settings import LimitSettings
from bot.ui.cards.sheet import Sheet
from bot.ui.cards.words import escape_cut
from bot.workflows.model.workflow import Workflow
from bot.workflows.prompts.writing_systems import reads

WORKFLOWS = 6
TITLE = 60
DURATION_FROM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What holds for this person, here and now."""

    workflows: Sequence[Workflow]
    """Those this person can use here, the usual one first."""
    elsewhere: int = 0
    """How many more there are in age-restricted channels."""
    commands: Mapping[str, str]
    """Slash commands that workflows have of their own, by the workflow's name."""
    limits: LimitSettings
    blocked_words: bool = False
    moderator: bool = False
    paused: bool = False
    going_on: Who = Who.ANYONE
    """Who may go on from results."""


def help_view(page: Help, lang: Language) -> discord.ui.LayoutView:
    """Draw the answer."""
    sheet = Sheet(lang.t("What you can do here"))
    if page.paused:
        sheet.text(lang.t("⏸️ New jobs are paused for the moment; those accepted go on."))
    if page.workflows:
        sheet.text(
            lang.t(
                "Type `/imagine` and say what you would like to see; `/generate` has every setting. To copy:"
            )
        )
        sheet.text("\n".join(f"```\n{example}\n```" for example in examples(page.workflows, lang)))
        shown = page.workflows[:WORKFLOWS]
        lines = [lang.t("**What can be made**"), *(_line(each, page.commands, lang) for each in shown)]
        if len(page.workflows) > len(shown) or page.elsewhere:
            lines.append(_others(len(page.workflows) - len(shown), page.elsewhere, lang))
        sheet.lines(lines)
    else:
        sheet.text(lang.t("Nothing can be made here at the moment. `/workflows list` says what is lacking."))
    sheet.text(
        "\n".join([
            lang.t("**What next**"),
            lang.t("- The buttons below a picture make it again, vary, enlarge or change it."),
            lang.t("- Any message with a picture: hold it (or right-click), then *Apps*."),
            lang.t("- `/history` finds what was made, `/queue` shows who waits, `/cancel` stops a job."),
            lang.t("- `/profile` is for your language, your defaults and how you want to be told."),
        ])
    )  # fmt: skip
    sheet.text("\n".join([lang.t("**Rules here**"), *(f"- {rule}" for rule in _rules(page, lang))]))
    return sheet.view()


def examples(workflows: Sequence[Workflow], lang: Language) -> list[str]:
    """Return commands to copy, with the names that the person's Discord shows; prompts as the model reads them."""
    usual, found = workflows[0], list[str]()
    if usual.takes("prompt"):
        found.append(_typed("imagine", lang, prompt=_wish(usual, lang)))
    picture = next((each for each in workflows if each.takes("image") and each.takes("prompt")), None)
    other = next((each for each in workflows[1:] if each.takes("prompt") and each is not picture), None)
    if other is not None:
        shape = {"aspect": "16:9"} if other.takes("aspect") else {}
        found.append(_typed("generate", lang, prompt=_wish(other, lang), workflow=other.name, **shape))
    if picture is not None:
        change = "the same as a winter night"
        said = lang.t("the same as a winter night")
        found.append(_typed("imagine", lang, prompt=said if reads(picture, said) else change, image=""))
    return found


def _typed(command: str, lang: Language, **options: str) -> str:
    name = lang.name(command, "command name") or command
    return " ".join([
        f"/{name}",
        *(f"{lang.name(option, 'option name') or option}:{value}" for option, value in options.items()),
    ])  # fmt: skip


def _wish(workflow: Workflow, lang: Language) -> str:
    english = "a lighthouse in a storm, oil painting"
    said = lang.t("a lighthouse in a storm, oil painting")
    return said if reads(workflow, said) else english


def _line(workflow: Workflow, commands: Mapping[str, str], lang: Language) -> str:
    own = commands.get(workflow.name)
    how = f"`/{own}`" if own else f"`{as_code(workflow.name[:TITLE])}`"
    # One of them is enough on a phone.
    said = workflow.title.in_(lang.code) or workflow.description.in_(lang.code)
    return f"- {how} {escape_cut(said, limit=TITLE, encoded=3 * TITLE)}"


def _others(more: int, elsewhere: int, lang: Language) -> str:
    parts: list[str] = []
    if more:
        parts.append(lang.n("One more: `/workflows list`", "{n} more: `/workflows list`", more))
    if elsewhere:
        parts.append(
            lang.n(
                "🔞 one more in age-restricted channels", "🔞 {n} more in age-restricted channels", elsewhere
            )
        )
    return f"-# {' · '.join(parts)}"


def _rules(page: Help, lang: Language) -> list[str]:
    limits = page.limits
    most = lang.n(
        "One job of yours at a time, however many pictures it makes",
        "Up to {n} jobs of yours at a time, however many pictures each makes",
        limits.jobs_per_user,
    )
    rules = [most]
    if limits.daily:
        rules.append(
            lang.t(
                "Up to {daily} pictures a day; a long film counts as several", daily=lang.number(limits.daily)
            )
        )
    if limits.cooldown >= DURATION_FROM:
        rules.append(lang.t("{duration} between two jobs", duration=lang.duration(limits.cooldown)))
    rules.append(
        lang.t(
            "A job has at most {count} pictures, {pixels} pixels, {steps} steps, unless a workflow says otherwise",
            count=lang.number(limits.count),
            pixels=lang.compact(limits.pixels),
            steps=lang.number(limits.steps),
        )
    )
    if page.going_on is Who.OWNER:
        rules.append(lang.t("Only who asked for a picture, and moderators, can go on from it by its buttons"))
    elif page.going_on is Who.MODERATORS:
        rules.append(lang.t("Only moderators can go on from pictures by their buttons"))
    if page.blocked_words:
        rules.append(lang.t("Some words are not allowed; I say which when they come up"))
    rules.append(
        lang.t("As a moderator you go before others of this server with `priority`, and can stop their jobs")
        if page.moderator
        else lang.t("Everybody takes turns; only moderators can go first")
    )
    rules.append(lang.t("Everybody sees what you make, unless you choose `private`"))
    return rules
