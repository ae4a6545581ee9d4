"""What a server has decided, as a message with a menu for each decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.i18n import Language
from bot.media.stripping.keep import Keep
from bot.policy.rules import GuildRules, Who
from bot.ui.cards.sheet import ENTRIES, LABEL, Sheet, more
from bot.ui.cards.words import escape
from bot.ui.interactions.replies import shorten
from bot.workflows.model.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage:
    """What holds in a server now, and what could."""

    rules: GuildRules
    keep: Keep
    workflows: Sequence[Workflow]
    """Those that can make a picture larger: enabled, and a picture is all they need."""

    @property
    def chosen(self) -> Workflow | None:
        """The one among them that is behind Upscale now; names are the same in any capitals."""
        wanted = self.rules.upscale.casefold()
        return next((each for each in self.workflows if each.name.casefold() == wanted), None)


def settings_view(page: SettingsPage, lang: Language) -> discord.ui.LayoutView:
    """Draw the decisions; each menu shows what holds."""
    sheet = Sheet(lang.t("Settings of this server"))
    sheet.text(lang.t("They hold for everybody here, at once, and every change is kept in the record."))
    sheet.text(
        "\n".join([
            lang.t("**Going on**: who may press *Again*, *Vary*, *Upscale*, *Edit* and *Use as input* on a result."),
            lang.t("It holds for the same picture attached again too; one that was saved anew is not recognised."),
            lang.t("*Cancel*, *Spoiler* and *Delete* are always for the person who asked, and moderators."),
        ])
    )  # fmt: skip
    sheet.text(lang.t("**Upscale**: the workflow behind the button and the menu of messages."))
    if page.chosen is None:
        sheet.text(
            lang.t(
                "⚠️ “{name}” cannot be used for it: there is no such workflow, or it needs more than a picture.",
                name=escape(page.rules.upscale),
            )
        )
    sheet.text(
        lang.t("**Inside files**: what ComfyUI writes into them, such as the prompt and the workflow.")
    )
    sheet.row(_going_on(page.rules, lang))
    if page.workflows:
        sheet.row(_upscale(page, lang))
        if len(page.workflows) > ENTRIES:
            sheet.note(more(lang, len(page.workflows) - ENTRIES))
    sheet.row(_metadata(page.keep, lang))
    return sheet.view()


def _going_on(rules: GuildRules, lang: Language) -> discord.ui.Select[Any]:
    labels = {
        Who.ANYONE: lang.t("Results of others: everybody may go on from them"),
        Who.OWNER: lang.t("Results of others: only who asked, and moderators"),
        Who.MODERATORS: lang.t("All results, also one's own: only moderators may go on from them"),
    }
    return _menu("others", "👥", {who.value: label for who, label in labels.items()}, rules.going_on.value)


def _upscale(page: SettingsPage, lang: Language) -> discord.ui.Select[Any]:
    # What is chosen is always among them, then what is called like the purpose: a menu has an end.
    ordered = sorted(
        page.workflows, key=lambda each: (each is not page.chosen, "upscal" not in each.name.casefold())
    )
    labels = {
        each.name: lang.t("Upscale: {workflow}", workflow=each.title.in_(lang.code) or each.name)
        for each in ordered[:ENTRIES]
    }
    chosen = page.chosen.name if page.chosen is not None else ""
    return _menu("upscale", "🔍", labels, chosen, lang.t("Choose the workflow for Upscale"))


def _metadata(keep: Keep, lang: Language) -> discord.ui.Select[Any]:
    labels = {
        Keep.ALL: lang.t("Inside files: everything, also paths on the image server"),
        Keep.WITHOUT_PATHS: lang.t("Inside files: everything but paths on the image server"),
        Keep.NOTHING: lang.t("Inside files: nothing but the result itself"),
    }
    return _menu("metadata", "🏷️", {each.value: label for each, label in labels.items()}, keep.value)


def _menu(
    action: str, emoji: str, labels: dict[str, str], chosen: str, placeholder: str | None = None
) -> discord.ui.Select[Any]:
    return discord.ui.Select(
        custom_id=f"settings:{action}",
        placeholder=placeholder,
        options=[
            discord.SelectOption(
                label=shorten(label, LABEL), value=value, emoji=emoji, default=value == chosen
            )
            for value, label in labels.items()
        ],
    )
