"""Outputs as Discord can show them: named, as large as the route allows, and spread over as many messages as needed."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.comfy import FileRef
from bot.errors import UserError
from bot.jobs.files.outputs import NotNow
from bot.jobs.model.job import Job, JobOutput
from bot.media.encoding.sides import Sides, looked_at
from bot.ui.cards.card import TEXTS_BYTES, TEXTS_LIMIT, alt_text
from bot.ui.cards.shown import Shown, TooLarge
from bot.ui.cards.words import escape

log = logging.getLogger(__name__)

FILES_PER_MESSAGE = 10
REQUEST_BYTES = 24 * 1024 * 1024
"""What all files of one message may weigh together where no single larger file is allowed."""
REQUEST_FILES = 2.4
"""And how many files of the largest size that is: a lower limit, after a refusal, lowers both."""
FOUND_WITHIN = 0.3
"""Seconds in which a file that was made before is found."""
MARGIN = 0.98
"""What is made smaller stays a little under the limit: Discord may count the whole part, not only the file."""
SHOWN_IN_GALLERY = frozenset({"png", "jpg", "jpeg", "webp", "gif", "avif", "mp4", "webm", "mov"})
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")

Fetch = Callable[[JobOutput], Awaitable[Path]]
Link = Callable[[Job, JobOutput], str | None]
Made = tuple[int, FileRef | str]
"""An output by its run, and where it lies on the server, or its text."""
Smaller = Callable[[Path, int], Awaitable[Path | None]]
"""Gives a version of a file of at most so many bytes, its extension saying what it is; None where there is none."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach: where its bytes are, what it is called, and what a screen reader says."""

    name: str
    source: Path | bytes
    size: int
    alt: str
    made: "Made | None" = None
    """Which output it is: names only count them, and once a job has ended they may be fewer, or in another order."""
    sides: Sides | None = None
    """Width and height in pixels, where the file says them."""
    copy: bool = False
    """Whether it is a smaller copy of what was made."""

    @property
    def extension(self) -> str:
        """What its name ends with."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def in_gallery(self) -> bool:
        """Whether Discord shows it as a picture or video; anything else becomes a file to download or play."""
        return self.extension in SHOWN_IN_GALLERY


@dataclass(frozen=True, slots=True)
class Page:
    """What one message carries."""

    uploads: tuple[Upload, ...]
    shown: Shown

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(upload.name for upload in self.uploads)


def file_name(job: Job, output: JobOutput, ordinal: int, extension: str) -> str:
    """Return `workflow-seed-index.ext`, safe to refer to as an attachment."""
    run = next((run for run in job.runs if run.index == output.run and run.seed is not None), None)
    seed = run.seed if run is not None else job.seed
    workflow = _UNSAFE.sub("-", job.request.workflow).strip("-") or "output"
    parts = [workflow[:60], *([str(seed)] if seed is not None else []), str(ordinal)]
    return f"{'-'.join(parts)}.{_UNSAFE.sub('', extension)[:8] or 'bin'}"


def made_as(output: JobOutput) -> Made:
    """Return what an output is known by, before its run has ended and after."""
    return output.run, output.output.file or output.output.text or ""


async def nothing_smaller(_path: Path, _limit: int) -> Path | None:
    """Leave files as they are, for where there is no time to make them smaller."""
    return None


def hasty(smaller: Smaller, seconds: float) -> Smaller:
    """Bound what all files together may take, for where somebody waits; what was made before is found in no time."""
    left = seconds

    async def bounded(path: Path, limit: int) -> Path | None:
        nonlocal left
        time = asyncio.get_running_loop().time
        began = time()
        try:
            async with asyncio.timeout(max(left, FOUND_WITHIN)):
                return await smaller(path, limit)
        except TimeoutError:
            return None
        finally:
            left -= time() - began

    return bounded


@dataclass(frozen=True, slots=True)
class _Way:
    """How files are got, and how large they may be."""

    fetch: Fetch
    link: Link
    smaller: Smaller
    limit: int
    alt: str


async def pages(
    job: Job,
    outputs: Sequence[JobOutput],
    *,
    fetch: Fetch,
    link: Link,
    limit: int,
    smaller: Smaller = nothing_smaller,
    plain: bool = False,
) -> tuple[Page, ...]:
    """Prepare all outputs for a route that takes files of up to `limit` bytes; at least one page, perhaps empty.

    What is larger is made smaller, else linked, else named; with a limit of 0 no file is attached. `plain` leaves
    the person's words out of what screen readers say.
    """
    way = _Way(fetch, link, smaller, limit, alt_text(job, plain=plain))
    uploads: list[Upload] = []
    rest = Shown()
    for ordinal, output in enumerate(outputs, start=1):
        if output.output.file is None:
            prepared = _text(job, output, ordinal, way, rest.texts)
        else:
            prepared = await _prepare(job, output, output.output.file, ordinal, way)
        if isinstance(prepared, Upload):
            uploads.append(prepared)
        else:
            rest = _joined(rest, prepared)
    return tuple(_spread(uploads, rest, max(limit, min(REQUEST_BYTES, int(limit * REQUEST_FILES)))))


def _joined(one: Shown, other: Shown) -> Shown:
    return replace(
        one,
        texts=one.texts + other.texts,
        links=one.links + other.links,
        too_large=one.too_large + other.too_large,
        gone=one.gone + other.gone,
        later=one.later + other.later,
    )


async def _prepare(job: Job, output: JobOutput, file: FileRef, ordinal: int, way: _Way) -> Upload | Shown:
    name = file_name(job, output, ordinal, file.extension)
    try:
        path = await way.fetch(output)
        size, extension, sides = await asyncio.to_thread(_looked_at, path, file.extension)
    except NotNow as error:
        log.warning("output %s of job %s cannot be had now: %s", name, job.id, error)
        return Shown(later=(name,))
    except (UserError, OSError) as error:
        log.warning("output %s of job %s cannot be had: %s", name, job.id, error)
        return Shown(gone=(name,))
    if size <= way.limit:
        name = file_name(job, output, ordinal, extension)
        return Upload(name, path, size, way.alt, made_as(output), sides)
    made = await way.smaller(path, int(way.limit * MARGIN)) if way.limit else None
    if made is not None:
        try:
            fitting, _, sides = await asyncio.to_thread(_looked_at, made, made.suffix.lstrip("."))
        except OSError:
            return Shown(later=(name,))  # tidied away between the making and the look
        log.info("output %s of job %s made smaller: %d -> %d bytes", name, job.id, size, fitting)
        name = file_name(job, output, ordinal, made.suffix.lstrip("."))
        return Upload(name, made, fitting, way.alt, made_as(output), sides, copy=True)
    address = way.link(job, output)
    return Shown(links=((name, address),)) if address else _too_large(name, size, way)


def _looked_at(path: Path, declared: str) -> tuple[int, str, Sides | None]:
    """Return a file's size, the extension that its first bytes ask for (Discord goes by that alone), and its sides."""
    content, sides = looked_at(path)
    extension = content.extension(declared) if content is not None else declared
    return path.stat().st_size, extension, sides


def _too_large(name: str, size: int, way: _Way) -> Shown:
    return Shown(too_large=(TooLarge(name, size, way.limit),))


def _text(job: Job, output: JobOutput, ordinal: int, way: _Way, before: Sequence[str]) -> Upload | Shown:
    """Put a text on the card while there is room for all of it, else into a file."""
    text = output.output.text or ""
    if len(text) <= TEXTS_LIMIT // 2:
        escaped = "\n\n".join(escape(each) for each in (*before, text))
        if len(escaped) <= TEXTS_LIMIT and len(escaped.encode()) <= TEXTS_BYTES:
            return Shown(texts=(text,))
    data = text.encode()
    name = file_name(job, output, ordinal, "txt")
    if len(data) > way.limit:
        return _too_large(name, len(data), way)
    return Upload(name, data, len(data), way.alt, made_as(output))


def _spread(uploads: Sequence[Upload], rest: Shown, request: int) -> list[Page]:
    groups: list[list[Upload]] = [[]]
    weight = 0
    for upload in uploads:
        heavy = groups[-1] and weight + upload.size > request
        if heavy or len(groups[-1]) == FILES_PER_MESSAGE:
            groups.append([])
            weight = 0
        groups[-1].append(upload)
        weight += upload.size
    whole = replace(
        rest,
        following=len(uploads) - len(groups[0]),
        sides=tuple(dict.fromkeys(upload.sides for upload in uploads if upload.sides is not None)),
        copies=tuple(upload.extension for upload in uploads if upload.copy),
    )
    return [_page(group, whole if number == 0 else Shown()) for number, group in enumerate(groups)]


def _page(uploads: Sequence[Upload], shown: Shown) -> Page:
    return Page(
        tuple(uploads),
        replace(
            shown,
            gallery=tuple(upload.name for upload in uploads if upload.in_gallery),
            files=tuple(upload.name for upload in uploads if not upload.in_gallery),
        ),
    )


def beyond(first: Page, prepared: Sequence[Page]) -> tuple[Page, ...]:
    """Return a page as it stands, and behind it whatever else was prepared anew: no file of it is brought twice."""
    standing = {upload.made for upload in first.uploads}
    groups = [[upload for upload in page.uploads if upload.made not in standing] for page in prepared]
    return (first, *(_page(group, Shown()) for group in groups if group))


def emptied(page: Page) -> Page:
    """Return the page without its files, naming them as too large: the last step when every upload is refused."""
    files = tuple(TooLarge(upload.name, upload.size) for upload in page.uploads)
    return Page(
        (), replace(page.shown, gallery=(), files=(), copies=(), too_large=page.shown.too_large + files)
    )
