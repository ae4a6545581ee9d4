"""The card: one job as a message, from queued to delivered; a pure function of a snapshot."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.i18n import Language
from bot.jobs.job import Job, JobState
from bot.jobs.progress import Snapshot
from bot.jobs.request import Value
from bot.ui.buttons import Action, job_button
from bot.ui.replies import shorten
from bot.ui.stages import stage
from bot.ui.words import bar, cut_escaped, escape, megabytes, moment, quoted
from bot.workflows.standard import standard_title

# Discord counts 4000 characters over all texts of a message, and answers 500 somewhat beyond 10 000 bytes; the
# parts below stay under both together, in any script.
PROMPT_LIMIT, PROMPT_BYTES = 500, 900
STATUS_LIMIT, STATUS_BYTES = 600, 1500
TEXTS_LIMIT, TEXTS_BYTES = 1200, 2400
DETAILS_LIMIT, DETAILS_BYTES = 600, 1500
ALT_LIMIT = 1024
MOST_NAMES = 3
"""So many files are named in one sentence; the others are counted."""
TOKEN_LIFE = 14 * 60
"""Seconds for which a card that only its owner sees can be counted on to be editable."""

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


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A file that could not be attached: its bytes, and how many would have been possible; 0 if nobody knows."""

    name: str
    size: int
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is attached to the message, by attachment name, and what cannot be."""

    preview: str | None = None
    gallery: tuple[str, ...] = ()
    """Pictures and videos, at most ten."""
    files: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """File name and address of what is too large to attach."""
    too_large: tuple[TooLarge, ...] = ()
    later: tuple[str, ...] = ()
    """What the image server does not give now, though it may have it."""
    gone: tuple[str, ...] = ()
    following: int = 0
    """How many files follow in further messages."""
    delayed: tuple[str, ...] = ()
    """What Discord does not take now, though it may later."""
    missing: tuple[str, ...] = ()
    """What no way is open for."""
    restarting: bool = False
    """Whether the bot is about to stop while the job goes on."""


def card(
    snapshot: Snapshot, lang: Language, shown: Shown, *, now: float, plain: bool = False
) -> discord.ui.LayoutView:
    """Draw a job. `now` is seconds since the epoch; `plain` leaves the person's words out, for strict servers."""
    job = snapshot.job
    box: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOURS[job.state])
    box.add_item(discord.ui.TextDisplay(_heading(job, plain=plain)))
    status = "\n".join([*_status(snapshot, lang, now), *_asides(job, shown, lang)])
    box.add_item(discord.ui.TextDisplay(shorten(status, STATUS_LIMIT, encoded=STATUS_BYTES)))
    _add_media(box, shown, lang, alt=alt_text(job, plain=plain))
    if details := _details(job, lang):
        box.add_item(discord.ui.TextDisplay(f"-# {details}"))
    box.add_item(_buttons(job, lang))
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
    box.add_item(discord.ui.TextDisplay(heading))
    _add_media(box, shown, lang, alt=alt_text(job, plain=plain))
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
    prompt = None if plain else job.values.get("prompt", job.request.values.get("prompt"))
    return shorten(" ".join(str(prompt).split()) if prompt else job.workflow_title, ALT_LIMIT)


def _heading(job: Job, *, plain: bool) -> str:
    title = f"**{escape(shorten(job.workflow_title, 80))}** · #{job.number}"
    prompt = job.values.get("prompt", job.request.values.get("prompt"))
    if plain or not prompt:
        return title
    return f"{title}\n> {quoted(str(prompt), limit=PROMPT_LIMIT, encoded=PROMPT_BYTES)}"


def _status(snapshot: Snapshot, lang: Language, now: float) -> list[str]:
    job = snapshot.job
    match job.state:
        case JobState.QUEUED | JobState.SUBMITTING | JobState.SUBMITTED:
            return _waiting(snapshot, lang, now)
        case JobState.RUNNING:
            return _running(snapshot, lang, now)
        case JobState.SUCCEEDED:
            return _succeeded(job, lang)
        case JobState.CANCELLED:
            return [lang.t("🚫 **Cancelled**"), *_reason(job, lang)]
        case JobState.FAILED:
            return [lang.t("❌ **Failed**"), *_reason(job, lang)]
        case JobState.LOST:
            return [lang.t("❓ **Lost**"), *_reason(job, lang)]


def _waiting(snapshot: Snapshot, lang: Language, now: float) -> list[str]:
    job = snapshot.job
    if job.cancel_requested_by is not None:
        return [lang.t("✋ **Stopping** …")]
    lines = [lang.t("⏳ **Waiting**")]
    if snapshot.position == 1:
        lines = [lang.t("⏳ **Waiting**: next in line")]
    elif snapshot.position is not None:
        lines = [lang.t("⏳ **Waiting**: number {position} in line", position=snapshot.position)]
    if snapshot.wait is not None and snapshot.wait >= 5:
        lines.append(lang.t("Starts about {time}.", time=moment(now + snapshot.wait, rounded=15)))
    if not snapshot.server_up:
        lines.append(
            lang.t("The image server is not answering at the moment; your job is kept and goes on by itself.")
        )
    if job.request.private and (snapshot.wait or 0) > TOKEN_LIFE:
        lines.append(
            lang.t("This may take longer than a private card can live: I will send you the result directly.")
        )
    return lines


def _running(snapshot: Snapshot, lang: Language, now: float) -> list[str]:
    job = snapshot.job
    head = lang.t("✋ **Stopping** …") if job.cancel_requested_by is not None else lang.t("🎨 **Working**")
    if job.planned > 1:
        head = f"{head} · {lang.t('{number} of {total}', number=snapshot.run + 1, total=job.planned)}"
    lines = [head]
    if snapshot.fraction is not None:
        lines.append(f"{bar(snapshot.fraction)} {min(99, int(snapshot.fraction * 100))} %")
    if doing := _doing(snapshot, lang):
        lines.append(doing)
    if not snapshot.server_up:
        lines.append(
            lang.t("The image server is not answering at the moment; your job is kept and goes on by itself.")
        )
    times: list[str] = []
    if job.started_at is not None:
        times.append(lang.t("started {time}", time=moment(job.started_at)))
    if snapshot.remaining is not None and snapshot.remaining >= 2:
        times.append(lang.t("done about {time}", time=moment(now + snapshot.remaining, rounded=5)))
    if times:
        lines.append(" · ".join(times))
    return lines


def _doing(snapshot: Snapshot, lang: Language) -> str:
    node = escape(shorten(stage(snapshot.node_title, lang), 80)) if snapshot.node_title else ""
    if snapshot.step is None or snapshot.steps is None or snapshot.steps <= 1:
        return node
    step = lang.t("step {step} of {steps}", step=snapshot.step, steps=snapshot.steps)
    return lang.t("{node}: {step}", node=node, step=step) if node else step


def _succeeded(job: Job, lang: Language) -> list[str]:
    lines = [lang.t("✅ **Done**")]
    if job.started_at is not None and job.finished_at is not None:
        seconds = max(1.0, job.finished_at - job.started_at)
        lines = [lang.t("✅ **Done** in {duration}", duration=lang.duration(seconds))]
    if job.notice is not None:
        lines.append(lang.error(job.notice.sentence))
    return lines


def _asides(job: Job, shown: Shown, lang: Language) -> list[str]:
    """Say what is the matter with the bot rather than with the job."""
    lines: list[str] = []
    if shown.restarting and not job.state.is_final:
        lines.append(lang.t("🔄 The bot is restarting. Nothing is lost: your job goes on by itself."))
    if job.unreached:
        lines.append(
            lang.t("📪 I could neither post this nor send it to you directly, so it waits here in /history.")
        )
    return lines


def _reason(job: Job, lang: Language) -> list[str]:
    failure = job.failure
    if failure is None:
        return []
    text = lang.error(failure.sentence)
    if failure.reference and failure.reference not in text:
        text = f"{text}\n-# {lang.t('Reference: {reference}', reference=failure.reference)}"
    return [text]


def _add_media(box: "discord.ui.Container[Any]", shown: Shown, lang: Language, *, alt: str) -> None:
    gallery = shown.gallery or ((shown.preview,) if shown.preview else ())
    if gallery:
        items = [discord.MediaGalleryItem(f"attachment://{name}", description=alt) for name in gallery]
        box.add_item(discord.ui.MediaGallery(*items))
    for name in shown.files:
        box.add_item(discord.ui.File(f"attachment://{name}"))
    texts = "\n\n".join(escape(text) for text in shown.texts if text.strip())
    if texts:
        box.add_item(discord.ui.TextDisplay(cut_escaped(texts, limit=TEXTS_LIMIT, encoded=TEXTS_BYTES)))
    if remarks := _remarks(shown, lang):
        box.add_item(discord.ui.TextDisplay(shorten("\n".join(remarks), STATUS_LIMIT, encoded=STATUS_BYTES)))


def _remarks(shown: Shown, lang: Language) -> list[str]:
    lines = [
        lang.t(
            "{name} is too large for Discord: [open it here](<{address}>)", name=escape(name), address=address
        )
        for name, address in shown.links[:3]
    ]
    lines += [_too_large(file, lang) for file in shown.too_large[:3]]
    lines += [
        lang.t("{name} is no longer on the image server.", name=escape(name)) for name in shown.gone[:3]
    ]
    lines += [
        lang.t(
            "{name} could not be fetched from the image server. Look in /history later.", name=escape(name)
        )
        for name in shown.later[:3]
    ]
    if shown.delayed:
        lines.append(
            lang.t(
                "Discord does not take {names} at the moment. I keep trying.",
                names=_names(shown.delayed, lang),
            )
        )
    if shown.missing:
        lines.append(
            lang.t("I had no way to send {names}. Look in /history.", names=_names(shown.missing, lang))
        )
    if (following := shown.following - len(shown.missing)) > 0:
        lines.append(lang.n("{n} more file follows below.", "{n} more files follow below.", following))
    return lines


def _too_large(file: TooLarge, lang: Language) -> str:
    name, size = escape(file.name), megabytes(file.size)
    if not file.limit:
        return lang.t("{name} ({size} MB) is too large for Discord, even made smaller.", name=name, size=size)
    return lang.t(
        "{name} has {size} MB, and only {limit} MB can be sent here. It could not be made small enough: "
        "try a shorter or smaller one.",
        name=name,
        size=size,
        limit=megabytes(file.limit),
    )


def _names(names: tuple[str, ...], lang: Language) -> str:
    some = [escape(name) for name in names[:MOST_NAMES]]
    if len(names) > MOST_NAMES:
        some.append(lang.n("{n} more file", "{n} more files", len(names) - MOST_NAMES))
    return lang.listing(some)


def _details(job: Job, lang: Language) -> str:
    parts: list[str] = []
    if seeds := _seeds(job):
        parts.append(lang.t("Seed {seed}", seed=", ".join(map(str, seeds))))
    width, height = job.values.get("width"), job.values.get("height")
    if width is not None and height is not None:
        parts.append(f"{width}×{height}")
    # What a workflow sets by itself beyond these is of no interest; what somebody asked for is.
    rest = [
        name
        for name in job.values
        if name in job.request.values and name not in _DETAILS_FIRST and name not in _DETAILS_NEVER
    ]
    for name in (*_DETAILS_FIRST, *rest):
        value = job.values.get(name)
        if value not in (None, "") and not (name in {"batch", "denoise"} and value == 1):
            title = standard_title(name).in_(lang.code) or name
            parts.append(f"{escape(title)} {_value(value)}")
    return cut_escaped(" · ".join(parts), limit=DETAILS_LIMIT, encoded=DETAILS_BYTES)


def _value(value: Value | None) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return escape(shorten(" ".join(str(value).split()), 120))


def _seeds(job: Job) -> tuple[int, ...]:
    by_run = {run.index: run.seed for run in job.runs if run.seed is not None}
    if job.planned > 1 and by_run:
        return tuple(by_run[index] for index in sorted(by_run))
    return (job.seed,) if job.seed is not None else ()


def _buttons(job: Job, lang: Language) -> "discord.ui.ActionRow[Any]":
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    if job.state.is_final:
        for action in (Action.AGAIN, Action.EDIT, Action.DELETE):
            row.add_item(job_button(action, job.id, lang))
    else:
        row.add_item(job_button(Action.CANCEL, job.id, lang, disabled=job.cancel_requested_by is not None))
    return row
