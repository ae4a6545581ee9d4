"""What a card says about the state its job is in."""

from bot.i18n import Language
from bot.jobs.model.failure import Reason
from bot.jobs.model.job import Job, JobState
from bot.jobs.progress.progress import Snapshot
from bot.ui.cards.shown import Shown
from bot.ui.cards.stages import stage
from bot.ui.cards.words import bar, escape, moment
from bot.ui.interactions.replies import shorten

TOKEN_LIFE = 14 * 60
"""Seconds for which a card that only its owner sees can be counted on to be editable."""


def status_lines(snapshot: Snapshot, lang: Language, now: float) -> list[str]:
    """Return the lines about where the job stands; `now` is seconds since the epoch."""
    job = snapshot.job
    match job.state:
        case JobState.QUEUED | JobState.SUBMITTING | JobState.SUBMITTED:
            return _waiting(snapshot, lang, now)
        case JobState.RUNNING:
            return _running(snapshot, lang, now)
        case JobState.SUCCEEDED:
            return _succeeded(job, lang)
        case JobState.CANCELLED:
            if job.stopped_by_moderator:
                return [lang.t("🚫 **Cancelled** by a moderator")]
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
        lines = [lang.t("⏳ **Waiting**: next up")]
    elif snapshot.position is not None:
        lines = [lang.t("⏳ **Waiting**: number {position} in the queue", position=snapshot.position)]
    if snapshot.wait is not None and snapshot.wait >= 5:
        lines.append(lang.t("Starts {time} (estimate).", time=moment(now + snapshot.wait, rounded=15)))
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
        times.append(lang.t("ready {time} (estimate)", time=moment(now + snapshot.remaining, rounded=5)))
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
    if job.notice is not None and job.notice.reason is not Reason.LANGUAGE:
        lines.append(lang.error(job.notice.sentence))
    return lines


def asides(job: Job, shown: Shown, lang: Language) -> list[str]:
    """Say what is the matter with the words or with the bot, rather than with the job."""
    lines: list[str] = []
    if job.notice is not None and job.notice.reason is Reason.LANGUAGE:
        lines.append(f"🔤 {lang.error(job.notice.sentence)}")
    if shown.restarting and not job.state.is_final:
        lines.append(lang.t("🔄 The bot is restarting. Nothing is lost: your job goes on by itself."))
    if job.unreached and job.card_deleted:
        lines.append(
            lang.t(
                "📪 Its message was deleted and I could not send it to you directly, so it waits here in /history."
            )
        )
    elif job.unreached:
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
