"""The card: one job as a message, from queued to delivered; a pure function of a snapshot."""

from typing import Any

import discord

from bot.comfy import OutputKind
from bot.errors import OptionName
from bot.i18n import Language
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import Value
from bot.jobs.progress.progress import Snapshot
from bot.ui.cards.buttons import LONG, Action, button_rows, job_button
from bot.ui.cards.origins import origin_line
from bot.ui.cards.shown import Shown, measures, remarks
from bot.ui.cards.states import asides, status_lines
from bot.ui.cards.words import cut_escaped, escape, has_words, quoted
from bot.ui.interactions.replies import shorten
from bot.workflows.model.standard import NEGATIVE, split_name, standard_title

# Discord counts 4000 characters over all texts of a message, and answers 500 somewhat beyond 10 000 bytes; the
# parts below stay under both together, in any script.
PROMPT_LIMIT, PROMPT_BYTES = 500, 900
STATUS_LIMIT, STATUS_BYTES = 600, 1500
TEXTS_LIMIT, TEXTS_BYTES = 1200, 2400
DETAILS_LIMIT, DETAILS_BYTES = 600, 1500
NAME_LIMIT, NAME_BYTES = 64, 160
ALT_LIMIT = 1024
LARGE = 4
"""So many pictures and films stand in a gallery of their own, above the others."""

COLOURS = {
    JobState.QUEUED: 0x95A5A6,
    JobState.SUBMITTING: 0x95A5A6,
    JobState.SUBMITTED: 0x95A5A6,
    JobState.RUNNING: 0x3498DB,
    JobState.SUCCEEDED: 0x2ECC71,
    JobState.FAILED: 0xE74C3C,
    JobState.CANCELLED: 0x7F8C8D,
    JobState.LOST: 0xE67E22,
}

_DETAILS_FIRST = (
    "model",
    "lora",
    "steps",
    "cfg",
    "guidance",
    "sampler",
    "scheduler",
    "denoise",
    "length",
    "fps",
)
_DETAILS_NEVER = frozenset(
    {
        "prompt",
        "negative_prompt",
        "seed",
        "width",
        "height",
        "aspect",
        "image",
        "image2",
        "mask",
        "video",
        "audio",
    }
)


def card(
    snapshot: Snapshot, lang: Language, shown: Shown, *, now: float, plain: bool = False
) -> discord.ui.LayoutView:
    """Draw a job. `now` is seconds since the epoch; `plain` leaves the person's words out, for strict servers."""
    job = snapshot.job
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOURS[job.state])
    box.add_item(discord.ui.TextDisplay(_heading(job, plain=plain)))
    status = "\n".join([*status_lines(snapshot, lang, now), *asides(job, shown, lang)])
    box.add_item(discord.ui.TextDisplay(shorten(status, STATUS_LIMIT, encoded=STATUS_BYTES)))
    _add_media(box, shown, lang, alt=alt_text(job, plain=plain), spoiler=job.spoiler)
    if details := [
        f"-# {line}"
        for line in (origin_line(job, lang), _details(job, lang, shown), _left_out(job, lang))
        if line
    ]:
        box.add_item(discord.ui.TextDisplay("\n".join(details)))
    for row in button_rows(job, lang, long=_is_long(snapshot)):
        box.add_item(row)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(box)
    # Finished before it is sent: the buttons live by their ids alone, so the library need not remember the view.
    view.stop()
    return view


def further_card(
    job: Job, lang: Language, shown: Shown, *, page: int, pages: int, plain: bool = False
) -> discord.ui.LayoutView:
    """Draw one of the messages with the files that did not fit on the card."""
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOURS[job.state])
    heading = lang.t(
        "{title} (part {page} of {pages})", title=escape(job.workflow_title), page=page, pages=pages
    )
    box.add_item(discord.ui.TextDisplay(f"{heading} · {whose(job, plain=plain)}"))
    _add_media(box, shown, lang, alt=alt_text(job, plain=plain), spoiler=job.spoiler)
    # The same id as the placeholder's this was made from, so that the message is still known as that.
    box.add_item(discord.ui.ActionRow(job_button(Action.DETAILS, job.id, lang, argument=str(page))))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(box)
    view.stop()
    return view


def note_card(text: str) -> discord.ui.LayoutView:
    """Draw a message of one sentence, such as the card of a job that is not accepted yet."""
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOURS[JobState.QUEUED])
    box.add_item(discord.ui.TextDisplay(shorten(text, 1500, encoded=4000)))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(box)
    view.stop()
    return view


def alt_text(job: Job, *, plain: bool = False) -> str:
    """Return what a screen reader says about the job's pictures: the prompt, else the workflow's title."""
    words = "" if plain else " ".join(str(job.values.get("prompt") or job.request.words).split())
    return shorten(words if has_words(words) else job.workflow_title, ALT_LIMIT)


def whose(job: Job, *, plain: bool = False) -> str:
    """Return the name of the person who asked for the job, escaped.

    A mention, which only shows a name to those whose Discord knows the person, stands for a name that nobody noted and
    for one that a strict server might stop (`plain`).
    """
    name = " ".join(job.request.requester.name.split())
    if plain or not has_words(name):
        return f"<@{job.request.requester.user_id}>"
    return cut_escaped(escape(name), limit=NAME_LIMIT, encoded=NAME_BYTES)


def title_of(job: Job, *, plain: bool = False) -> str:
    """Return what a card is headed with: the workflow, the job's number and whose it is, but none of its words."""
    return f"**{escape(shorten(job.workflow_title, 80))}** · #{job.number} · {whose(job, plain=plain)}"


def _heading(job: Job, *, plain: bool) -> str:
    title = title_of(job, plain=plain)
    prompt = job.values.get("prompt") or job.request.words
    if plain or not prompt:
        return title
    return f"{title}\n> {quoted(str(prompt), limit=PROMPT_LIMIT, encoded=PROMPT_BYTES)}"


def _is_long(snapshot: Snapshot) -> bool:
    """Whether the end is so far off, or so long in coming, that nobody wants to watch for it."""
    expected = (snapshot.wait or 0.0) + (snapshot.remaining or 0.0)
    return max(expected, snapshot.elapsed or 0.0) >= LONG


def _add_media(
    box: "discord.ui.Container[Any]", shown: Shown, lang: Language, *, alt: str, spoiler: bool
) -> None:
    gallery = (*shown.gallery, *((shown.preview,) if shown.preview else ()))
    items = [
        discord.MediaGalleryItem(f"attachment://{name}", description=alt, spoiler=spoiler) for name in gallery
    ]
    # Discord draws up to four large, and more of one gallery as small tiles.
    for some in (items[:LARGE], items[LARGE:]):
        if some:
            box.add_item(discord.ui.MediaGallery(*some))
    for name in shown.files:
        box.add_item(discord.ui.File(f"attachment://{name}", spoiler=spoiler))
    texts = "\n\n".join(escape(text) for text in shown.texts if text.strip())
    if texts:
        box.add_item(discord.ui.TextDisplay(cut_escaped(texts, limit=TEXTS_LIMIT, encoded=TEXTS_BYTES)))
    if lines := remarks(shown, lang):
        box.add_item(discord.ui.TextDisplay(shorten("\n".join(lines), STATUS_LIMIT, encoded=STATUS_BYTES)))


def _details(job: Job, lang: Language, shown: Shown) -> str:
    parts: list[str] = []
    if seeds := _seeds(job):
        parts.append(lang.t("Seed {seed}", seed=", ".join(map(str, seeds))))
    parts += measures(shown, lang) if shown.sides or shown.copies else _size_to_come(job)
    # What a workflow sets by itself beyond these is of no interest; what somebody asked for is.
    rest = [
        name
        for name in job.values
        if name in job.request.values
        and name not in _DETAILS_FIRST
        and name not in _DETAILS_NEVER
        and split_name(name)[0] != NEGATIVE
    ]
    for name in (*_DETAILS_FIRST, *rest):
        value = job.values.get(name)
        if value not in (None, "") and not (name in {"batch", "denoise"} and value == 1):
            title = standard_title(name).in_(lang.code) or name
            parts.append(f"{escape(title)} {_value(value)}")
    return cut_escaped(" · ".join(parts), limit=DETAILS_LIMIT, encoded=DETAILS_BYTES)


def _size_to_come(job: Job) -> list[str]:
    """Return the size that was asked for, as long as there are no pictures: those may have come out larger."""
    if job.state is JobState.SUCCEEDED and any(each.output.kind is OutputKind.IMAGE for each in job.outputs):
        return []
    if (grows := job.request.grows) is not None:
        return [f"{grows[0]}×{grows[1]} → {grows[2]}×{grows[3]}"]
    width, height = job.values.get("width"), job.values.get("height")
    return [f"{width}×{height}"] if width is not None and height is not None else []


def _left_out(job: Job, lang: Language) -> str:
    if not job.request.left_out:
        return ""
    names = lang.listing(map(OptionName, job.request.left_out))
    return lang.t("Not used by this workflow: {names}", names=names)


def _value(value: Value | None) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return escape(shorten(" ".join(str(value).split()), 120))


def _seeds(job: Job) -> tuple[int, ...]:
    by_run = {run.index: run.seed for run in job.runs if run.seed is not None}
    if job.planned > 1 and by_run:
        return tuple(by_run[index] for index in sorted(by_run))
    return (job.seed,) if job.seed is not None else ()
