"""What was made: pages of jobs with small pictures, and the way from there to one job and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import discord

from bot.i18n import N_, Language
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import JobId
from bot.ui.cards.card import alt_text
from bot.ui.cards.links import card_address
from bot.ui.cards.sheet import LABEL, Sheet, button, clamp, page_note, pager, pages_of
from bot.ui.cards.words import escape_cut, moment, quoted
from bot.ui.interactions.replies import shorten
from cogs.history.filters import MENU, NO_FILTER, Filter, filter_menu

SIZE = 5
PICTURES = 9
"""How many jobs a page of pictures shows: three rows of three."""
EVERYBODY = 0
"""Stands for no one person among the jobs' owners."""
AS_PICTURES = "g"
PROMPT, PROMPT_BYTES = 220, 600

STATES = {
    JobState.QUEUED: N_("⏳ **Waiting**"),
    JobState.SUBMITTING: N_("⏳ **Waiting**"),
    JobState.SUBMITTED: N_("⏳ **Waiting**"),
    JobState.RUNNING: N_("🎨 **Working**"),
    JobState.SUCCEEDED: N_("✅ **Done**"),
    JobState.FAILED: N_("❌ **Failed**"),
    JobState.CANCELLED: N_("🚫 **Cancelled**"),
    JobState.LOST: N_("❓ **Lost**"),
}
"""Told in words as well as by marks, the same as on the card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in somebody's history: whose, which page, as a list or as pictures."""

    user_id: int
    page: int = 0
    pictures: bool = False

    @property
    def size(self) -> int:
        """How many jobs a page has."""
        return PICTURES if self.pictures else SIZE

    @property
    def state(self) -> str:
        """What its controls remember besides the page."""
        return f"{self.user_id}:{AS_PICTURES}" if self.pictures else str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """One page of jobs, newest first, as this viewer may see it."""

    where: Where
    viewer: int
    total: int
    jobs: tuple[Job, ...]
    hidden: frozenset[JobId] = frozenset()
    """Jobs whose words and pictures are for age-restricted channels only, seen in another one."""
    thumbnails: Mapping[JobId, str] = field(default_factory=dict[JobId, str])
    """Attachment names."""
    filter: Filter = NO_FILTER
    workflows: Sequence[tuple[str, str]] = ()
    """Names and titles of the workflows to filter by."""


def history_view(history: HistoryPage, lang: Language) -> discord.ui.LayoutView:
    """Draw the page."""
    where = history.where
    page, pages = clamp(where.page, history.total, where.size), pages_of(history.total, where.size)
    sheet = Sheet(_heading(history, lang))
    if not history.jobs:
        sheet.text(_nothing(history, lang))
    if where.pictures:
        _pictures(sheet, history, lang)
    for job in () if where.pictures else history.jobs:
        text = _entry(job, history, lang)
        file = history.thumbnails.get(job.id)
        if file is None or not sheet.picture(text, file, alt_text(job), spoiler=job.spoiler):
            sheet.text(text)
    if pages > 1:
        sheet.note(page_note(lang, page, history.total, where.size))
    if history.jobs:
        sheet.row(_menu(history, lang))
    sheet.row(filter_menu(history.filter, history.workflows, f"{MENU}{where.state}", lang))
    sheet.row(
        *pager(lang, "history", page, pages, where.state),
        button(lang.t("Refresh"), f"history:refresh:{page}:{where.state}", emoji="🔄"),
        _other_look(where, page, lang),
        _other_people(history, lang),
    )
    return sheet.view()


def with_way_back(
    view: discord.ui.LayoutView, job: Job, where: Where, lang: Language, chosen: Filter = NO_FILTER
) -> discord.ui.LayoutView:
    """Add to one job's card the way back to the list as it was, and to the message where it was shown first."""
    if chosen:
        # What the list is filtered by has to stand somewhere while the list is not shown.
        menu = filter_menu(chosen, (), f"{MENU}{where.state}", lang)
        view.add_item(discord.ui.ActionRow(menu))
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    back = button(lang.t("Back to the list"), f"history:back:{where.page}:{where.state}", emoji="◀️")
    if back is not None:
        row.add_item(back)
    address = card_address(job)
    if address is not None:
        row.add_item(discord.ui.Button(label=lang.t("Go to the message"), url=address))
    return view.add_item(row)


def title_of(job: Job, lang: Language, *, hidden: bool = False) -> str:
    """Return one line of plain text that tells a job from others."""
    state = lang.t(STATES[job.state]).replace("*", "")
    title = f"{state} · #{job.number} · {job.workflow_title}"
    prompt = "" if hidden else _prompt(job)
    return shorten(f"{title} · {' '.join(prompt.split())}" if prompt else title, LABEL)


def _heading(history: HistoryPage, lang: Language) -> str:
    if history.where.user_id == EVERYBODY:
        return lang.t("Everybody's history")
    if history.where.user_id == history.viewer:
        return lang.t("Your history")
    return lang.t("History of {person}", person=f"<@{history.where.user_id}>")


def _nothing(history: HistoryPage, lang: Language) -> str:
    if history.filter:
        return lang.t("Nothing matches. Change the filter below.")
    if history.where.user_id == EVERYBODY:
        return lang.t("Nobody has made anything here yet. Try `/imagine`!")
    if history.where.user_id == history.viewer:
        return lang.t("You have made nothing here yet. Try `/imagine`!")
    person = f"<@{history.where.user_id}>"
    return lang.t("{person} has made nothing here that you may see.", person=person)


def _pictures(sheet: Sheet, history: HistoryPage, lang: Language) -> None:
    shown = [job for job in history.jobs if job.id in history.thumbnails]
    if shown:
        sheet.pictures(*(_picture(job, history.thumbnails[job.id]) for job in shown))
    others = [job for job in history.jobs if job.id not in history.thumbnails]
    sheet.lines([_head(job, history, lang) for job in (*shown, *others)])


def _picture(job: Job, file: str) -> discord.MediaGalleryItem:
    return discord.MediaGalleryItem(
        f"attachment://{file}", description=alt_text(job) or None, spoiler=job.spoiler
    )


def _head(job: Job, history: HistoryPage, lang: Language) -> str:
    address = card_address(job)
    number = f"#{job.number}" if address is None else f"[#{job.number}]({address})"
    parts = [
        f"{lang.t(STATES[job.state])} · **{number}**",
        escape_cut(job.workflow_title, limit=60, encoded=120),
        moment(job.created_at),
    ]
    if history.where.user_id == EVERYBODY:
        parts.append(f"<@{job.request.requester.user_id}>")
    if job.request.private:
        parts.append(lang.t("🔒 private"))
    return " · ".join(parts)


def _entry(job: Job, history: HistoryPage, lang: Language) -> str:
    lines = [_head(job, history, lang)]
    if job.id in history.hidden:
        lines.append(lang.t("Shown in age-restricted channels only."))
    elif prompt := _prompt(job):
        lines.append(f"> {quoted(prompt, limit=PROMPT, encoded=PROMPT_BYTES)}")
    if len(job.outputs) > 1:
        lines.append(lang.n("-# One file", "-# {n} files", len(job.outputs)))
    return "\n".join(lines)


def _menu(history: HistoryPage, lang: Language) -> discord.ui.Select[discord.ui.LayoutView]:
    return discord.ui.Select(
        custom_id=f"history:show:{history.where.page}:{history.where.state}",
        placeholder=lang.t("View one of them"),
        options=[
            discord.SelectOption(
                label=title_of(job, lang, hidden=job.id in history.hidden), value=str(job.id)
            )
            for job in _distinct(history.jobs)
        ],
    )


def _other_look(where: Where, page: int, lang: Language) -> discord.ui.Button[discord.ui.LayoutView] | None:
    other = Where(user_id=where.user_id, pictures=not where.pictures)
    there = page * where.size // other.size
    label = lang.t("As a list") if where.pictures else lang.t("As pictures")
    return button(label, f"history:look:{there}:{other.state}", emoji="📃" if where.pictures else "🖼️")


def _other_people(history: HistoryPage, lang: Language) -> discord.ui.Button[discord.ui.LayoutView] | None:
    where = history.where
    mine = where.user_id == EVERYBODY
    other = Where(user_id=history.viewer if mine else EVERYBODY, pictures=where.pictures)
    label = lang.t("Only mine") if mine else lang.t("Everybody's")
    return button(label, f"history:whose:0:{other.state}", emoji="👤" if mine else "👥")


def _distinct(jobs: Sequence[Job]) -> list[Job]:
    return list({job.id: job for job in jobs}.values())


def _prompt(job: Job) -> str:
    return str(job.values.get("prompt", job.request.values.get("prompt", "")))
