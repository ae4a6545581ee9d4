"""What an operator has to decide before a workflow can be used: a list, and a button for each kind of answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.i18n import N_, Language
from bot.ui.cards.sheet import Sheet, button, more
from bot.workflows.model.approvals import Question, Use
from cogs.workflows.view_workflows import plain

NAME, VALUE = 40, 80
MOST = 25
"""Questions of one list; what is left is asked next."""

USES = {
    Use.TEXT: N_("nobody has checked what it does with this text"),
    Use.CODE: N_("runs this as code"),
    Use.PATH: N_("reads or writes files there"),
    Use.ADDRESS: N_("calls this address"),
    Use.KEY: N_("uses a key for a service outside ComfyUI"),
    Use.MONEY: N_("costs money each time it runs"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions that were shown together, and what they are recognised by."""

    questions: tuple[Question, ...]

    @property
    def mark(self) -> str:
        """Return the number of the questions and a digest of them: other questions have another one."""
        keys = sorted(
            str((each.pack, each.class_type, each.input, each.value, each.typed)) for each in self.questions
        )
        return f"{len(keys)}.{hashlib.sha256(repr(keys).encode()).hexdigest()[:8]}"


def add_questions(sheet: Sheet, questions: Sequence[Question], lang: Language) -> Asked:
    """Add what is to be decided, as much as fits; return what was shown."""
    sheet.rule()
    sheet.text(
        lang.t(
            "**This needs your approval.** Allow it only if you trust whoever made the workflow and its node packs."
        )
    )
    shown = sheet.lines([_line(each, lang) for each in questions[:MOST]])
    if shown < len(questions):
        sheet.note(more(lang, len(questions) - shown))
    sheet.note(lang.t("Any other value, node pack or image server is asked about anew."))
    return Asked(tuple(questions[:shown]))


def answer_row(
    asked: Asked, subject: str, lang: Language, *further: discord.ui.Item[discord.ui.LayoutView] | None
) -> tuple[discord.ui.Item[discord.ui.LayoutView] | None, ...]:
    """Return the buttons that answer all that was shown; `subject` is a workflow's name, or the key of a draft."""
    tail = f"{asked.mark}:{subject}"
    once = lang.t("Allow only these values")
    typed = lang.t("Let members type there")
    return (
        button(once, f"workflows:allow:{tail}", emoji="✅")
        if any(not each.typed for each in asked.questions)
        else None,
        button(typed, f"workflows:typing:{tail}", emoji="✍️")
        if any(each.input for each in asked.questions)
        else None,
        *further,
    )


def _line(question: Question, lang: Language) -> str:
    parts = [
        f"- **{plain(question.class_type, NAME)}** ({plain(question.pack, NAME)})",
        plain(question.input, NAME) if question.input else "",
        lang.t("what members type") if question.typed else _value(question),
        lang.t(USES[question.use]),
    ]
    return " · ".join(part for part in parts if part)


def _value(question: Question) -> str:
    return f"“{plain(question.shown, VALUE)}”" if question.shown else ""
