"""Outputs as Discord can show them: named, as large as the route allows, and spread over as many messages as needed."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.comfy import FileRef, OutputKind
from bot.errors import UserError
from bot.jobs.job import Job, JobOutput
from bot.jobs.outputs import NotNow
from bot.ui.card import TEXTS_LIMIT, Shown, alt_text
from bot.ui.shrink import shrunk

log = logging.getLogger(__name__)

FILES_PER_MESSAGE = 10
REQUEST_BYTES = 24 * 1024 * 1024
"""What all files of one message may weigh together where no single larger file is allowed."""
MARGIN = 0.98
"""Stay a little under the limit: Discord counts the whole part, not only the file."""

SHOWN_IN_GALLERY = frozenset({"png", "jpg", "jpeg", "webp", "gif", "avif", "mp4", "webm", "mov"})
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")

Fetch = Callable[[JobOutput], Awaitable[Path]]
Link = Callable[[FileRef], str | None]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach: where its bytes are, what it is called, and what a screen reader says."""

    name: str
    source: Path | bytes
    size: int
    alt: str

    @property
    def in_gallery(self) -> bool:
        """Whether Discord shows it as a picture or video; anything else becomes a file to download or play."""
        return self.name.rsplit(".", 1)[-1] in SHOWN_IN_GALLERY


@dataclass(frozen=True, slots=True)
class Page:
    """What one message carries."""

    uploads: tuple[Upload, ...]
    shown: Shown


def file_name(job: Job, output: JobOutput, ordinal: int, extension: str) -> str:
    """Return `workflow-seed-index.ext`, safe to refer to as an attachment."""
    run = next((run for run in job.runs if run.index == output.run and run.seed is not None), None)
    seed = run.seed if run is not None else job.seed
    workflow = _UNSAFE.sub("-", job.request.workflow).strip("-") or "output"
    parts = [workflow[:60], *([str(seed)] if seed is not None else []), str(ordinal)]
    return f"{'-'.join(parts)}.{_UNSAFE.sub('', extension)[:8] or 'bin'}"


async def pages(
    job: Job, outputs: Sequence[JobOutput], *, fetch: Fetch, link: Link, limit: int, plain: bool = False
) -> tuple[Page, ...]:
    """Prepare all outputs for a route that takes files of up to `limit` bytes; at least one page, perhaps empty.

    `plain` leaves the person's words out of what screen readers say.
    """
    alt = alt_text(job, plain=plain)
    uploads: list[Upload] = []
    rest = Shown()
    for ordinal, output in enumerate(outputs, start=1):
        prepared = await _prepare(
            job, output, ordinal, fetch=fetch, link=link, limit=int(limit * MARGIN), alt=alt
        )
        if isinstance(prepared, Upload):
            uploads.append(prepared)
        else:
            rest = _joined(rest, prepared)
    return tuple(_spread(uploads, rest, limit))


def _joined(one: Shown, other: Shown) -> Shown:
    return replace(
        one,
        texts=one.texts + other.texts,
        links=one.links + other.links,
        too_large=one.too_large + other.too_large,
        gone=one.gone + other.gone,
        later=one.later + other.later,
    )


async def _prepare(
    job: Job, output: JobOutput, ordinal: int, *, fetch: Fetch, link: Link, limit: int, alt: str
) -> Upload | Shown:
    text, file = output.output.text, output.output.file
    if file is None:
        return _text(job, output, ordinal, text or "", alt)
    name = file_name(job, output, ordinal, file.extension)
    try:
        path = await fetch(output)
        size = path.stat().st_size
    except NotNow as error:
        log.warning("output %s of job %s cannot be had now: %s", name, job.id, error)
        return Shown(later=(name,))
    except (UserError, OSError) as error:
        log.warning("output %s of job %s cannot be had: %s", name, job.id, error)
        return Shown(gone=(name,))
    if size <= limit:
        return Upload(name, path, size, alt)
    if output.output.kind is OutputKind.IMAGE:
        smaller = await shrunk(path, limit)
        if smaller is not None:
            log.info("output %s of job %s re-encoded: %d -> %d bytes", name, job.id, size, len(smaller.data))
            name = f"{name.rsplit('.', 1)[0]}.{smaller.extension}"
            return Upload(name, smaller.data, len(smaller.data), alt)
    address = link(file)
    return Shown(links=((name, address),)) if address else Shown(too_large=(name,))


def _text(job: Job, output: JobOutput, ordinal: int, text: str, alt: str) -> Upload | Shown:
    if len(text) <= TEXTS_LIMIT // 2:
        return Shown(texts=(text,))
    data = text.encode()
    return Upload(file_name(job, output, ordinal, "txt"), data, len(data), alt)


def _spread(uploads: Sequence[Upload], rest: Shown, limit: int) -> list[Page]:
    groups: list[list[Upload]] = [[]]
    weight = 0
    for upload in uploads:
        heavy = groups[-1] and weight + upload.size > max(REQUEST_BYTES, limit)
        if heavy or len(groups[-1]) == FILES_PER_MESSAGE:
            groups.append([])
            weight = 0
        groups[-1].append(upload)
        weight += upload.size
    following = len(uploads) - len(groups[0])
    return [
        _page(group, replace(rest, following=following) if number == 0 else Shown())
        for number, group in enumerate(groups)
    ]


def _page(uploads: Sequence[Upload], shown: Shown) -> Page:
    return Page(
        tuple(uploads),
        replace(
            shown,
            gallery=tuple(upload.name for upload in uploads if upload.in_gallery),
            files=tuple(upload.name for upload in uploads if not upload.in_gallery),
        ),
    )


def emptied(page: Page, link: Callable[[str], str | None] | None = None) -> Page:
    """Return the page without its files, naming them as too large: the last step when every upload is refused."""
    names = tuple(upload.name for upload in page.uploads)
    return Page((), replace(page.shown, gallery=(), files=(), too_large=page.shown.too_large + names))
