"""Node classes: what goes in, within which bounds, and what comes out."""

from collections.abc import Sequence

import discord

from bot.i18n import Language
from bot.ui.cards.sheet import Sheet, button, clamp, more, page_note, pager, pages_of
from bot.ui.cards.words import escape_cut
from bot.workflows.graph.schema import InputSchema, NodeSchema

CLASSES = 20
INPUTS = 12
CHOICES = 6
NAME = 60


def classes_view(classes: Sequence[str], page: int, lang: Language) -> discord.ui.LayoutView:
    """Draw the list of all node classes."""
    page = clamp(page, len(classes), CLASSES)
    sheet = Sheet(lang.t("Nodes"))
    here = classes[page * CLASSES : (page + 1) * CLASSES]
    sheet.lines([f"- {_plain(name)}" for name in here] or [lang.t("The image server has no nodes.")])
    total = lang.n("One node", "{n} nodes", len(classes))
    sheet.note(f"{total} · {page_note(lang, page, len(classes), CLASSES)}")
    sheet.row(*pager(lang, "nodes", page, pages_of(len(classes), CLASSES)))
    return sheet.view()


def node_view(node: NodeSchema, page: int, lang: Language) -> discord.ui.LayoutView:
    """Draw one node class."""
    inputs = list(node.inputs.values())
    page = clamp(page, len(inputs), INPUTS)
    sheet = Sheet(_plain(node.title))
    sheet.text("\n".join(_about(node, lang)))
    sheet.rule()
    sheet.text(lang.t("**Inputs**"))
    lines = [_input(each, lang) for each in inputs[page * INPUTS : (page + 1) * INPUTS]]
    sheet.lines(lines or [lang.t("No inputs.")])
    sheet.rule()
    outputs = [f"- {_plain(name)} · {_plain(kind)}" for name, kind in node.outputs]
    sheet.text(lang.t("**Outputs**"))
    shown = sheet.lines(outputs or [lang.t("No outputs.")])
    if shown < len(outputs):
        sheet.note(more(lang, len(outputs) - shown))
    if pages_of(len(inputs), INPUTS) > 1:
        sheet.note(page_note(lang, page, len(inputs), INPUTS))
    sheet.row(
        button(lang.t("All nodes"), "nodes:all"),
        *pager(lang, "nodes", page, pages_of(len(inputs), INPUTS), node.class_type),
    )
    return sheet.view()


def _about(node: NodeSchema, lang: Language) -> list[str]:
    lines = [lang.t("Class: {name}", name=_plain(node.class_type))]
    if node.category:
        lines.append(lang.t("Category: {category}", category=_plain(node.category)))
    if node.is_output:
        lines.append(lang.t("It is an output node: what it makes is delivered."))
    if node.paid:
        lines.append(lang.t("⚠️ It calls a service that costs money."))
    return lines


def _input(schema: InputSchema, lang: Language) -> str:
    parts = [_plain(schema.type)]
    if not schema.required:
        parts.append(lang.t("optional"))
    if schema.minimum is not None and schema.maximum is not None:
        parts.append(
            lang.t("{minimum} to {maximum}", minimum=_number(schema.minimum), maximum=_number(schema.maximum))
        )
    elif schema.minimum is not None:
        parts.append(lang.t("at least {minimum}", minimum=_number(schema.minimum)))
    elif schema.maximum is not None:
        parts.append(lang.t("at most {maximum}", maximum=_number(schema.maximum)))
    if schema.step not in (None, 1):
        parts.append(lang.t("in steps of {step}", step=_number(schema.step or 0)))
    if schema.default is not None and schema.default != "":
        parts.append(lang.t("default {value}", value=_plain(str(schema.default))))
    if schema.choices is not None:
        parts.append(_choices(schema.choices, lang))
    return f"- **{_plain(schema.name)}** · {' · '.join(parts)}"


def _choices(choices: Sequence[str], lang: Language) -> str:
    if not choices:
        return lang.t("the server has nothing to choose from")
    shown = ", ".join(_plain(choice) for choice in choices[:CHOICES])
    if len(choices) > CHOICES:
        return lang.t("one of {count}: {choices} …", count=len(choices), choices=shown)
    return lang.t("one of: {choices}", choices=shown)


def _number(value: float) -> str:
    # As one would type it: neither grouped nor rounded, for the bounds of seeds have twenty digits.
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(text: str) -> str:
    return escape_cut(" ".join(text.split()), limit=NAME, encoded=2 * NAME)
