"""What was made: pages of jobs with small pictures, and the way from there to one job and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import discord

from bot.i18n import Language
from bot.jobs.job import Job, JobState
from bot.jobs.request import JobId
from bot.ui.card import alt_text
from bot.ui.links import card_address
from bot.ui.listing.sheet import Sheet, button, clamp, page_note, pager, pages_of
from bot.ui.replies import shorten
from bot.ui.words import cut_escaped, escape, moment, quoted

SIZE = 5
PROMPT, PROMPT_BYTES = 220, 600
LABEL = 100

MARKS = {
    JobState.QUEUED: "⏳",
    JobState.SUBMITTING: "⏳",
    JobState.SUBMITTED: "⏳",
    JobState.RUNNING: "🎨",
    JobState.SUCCEEDED: "✅",
    JobState.FAILED: "❌",
    JobState.CANCELLED: "🚫",
    JobState.LOST: "❓",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """One page of somebody's jobs, newest first, as this viewer may see it."""

    user_id: int
    own: bool
    page: int
    total: int
    jobs: tuple[Job, ...]
    hidden: frozenset[JobId] = frozenset()
    """Jobs whose words and pictures are for age-restricted channels only, seen in another one."""
    thumbnails: Mapping[JobId, str] = field(default_factory=dict[JobId, str])
    """Attachment names."""


def history_view(history: HistoryPage, lang: Language) -> discord.ui.LayoutView:
    """Draw the page."""
    page = clamp(history.page, history.total, SIZE)
    person = f"<@{history.user_id}>"
    sheet = Sheet(lang.t("Your history") if history.own else lang.t("History of {person}", person=person))
    if not history.jobs:
        sheet.text(
            lang.t("You have made nothing here yet. Try `/generate`!")
            if history.own
            else lang.t("{person} has made nothing here that you may see.", person=person)
        )
    for job in history.jobs:
        text = _entry(job, lang, hidden=job.id in history.hidden)
        file = history.thumbnails.get(job.id)
        if file is None or not sheet.picture(text, file, alt_text(job)):
            sheet.text(text)
    if pages_of(history.total, SIZE) > 1:
        sheet.note(page_note(lang, page, history.total, SIZE))
    if history.jobs:
        sheet.row(_menu(history, page, lang))
    state = str(history.user_id)
    sheet.row(
        *pager(lang, "history", page, pages_of(history.total, SIZE), state),
        button(lang.t("Refresh"), f"history:refresh:{page}:{state}", emoji="🔄"),
    )
    return sheet.view()


def with_way_back(
    view: discord.ui.LayoutView, job: Job, page: int, user_id: int, lang: Language
) -> discord.ui.LayoutView:
    """Add to one job's card the way back to the list, and to the message where it was shown first."""
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    back = button(lang.t("Back to the list"), f"history:back:{page}:{user_id}", emoji="◀️")
    if back is not None:
        row.add_item(back)
    address = card_address(job)
    if address is not None:
        row.add_item(discord.ui.Button(label=lang.t("Go to the message"), url=address))
    return view.add_item(row)


def title_of(job: Job, lang: Language, *, hidden: bool = False) -> str:
    """Return one line of plain text that tells a job from others."""
    title = f"{MARKS[job.state]} #{job.number} · {job.workflow_title}"
    prompt = "" if hidden else _prompt(job)
    return shorten(f"{title} · {' '.join(prompt.split())}" if prompt else title, LABEL)


def _entry(job: Job, lang: Language, *, hidden: bool) -> str:
    parts = [
        f"{MARKS[job.state]} **#{job.number}**",
        cut_escaped(escape(job.workflow_title), limit=60, encoded=120),
        moment(job.created_at),
    ]
    if job.request.private:
        parts.append(lang.t("🔒 private"))
    lines = [" · ".join(parts)]
    if hidden:
        lines.append(lang.t("Shown in age-restricted channels only."))
    elif prompt := _prompt(job):
        lines.append(f"> {quoted(prompt, limit=PROMPT, encoded=PROMPT_BYTES)}")
    if len(job.outputs) > 1:
        lines.append(lang.n("-# One file", "-# {n} files", len(job.outputs)))
    return "\n".join(lines)


def _menu(history: HistoryPage, page: int, lang: Language) -> discord.ui.Select[discord.ui.LayoutView]:
    return discord.ui.Select(
        custom_id=f"history:show:{page}:{history.user_id}",
        placeholder=lang.t("Look at one of them"),
        options=[
            discord.SelectOption(
                label=title_of(job, lang, hidden=job.id in history.hidden), value=str(job.id)
            )
            for job in _distinct(history.jobs)
        ],
    )


def _distinct(jobs: Sequence[Job]) -> list[Job]:
    return list({job.id: job for job in jobs}.values())


def _prompt(job: Job) -> str:
    return str(job.values.get("prompt", job.request.values.get("prompt", "")))
