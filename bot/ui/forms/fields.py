"""The fields of a form: how each of a workflow's parameters is asked for, filled with what a draft holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import discord

from bot.i18n import Language
from bot.ui.cards.words import named
from bot.ui.forms import howmany
from bot.ui.forms.formpages import (
    LONGEST_TEXT,
    MORE,
    OTHER,
    PRIORITY,
    WORKFLOW,
    choosable,
    field_id,
    has_field,
    own_text,
    pages,
)
from bot.ui.forms.howmany import COUNT
from bot.ui.forms.suggestions import LONGEST, MOST, Offer, Suggestions, middle_cut
from bot.ui.interactions.replies import shorten
from bot.users.form_drafts import Draft
from bot.workflows.binding.accept import shown
from bot.workflows.binding.bind import BindLimits, effective_limits
from bot.workflows.binding.size import ASPECTS
from bot.workflows.model.parameter import AUTO, Parameter, ParameterType
from bot.workflows.model.standard import split_name
from bot.workflows.model.workflow import ASPECT, Workflow

KEPT = 50
"""Letters of a kept file's name: the words around it have to fit too."""
_PARAGRAPHS = frozenset({"prompt", "negative_prompt", "tags", "lyrics"})


class Fields:
    """Makes the fields of one workflow's form, filled with what a draft holds."""

    def __init__(
        self,
        workflow: Workflow,
        draft: Draft,
        lang: Language,
        suggestions: Suggestions,
        limits: BindLimits,
        *,
        workflows: Sequence[Workflow] = (),
    ) -> None:
        """Make them; `workflows` are those to choose from, where the draft asks for one."""
        self._workflow = workflow
        self._draft = draft
        self._lang = lang
        self._suggestions = suggestions
        self._limits = effective_limits(workflow, limits)
        self._workflows = workflows

    def title(self, name: str) -> str:
        """Return what a parameter is called."""
        if name == OTHER:
            return self._lang.t("Other settings")
        if name == ASPECT:
            return self._lang.t("Aspect ratio")
        if name == COUNT:
            return self._lang.t("How many")
        if name == WORKFLOW:
            return self._lang.t("Workflow")
        if name == PRIORITY:
            return self._lang.name("priority", "option name") or "priority"
        parameter = self._workflow.parameters.get(name)
        written = parameter.title.in_(self._lang.code) if parameter is not None else ""
        return written or self._lang.name(name, "option name") or name

    def label(self, name: str) -> discord.ui.Label[Any]:
        """Return a field with its name above it."""
        component, hint = self._component(name)
        return discord.ui.Label(
            text=shorten(self.title(name), 45),
            component=component,
            description=shorten(hint, 100) if hint else None,
        )

    def more(self, count: int) -> discord.ui.Label[Any]:
        """Return the question whether the further settings are wanted."""
        return discord.ui.Label(
            text=self._lang.t("More settings"),
            component=discord.ui.Checkbox(custom_id=MORE),
            description=self._lang.n(
                "Opens one more setting first.", "Opens {n} more settings first.", count
            ),
        )

    def _component(self, name: str) -> tuple[discord.ui.Item[Any], str]:
        if name == OTHER:
            return self._others()
        if name == COUNT:
            return self._count(), ""
        if name == WORKFLOW:
            return self._workflow_menu(), ""
        if name == PRIORITY:
            return self._priority(), self._lang.t("Go before others of this server; for moderators")
        parameter = self._workflow.parameters.get(name)
        if parameter is None:
            return self._select(
                name, [(each, each) for each in ASPECTS], current=shape_of(self._draft.texts)
            ), ""
        said = parameter.description.in_(self._lang.code)
        if parameter.type.is_file:
            return self._file(parameter, said)
        match parameter.type:
            case ParameterType.BOOLEAN:
                ticked = self._current(parameter).casefold() in {"yes", "true"}
                return discord.ui.Checkbox(custom_id=field_id(name), default=ticked), said
            case ParameterType.CHOICE | ParameterType.MODEL if offers := self._offers(parameter):
                return self._select(name, offers, required=self._required(parameter)), said
            case ParameterType.INTEGER | ParameterType.NUMBER:
                return self._line(parameter), said or self._range(parameter)
            case _:
                return self._line(parameter), said

    def _priority(self) -> discord.ui.Checkbox[Any]:
        return discord.ui.Checkbox(custom_id=field_id(PRIORITY), default=True)

    def _workflow_menu(self) -> discord.ui.Select[Any]:
        code, own = self._lang.code, self._workflow
        titles = {each.name: named(each.title.in_(code), each.name) for each in (own, *self._workflows)}
        options = [
            discord.SelectOption(label=middle_cut(title), value=name, default=name == own.name)
            for name, title in titles.items()
            if len(name) <= LONGEST
        ]
        return discord.ui.Select(custom_id=field_id(WORKFLOW), options=options[:MOST])

    def _others(self) -> tuple[discord.ui.Item[Any], str]:
        own = {each for page in pages(self._workflow, self._draft) for each in page}
        lines = [
            f"{name}={text}"
            for name, text in self._draft.texts.items()
            if name != OTHER and not has_field(self._workflow, name, own)
        ]
        written = "\n".join(filter(None, (self._draft.texts.get(OTHER, ""), *lines)))
        field: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            custom_id=field_id(OTHER),
            default=written[:4000] or None,
            required=False,
            max_length=4000,
        )
        return field, self._lang.t("One name=value a line")

    def _count(self) -> discord.ui.Item[Any]:
        """Return the field for how many: a menu where it can hold all numbers that are allowed."""
        held, usual, most = (
            howmany.current(self._draft),
            str(howmany.usual(self._workflow)),
            self._limits.count,
        )
        if most <= MOST:
            numbers = [(str(each), str(each)) for each in range(1, most + 1)]
            return self._select(COUNT, numbers, current=held, usual=usual)
        return discord.ui.TextInput(
            custom_id=field_id(COUNT), default=held or None, placeholder=usual, required=False, max_length=40
        )

    def _current(self, parameter: Parameter) -> str:
        own = parameter.default
        written = ("yes" if own else "no") if isinstance(own, bool) else ""
        return self._draft.texts.get(parameter.name, written)

    def _line(self, parameter: Parameter) -> discord.ui.TextInput[Any]:
        long = parameter.type is ParameterType.TEXT and (
            parameter.multiline or split_name(parameter.name)[0] in _PARAGRAPHS
        )
        numeric = parameter.type.is_numeric
        limit = 40 if numeric else LONGEST_TEXT
        usual = "" if parameter.name == "seed" else _usual(parameter)
        return discord.ui.TextInput(
            style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
            custom_id=field_id(parameter.name),
            default=self._draft.texts.get(parameter.name, own_text(parameter))[:limit] or None,
            placeholder=shorten(usual, 100) or None,
            required=self._required(parameter) and (self._draft.quick or not parameter.default),
            max_length=limit,
        )

    def _range(self, parameter: Parameter) -> str:
        if split_name(parameter.name)[0] == "seed":
            return self._lang.t("Leave empty for a random seed.")
        low, high, cap = parameter.minimum, parameter.maximum, self._limits.cap(parameter.name)
        high = min((each for each in (high, cap) if each is not None), default=None)
        if low is None or high is None or abs(high) >= 1e9:
            return ""
        return self._lang.t("From {minimum} to {maximum}", minimum=shown(low), maximum=shown(high))

    def _file(self, parameter: Parameter, said: str) -> tuple[discord.ui.Item[Any], str]:
        name = parameter.name
        attached = self._draft.attached.get(name)
        there = (
            attached is not None
            or name in self._draft.inputs
            or name in self._draft.pictures
            or name in self._draft.texts
        )
        if there:
            called = attached.name if attached is not None else self._lang.t("the file attached before")
            said = self._lang.t("{name} (kept; attach another to replace it)", name=middle_cut(called, KEPT))
        required = self._required(parameter) and not there
        upload: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id=field_id(name), required=required, min_values=1 if required else 0, max_values=1
        )
        return upload, said

    def _required(self, parameter: Parameter) -> bool:
        """Whether the form insists on it; another workflow may be chosen that does not even take it."""
        return parameter.required and not self._draft.choosing

    def _offers(self, parameter: Parameter) -> list[Offer]:
        if parameter.name == "lora":
            return []  # takes several, with strengths
        code = self._lang.code
        if parameter.closed:
            offers = [
                (named(each.label.in_(code), str(each.value)), _sendable(str(each.value), str(each.label)))
                for each in parameter.choices
            ]
        else:
            offers = self._suggestions.values(parameter.name, self._workflow, "")
        return [(label, value) for label, value in offers if 0 < len(value) <= LONGEST]

    def _select(
        self,
        name: str,
        offers: Iterable[Offer],
        *,
        required: bool = False,
        current: str | None = None,
        usual: str = "",
    ) -> discord.ui.Select[Any]:
        """Return a menu with what is chosen now first, even where it is not offered any more."""
        current = choosable(self._draft.texts.get(name, "") if current is None else current)
        by_value = {value: label for label, value in offers}
        chosen = next((value for value, label in by_value.items() if current in {value, label}), current)
        parameter = self._workflow.parameters.get(name)
        usual = _usual(parameter) if parameter is not None else usual
        if parameter is not None and _finds_its_model(parameter):
            by_value[AUTO] = usual = self._lang.t("automatic")
        first = [chosen] if chosen else []
        values = list(dict.fromkeys([*first, *by_value]))
        return discord.ui.Select(
            custom_id=field_id(name),
            placeholder=shorten(usual, 100) or None,
            required=required and not usual,
            min_values=1 if required and not usual else 0,
            options=[
                discord.SelectOption(
                    label=middle_cut(named(by_value.get(value, ""), value)),
                    value=value,
                    default=bool(current) and value == chosen,
                )
                for value in values[:MOST]
            ],
        )


def shape_of(texts: Mapping[str, str]) -> str:
    """Return the shape that stands in a form: an aspect, else both sides."""
    if ASPECT in texts:
        return texts[ASPECT]
    return f"{texts['width']}×{texts['height']}" if {"width", "height"} <= texts.keys() else ""


def _finds_its_model(parameter: Parameter) -> bool:
    return parameter.type is ParameterType.MODEL and parameter.default == AUTO


def _usual(parameter: Parameter) -> str:
    """Return what is used where nothing is given."""
    value = parameter.default
    if isinstance(value, int | float) and not isinstance(value, bool):
        return shown(value)
    label = next((str(each.label) for each in parameter.choices if each.value == value), "")
    return label or (str(value) if value is not None else "")


def _sendable(value: str, label: str) -> str:
    return value if 0 < len(value) <= LONGEST else label
