"""The queue as everybody may see it: our jobs with their people, everything else without any detail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.comfy import QueueItem, QueueSnapshot
from bot.i18n import Language
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import JobId
from bot.jobs.model.visibility import Viewer, sees
from bot.jobs.progress.progress import Snapshot
from bot.ui.cards.sheet import NEUTRAL, TROUBLE, Sheet, button, clamp, page_note, pager, pages_of
from bot.ui.cards.words import escape_cut

SIZE = 12
_NO_JOBS: Mapping[str, Job] = {}


class Whose(StrEnum):
    """Whose job a line is, as far as the one who looks may know."""

    OURS = "ours"
    PRIVATE = "private"
    """Somebody's job that is private, or in a channel the viewer cannot see."""
    ELSEWHERE = "elsewhere"
    """A job of another Discord server that shares the bot."""
    EXTERNAL = "external"
    """Sent to ComfyUI by something other than this bot."""


@dataclass(frozen=True, slots=True)
class Line:
    """One job in the queue; `job` is None for external ones."""

    whose: Whose
    job: Job | None = None

    @property
    def key(self) -> JobId | None:
        """The id of a job whose details may be shown."""
        return self.job.id if self.job is not None and self.whose is Whose.OURS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that runs and waits, in the order in which it will run."""

    running: tuple[Line, ...] = ()
    waiting: tuple[Line, ...] = ()
    unreachable: int = 0
    """How many servers did not answer."""
    paused: bool = False
    moderator: bool = False
    """Whether the viewer is told the number and the owner of what they may not see."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, those that run first."""
        return (*self.running, *self.waiting)

    def page(self, page: int) -> tuple[Line, ...]:
        """Return the lines of a page, or of the nearest that exists."""
        start = clamp(page, len(self.lines), SIZE) * SIZE
        return self.lines[start : start + SIZE]


def board_of(
    queues: Sequence[QueueSnapshot | None],
    jobs: Sequence[Job],
    *,
    ended: Mapping[str, Job] = _NO_JOBS,
    viewer: Viewer,
    paused: bool = False,
    moderator: bool = False,
) -> Board:
    """Put together what the servers say (None: no answer) and our unfinished jobs, as this viewer may see them.

    `ended` are jobs that have ended for us, by the prompts a server is not rid of yet.
    """
    known = {**ended, **{run.prompt_id: job for job in jobs for run in job.runs}}
    seen: set[JobId] = set()

    def lines(items: Sequence[QueueItem]) -> list[Line]:
        found: list[Line] = []
        for item in items:
            job = known.get(item.prompt_id)
            if job is None:
                found.append(Line(Whose.EXTERNAL))
            elif job.id not in seen:
                seen.add(job.id)
                found.append(_line(job, viewer))
        return found

    answered = [queue for queue in queues if queue is not None]
    running = lines([item for queue in answered for item in queue.running])
    waiting = lines([item for queue in answered for item in queue.pending])
    for job in jobs:
        if job.id not in seen:
            line = _line(job, viewer)
            (running if job.state is JobState.RUNNING else waiting).append(line)
    return Board(
        running=tuple(running),
        waiting=tuple(waiting),
        unreachable=len(queues) - len(answered),
        paused=paused,
        moderator=moderator,
    )


def strangers(queues: Sequence[QueueSnapshot | None], jobs: Sequence[Job]) -> tuple[str, ...]:
    """Return the prompts on the servers that belong to none of these jobs."""
    known = {run.prompt_id for job in jobs for run in job.runs}
    items = [item for queue in queues if queue is not None for item in (*queue.running, *queue.pending)]
    return tuple(item.prompt_id for item in items if item.prompt_id not in known)


def _line(job: Job, viewer: Viewer) -> Line:
    if sees(viewer, job):
        return Line(Whose.OURS, job)
    return Line(Whose.PRIVATE if job.request.requester.guild_id == viewer.guild_id else Whose.ELSEWHERE, job)


def queue_view(
    board: Board, snapshots: Mapping[JobId, Snapshot], page: int, lang: Language
) -> discord.ui.LayoutView:
    """Draw one page of the queue; `snapshots` tells how far the jobs on it are."""
    total = len(board.lines)
    page = clamp(page, total, SIZE)
    sheet = Sheet(lang.t("Queue"), colour=TROUBLE if board.unreachable or board.paused else NEUTRAL)
    sheet.text(
        lang.t(
            "**{running}** running, **{waiting}** waiting",
            running=len(board.running),
            waiting=len(board.waiting),
        )
    )
    outside = sum(line.whose is Whose.EXTERNAL for line in board.lines)
    if outside:
        sheet.text(
            lang.n("One of them is from outside this bot.", "{n} of them are from outside this bot.", outside)
        )
    for warning in _warnings(board, lang):
        sheet.text(warning)
    first = page * SIZE
    lines = [
        _text(line, first + index - len(board.running) + 1, snapshots, lang, moderator=board.moderator)
        for index, line in enumerate(board.page(page))
    ]
    idle = (
        lang.t("Nothing is running or waiting.")
        if board.paused
        else lang.t("Nothing is running or waiting. Make something with `/imagine`!")
    )
    sheet.lines(lines or [idle])
    if pages_of(total, SIZE) > 1:
        sheet.note(page_note(lang, page, total, SIZE))
    before, after = pager(lang, "queue", page, pages_of(total, SIZE))
    sheet.row(before, after, button(lang.t("Refresh"), f"queue:refresh:{page}", emoji="🔄"))
    return sheet.view()


def _warnings(board: Board, lang: Language) -> list[str]:
    warnings: list[str] = []
    if board.paused:
        warnings.append(lang.t("⏸️ New jobs are paused for the moment; those accepted go on."))
    if board.unreachable:
        warnings.append(
            lang.n(
                "⚠️ One image server is not answering; its own queue is missing here.",
                "⚠️ {n} image servers are not answering; their own queues are missing here.",
                board.unreachable,
            )
        )
    return warnings


def _text(
    line: Line, place: int, snapshots: Mapping[JobId, Snapshot], lang: Language, *, moderator: bool
) -> str:
    mark = "▶️" if place < 1 else f"**{place}.**"
    job = line.job
    match line.whose:
        case Whose.EXTERNAL:
            return lang.t("{mark} a job from outside this bot", mark=mark)
        case Whose.ELSEWHERE:
            return lang.t("{mark} a job from another Discord server", mark=mark)
        case Whose.PRIVATE if moderator and job is not None:
            return lang.t(
                "{mark} #{number} · hidden · {person}",
                mark=mark,
                number=str(job.number),
                person=f"<@{job.request.requester.user_id}>",
            )
        case Whose.PRIVATE:
            return lang.t("{mark} a private job", mark=mark)
        case Whose.OURS:
            assert job is not None
            text = lang.t(
                "{mark} #{number} · {workflow} · {person}",
                mark=mark,
                number=str(job.number),
                workflow=escape_cut(job.workflow_title, limit=60, encoded=120),
                person=f"<@{job.request.requester.user_id}>",
            )
            how_far = _progress(snapshots.get(job.id), lang)
            return f"{text} · {how_far}" if how_far else text


def _progress(snapshot: Snapshot | None, lang: Language) -> str:
    if snapshot is None:
        return ""
    if snapshot.job.state is JobState.RUNNING:
        return lang.percent(snapshot.fraction) if snapshot.fraction is not None else ""
    if snapshot.wait is not None and snapshot.wait >= 1:
        return lang.t("in about {duration}", duration=lang.duration(snapshot.wait))
    return ""
