"""A person's settings, as a message with menus, and what is asked before everything is forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.i18n import LANGUAGES, Language
from bot.ui.cards.sheet import ENTRIES, LABEL, TROUBLE, Sheet, button, more
from bot.ui.cards.words import escape, named
from bot.ui.interactions.replies import shorten
from bot.ui.requests.defaults import told_defaults
from bot.users.profile import Notify, Profile, Usage
from bot.workflows.model.workflow import Workflow

AUTOMATIC = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    """What a person has set and used."""

    profile: Profile
    usage: Usage
    workflows: Sequence[Workflow]
    """Those that defaults can be set for here."""
    titles: Mapping[str, str]
    """What workflows with defaults are called, by name."""
    active: int = 0
    """How many jobs of the person are waiting or running."""
    at_once: int = 1
    """How many may be."""
    daily: int = 0
    """How many pictures a day are allowed; 0 for any number."""


def profile_view(page: ProfilePage, lang: Language) -> discord.ui.LayoutView:
    """Draw the settings."""
    sheet = Sheet(lang.t("Your profile"))
    sheet.text("\n".join([_used(page, lang), lang.t("These settings are yours in every server.")]))
    lines = [
        f"**{escape(page.titles.get(name, name))}**: {told_defaults(defaults, lang)}"
        for name, defaults in page.profile.defaults.items()
    ]
    if lines:
        shown = sheet.lines([lang.t("**Your defaults**"), *lines]) - 1
        if shown < len(lines):
            sheet.note(more(lang, len(lines) - max(0, shown)))
    sheet.row(_languages(page.profile, lang))
    sheet.row(_notifications(page.profile, lang))
    if page.workflows:
        sheet.row(_workflows(page, lang))
    sheet.row(
        button(lang.t("My data"), "profile:data", emoji="📄"),
        button(lang.t("Forget me …"), "profile:forget", emoji="🧹"),
    )
    return sheet.view()


def data_view(jobs: int, file: discord.File, lang: Language) -> discord.ui.LayoutView:
    """Show the file with everything that is stored about somebody."""
    sheet = Sheet(lang.t("Your data"))
    sheet.text(
        lang.n(
            "Everything I keep about you, your one job included.",
            "Everything I keep about you, your {n} jobs included.",
            jobs,
        )
    )
    view = sheet.view()
    view.add_item(discord.ui.File(file))
    return view


def forget_view(jobs: int, lang: Language) -> discord.ui.LayoutView:
    """Ask whether everything shall be forgotten, and say what that means."""
    sheet = Sheet(lang.t("Forget everything about you?"), colour=TROUBLE)
    sheet.text(
        lang.n(
            "This removes your one job from every server, with its pictures and what you attached.",
            "This removes all your {n} jobs from every server, with their pictures and what you attached.",
            jobs,
        )
        if jobs
        else lang.t("You have no jobs to remove.")
    )
    sheet.text(lang.t("Your favourites, defaults and settings go too. It cannot be undone."))
    sheet.text(lang.t("Messages in channels stay: delete those you do not want to stay first."))
    sheet.text(_staying(lang))
    yes: discord.ui.Button[Any] = discord.ui.Button(
        label=lang.t("Forget everything"), custom_id="profile:really", style=discord.ButtonStyle.danger
    )
    sheet.row(button(lang.t("Keep everything"), "profile:back", emoji="◀️"), yes)
    return sheet.view()


def forgotten_view(jobs: int, lang: Language) -> discord.ui.LayoutView:
    """Say that it is done."""
    sheet = Sheet(lang.t("Everything is forgotten"))
    sheet.text(
        lang.n(
            "One job and all your settings were removed.",
            "{n} jobs and all your settings were removed.",
            jobs,
        )
    )
    sheet.text(_staying(lang))
    return sheet.view()


def _staying(lang: Language) -> str:
    """Return what being forgotten does not reach."""
    return "\n".join([
        lang.t("**What stays**"),
        lang.t("- Messages on Discord, without working buttons"),
        lang.t("- Files on the image server and in backups of the bot, until its operator removes them"),
        lang.t("- What others made from your pictures; without your files and words"),
        lang.t("- A ban, as long as it holds"),
        lang.t("- How much of your limits you have used, without your name, until the day or the wait is over"),
    ])  # fmt: skip


def _used(page: ProfilePage, lang: Language) -> str:
    usage = page.usage
    parts = [
        lang.n("One job so far", "{n} jobs so far", usage.jobs),
        lang.t(
            "{active} of {limit} jobs waiting or running",
            active=lang.number(page.active),
            limit=lang.number(max(page.at_once, page.active)),
        ),
    ]
    if page.daily:
        parts.append(
            lang.t(
                "{used} of {limit} pictures today",
                used=lang.number(usage.today),
                limit=lang.number(page.daily),
            )
        )
    else:
        parts.append(lang.n("one picture today", "{n} pictures today", usage.today))
    if usage.seconds >= 1:
        parts.append(lang.t("{duration} of work on the server", duration=lang.duration(usage.seconds)))
    if usage.favourites:
        parts.append(lang.n("⭐ one favourite", "⭐ {n} favourites", usage.favourites))
    return " · ".join(parts)


def _languages(profile: Profile, lang: Language) -> discord.ui.Select[Any]:
    options = [
        discord.SelectOption(
            label=lang.t("Language: as in Discord"),
            value=AUTOMATIC,
            emoji="🌐",
            default=profile.language not in LANGUAGES,
        )
    ]
    options += [
        discord.SelectOption(
            label=shorten(lang.t("Language: {language}", language=each.own_name), LABEL),
            value=code,
            emoji="🌐",
            default=profile.language == code,
        )
        for code, each in list(LANGUAGES.items())[: ENTRIES - 1]
    ]
    return discord.ui.Select(custom_id="profile:language", options=options)


def _notifications(profile: Profile, lang: Language) -> discord.ui.Select[Any]:
    labels = {
        Notify.NEVER: lang.t("When a job has ended: tell me only if I ask"),
        Notify.MENTION: lang.t("When a job has ended: mention me"),
        Notify.DIRECT: lang.t("When a job has ended: send me a direct message"),
    }
    return discord.ui.Select(
        custom_id="profile:notify",
        options=[
            discord.SelectOption(
                label=shorten(label, LABEL), value=how.value, emoji="🔔", default=profile.notify is how
            )
            for how, label in labels.items()
        ],
    )


def _workflows(page: ProfilePage, lang: Language) -> discord.ui.Select[Any]:
    # What one has defaults for comes first: that is what one changes.
    ordered = sorted(page.workflows, key=lambda each: each.name not in page.profile.defaults)
    return discord.ui.Select(
        custom_id="profile:defaults",
        placeholder=lang.t("Set your defaults for a workflow"),
        options=[
            discord.SelectOption(
                label=shorten(named(each.title.in_(lang.code), each.name), LABEL),
                description=shorten(each.description.in_(lang.code), LABEL) or None,
                value=each.name[:LABEL],
            )
            for each in ordered[:ENTRIES]
        ],
    )
