"""What a history is filtered by: read from what was typed, kept in the menu that shows it, turned into a query."""

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import discord

from bot.errors import UserError
from bot.i18n import Language
from bot.ui.cards.words import has_words, named
from bot.ui.interactions.replies import shorten

MENU = "history:filter:"
FAVOURITES, SINCE, WORKFLOW, TEXT = "favourites", "since:", "workflow:", "text:"
ENTRIES = 25
"""As many as a menu takes."""
WORKFLOWS = 12
VALUE = 100
LONGEST_TEXT = VALUE - len(TEXT)
DAY = 86_400.0
SPANS = ("1d", "7d", "30d")
_SPAN = re.compile(r"(\d{1,4})\s*(?:d|day|days|天)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs to show; empty shows all. Holds for whoever looks: favourites are the viewer's."""

    workflows: tuple[str, ...] = ()
    text: str = ""
    favourites: bool = False
    since: str = ""
    """So many days back (`7d`), or the day it begins with in UTC (`2026-11-01`)."""

    def __bool__(self) -> bool:
        return bool(self.workflows or self.text or self.favourites or self.since)

    def begins(self, now: float) -> float | None:
        """Return the time from which on jobs are shown; both are seconds since the epoch."""
        if not self.since:
            return None
        if self.since.endswith("d"):
            return now - int(self.since[:-1]) * DAY
        day = date.fromisoformat(self.since)
        return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()

    @property
    def values(self) -> tuple[str, ...]:
        """The entries of the menu that stand for it."""
        return (
            *((FAVOURITES,) if self.favourites else ()),
            *((f"{SINCE}{self.since}",) if self.since else ()),
            *((f"{TEXT}{self.text}",) if self.text else ()),
            *(f"{WORKFLOW}{name}"[:VALUE] for name in self.workflows),
        )


NO_FILTER = Filter()


def read_since(typed: str) -> str:
    """Return a beginning that was typed in the form a filter keeps it in; raises `UserError` that says how to write it."""
    text = typed.strip()
    if match := _SPAN.fullmatch(text):
        return f"{int(match[1])}d"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UserError("Please write a day as 2026-01-31, or how many days back as 7d.") from None


def span_label(since: str, lang: Language) -> str:
    """Return what a beginning is called."""
    if since == "1d":
        return lang.t("Last 24 hours")
    if since.endswith("d"):
        return lang.n("Last day", "Last {n} days", int(since[:-1]))
    return lang.t("Since {day}", day=lang.date(date.fromisoformat(since)))


def filter_of(values: Iterable[str], names: Collection[str] = ()) -> Filter:
    """Return the filter that entries of the menu stand for; `names` are the workflows there are, to know long ones by."""
    found = Filter()
    for value in values:
        if value == FAVOURITES:
            found = replace(found, favourites=True)
        elif value.startswith(SINCE):
            # A message of an older version, or somebody's own client, may say anything here.
            with suppress(UserError):
                found = replace(found, since=read_since(value.removeprefix(SINCE)))
        elif value.startswith(TEXT):
            found = replace(found, text=value.removeprefix(TEXT).strip())
        elif value.startswith(WORKFLOW) and has_words(cut := value.removeprefix(WORKFLOW)):
            whole = next((name for name in names if f"{WORKFLOW}{name}"[:VALUE] == value), cut)
            found = replace(found, workflows=(*found.workflows, whole))
    return found


def filter_in(message: discord.Message | None) -> tuple[str, ...]:
    """Return the entries that are chosen in a message's menu; nothing where it has none."""
    for component in _walk(message.components if message is not None else ()):
        if isinstance(component, discord.SelectMenu) and (component.custom_id or "").startswith(MENU):
            return tuple(option.value for option in component.options if option.default)
    return ()


def changed(before: Collection[str], chosen: Sequence[str]) -> tuple[str, ...]:
    """Return what was chosen, with one beginning at most: a new one takes the place of the old."""
    spans = [value for value in chosen if value.startswith(SINCE)]
    kept = next((value for value in spans if value not in before), spans[0] if spans else None)
    return tuple(value for value in chosen if not value.startswith(SINCE) or value == kept)


def filter_menu(
    chosen: Filter, workflows: Sequence[tuple[str, str]], custom_id: str, lang: Language
) -> discord.ui.Select[Any]:
    """Draw the menu; `workflows` are names and titles of those to offer. What it is filtered by stands in it."""
    active = chosen.values
    labels = {FAVOURITES: ("⭐", lang.t("My favourites"))}
    spans = dict.fromkeys((*((chosen.since,) if chosen.since else ()), *SPANS))
    labels |= {f"{SINCE}{since}": ("📅", span_label(since, lang)) for since in spans}
    if chosen.text:
        labels[f"{TEXT}{chosen.text}"] = ("🔎", lang.t("With “{text}”", text=chosen.text))
    titles = dict(workflows)
    names = dict.fromkeys((*chosen.workflows, *list(titles)[:WORKFLOWS]))
    labels |= {f"{WORKFLOW}{name}"[:VALUE]: ("🎨", titles.get(name, name)) for name in names}
    options = [
        discord.SelectOption(
            label=shorten(named(label), VALUE), value=value, emoji=emoji, default=value in active
        )
        for value, (emoji, label) in labels.items()
    ][:ENTRIES]
    return discord.ui.Select(
        custom_id=custom_id,
        placeholder=lang.t("Show only …"),
        min_values=0,
        max_values=len(options),
        options=options,
    )


def _walk(components: Iterable[Any]) -> Iterable[Any]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))
