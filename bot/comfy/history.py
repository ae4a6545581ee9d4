"""Reading of what a server remembers of jobs: its history, and the newest servers' list of jobs."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from bot.comfy import raw
from bot.comfy.models import Ending, ExecutionError, HistoryEntry, JobDetail, JobStatus, JobSummary
from bot.comfy.outputs import file_ref, parse_outputs

_MOST_ENTRIES = 10_000
"""Ended jobs that are read at once; servers remember as many."""
_MOST_MESSAGES = 1_000
"""Messages about one job that are read, the newest; there are some ten."""
_MEMORY_WORDS = ("out of memory", "allocate memory")


def parse_execution_error(data: Mapping[str, Any]) -> ExecutionError:
    """Read the data of an `execution_error`; never raises.

    Memory that ran out is told by the exception's name or by the words of its message, on GPU and CPU alike.
    """
    kind = raw.sentence(data.get("exception_type"))
    full = (raw.text(data.get("exception_message")) or "")[:5000]
    lowered = full.lower()
    memory = kind.endswith("OutOfMemoryError") or any(words in lowered for words in _MEMORY_WORDS)
    node_id, node_type = raw.text(data.get("node_id")) or "", raw.text(data.get("node_type")) or ""
    return ExecutionError(node_id, node_type, kind, raw.sentence(full), memory)


def parse_history(body: Any) -> tuple[HistoryEntry, ...]:
    """Read `{prompt id: entry}` in the server's order, oldest first; what is no entry is left out."""
    return tuple(
        parse_entry(raw.text(prompt_id) or "", entry)
        for prompt_id, entry in islice(raw.mapping(body).items(), _MOST_ENTRIES)
        if isinstance(entry, Mapping)
    )


def parse_entry(prompt_id: str, entry: Any) -> HistoryEntry:
    """Read one entry of the history; never raises."""
    entry = raw.mapping(entry)
    prompt = raw.items(entry.get("prompt"))
    number = raw.number(prompt[0]) if prompt else None
    extra = raw.mapping(prompt[3]) if len(prompt) > 3 else raw.NOTHING
    ended = _ended(prompt_id, entry.get("status"), entry.get("outputs"), number or 0.0, extra)
    return replace(ended, graph=raw.mapping(prompt[2])) if len(prompt) > 2 else ended


def parse_job(body: Any) -> JobSummary | None:
    """Read one job of the newest servers' list; None when it is no job."""
    body = raw.mapping(body)
    prompt_id, status = raw.text(body.get("id")), raw.text(body.get("status"))
    if not prompt_id or status not in set(JobStatus):
        return None
    error = body.get("execution_error")
    return JobSummary(
        prompt_id,
        JobStatus(status),
        raw.number(body.get("priority")) or 0.0,
        raw.seconds(body.get("create_time")),
        raw.seconds(body.get("execution_start_time")),
        raw.seconds(body.get("execution_end_time")),
        raw.whole(body.get("outputs_count")) or 0,
        file_ref(body.get("preview_output")),
        parse_execution_error(raw.mapping(error)) if isinstance(error, Mapping) else None,
    )


def parse_job_detail(body: Any) -> JobDetail | None:
    """Read one job as the newest servers tell it in full; None when it is no job."""
    summary = parse_job(body)
    if summary is None:
        return None
    if summary.status in (JobStatus.PENDING, JobStatus.IN_PROGRESS):
        return JobDetail(summary, None)
    body = raw.mapping(body)
    extra = raw.mapping(raw.mapping(body.get("workflow")).get("extra_data"))
    entry = _ended(
        summary.prompt_id, body.get("execution_status"), body.get("outputs"), summary.number, extra
    )
    ending = {
        JobStatus.COMPLETED: Ending.SUCCESS,
        JobStatus.FAILED: Ending.ERROR,
        JobStatus.CANCELLED: Ending.INTERRUPTED,
    }[summary.status]
    return JobDetail(
        summary,
        HistoryEntry(
            entry.prompt_id,
            ending,
            entry.outputs,
            (entry.error or summary.error) if ending is Ending.ERROR else None,
            entry.number,
            entry.client_id,
            entry.extra_data,
            entry.started_at or summary.started_at,
            entry.finished_at or summary.finished_at,
        ),
    )


def _ended(
    prompt_id: str, status: Any, outputs: Any, number: float, extra: Mapping[str, Any]
) -> HistoryEntry:
    status = raw.mapping(status)
    messages = _messages(status.get("messages"))
    ending = _ending(status, messages)
    failure = messages.get("execution_error")
    last = [raw.seconds(data.get("timestamp")) for kind, data in messages.items() if kind in _LAST]
    return HistoryEntry(
        prompt_id,
        ending,
        parse_outputs(outputs),
        parse_execution_error(failure) if failure is not None and ending is Ending.ERROR else None,
        number,
        raw.text(extra.get("client_id")),
        extra,
        raw.seconds(messages.get("execution_start", raw.NOTHING).get("timestamp")),
        last[-1] if last else None,
    )


_LAST = frozenset({"execution_success", "execution_error", "execution_interrupted"})


def _messages(messages: Any) -> dict[str, Mapping[str, Any]]:
    """Return the newest message of each type with its data."""
    found: dict[str, Mapping[str, Any]] = {}
    for message in raw.items(messages)[-_MOST_MESSAGES:]:
        pair = raw.items(message)
        if len(pair) >= 2 and isinstance(pair[0], str):
            found[pair[0]] = raw.mapping(pair[1])
    return found


def _ending(status: Mapping[str, Any], messages: Mapping[str, Any]) -> Ending:
    """Tell success, interruption (which the server calls an error too) and failure apart."""
    if "execution_interrupted" in messages:
        return Ending.INTERRUPTED
    word = status.get("status_str")
    if word == "success" or (word is None and "execution_error" not in messages):
        return Ending.SUCCESS
    return Ending.ERROR
