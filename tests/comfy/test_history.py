import json
from typing import Any

import pytest

from bot.comfy import Ending, JobStatus, parse_entry, parse_execution_error, parse_history
from bot.comfy.history import parse_job, parse_job_detail
from tests.comfy.recordings import exchanges

START = ["execution_start", {"timestamp": 1000}]


def entry(word: Any, *messages: list[Any], **more: Any) -> dict[str, Any]:
    prompt = [3, "p", {}, {"client_id": "c", "job": "j"}, ["9"]]
    return {
        "prompt": prompt,
        "outputs": {},
        "status": {"status_str": word, "messages": [START, *messages]},
        **more,
    }


def test_success_failure_and_interruption_are_told_apart() -> None:
    done = parse_entry("p", entry("success", ["execution_success", {"timestamp": 3500}]))
    assert (done.ending, done.started_at, done.finished_at) == (Ending.SUCCESS, 1.0, 3.5)
    assert (done.number, done.client_id, done.extra_data["job"], done.error) == (3, "c", "j", None)
    failure = {
        "node_id": "4",
        "node_type": "K",
        "exception_type": "ValueError",
        "exception_message": "boom\nat /x/y",
    }
    failed = parse_entry("p", entry("error", ["execution_error", failure]))
    assert failed.ending is Ending.ERROR
    assert failed.error is not None
    assert failed.error.message == "boom"
    stopped = parse_entry("p", entry("error", ["execution_interrupted", {"timestamp": 2000}]))
    assert (stopped.ending, stopped.error, stopped.finished_at) == (Ending.INTERRUPTED, None, 2.0)


@pytest.mark.parametrize(
    ("kind", "message", "memory"),
    [
        ("torch.OutOfMemoryError", "Allocation failed\n\nTIPS: x", True),
        ("RuntimeError", "DefaultCPUAllocator: can't allocate memory: x", True),
        ("RuntimeError", "CUDA error: out of memory", True),
        ("ValueError", "no", False),
        (None, None, False),
    ],
)
def test_want_of_memory_is_recognised(kind: Any, message: Any, memory: bool) -> None:
    assert (
        parse_execution_error({"exception_type": kind, "exception_message": message}).out_of_memory is memory
    )


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"prompt": None, "status": None},
        {"prompt": [], "status": []},
        {"status": {"messages": [None, [], [1], "x"]}},
    ],
)
def test_an_entry_that_says_nothing_counts_as_success_without_outputs(raw: Any) -> None:
    read = parse_entry("p", raw)
    assert (read.ending, read.outputs, read.number) == (Ending.SUCCESS, (), 0)


def test_what_is_no_entry_is_left_out() -> None:
    assert [e.prompt_id for e in parse_history({"a": None, "b": {}, "c": []})] == ["b"]
    assert parse_history([]) == ()


def test_jobs_of_the_newest_servers_are_read() -> None:
    job = {"id": "p", "status": "failed", "priority": 2, "create_time": 1000, "execution_end_time": 5000,
           "outputs_count": 1, "preview_output": {"filename": "a.png"}, "execution_error": {"exception_message": "no"}}  # fmt: skip
    summary = parse_job(job)
    assert summary is not None
    assert (summary.status, summary.number, summary.created_at, summary.outputs_count) == (
        JobStatus.FAILED,
        2,
        1,
        1,
    )
    detail = parse_job_detail(
        job | {"outputs": {"1": {"text": ["x"]}}, "workflow": {"extra_data": {"client_id": "c"}}}
    )
    assert detail is not None
    assert detail.entry is not None
    assert detail.entry.ending is Ending.ERROR
    assert detail.entry.error is not None
    assert detail.entry.error.message == "no"
    assert (detail.entry.client_id, detail.entry.finished_at, len(detail.entry.outputs)) == ("c", 5, 1)
    waiting = parse_job_detail({"id": "p", "status": "pending"})
    assert waiting is not None
    assert waiting.entry is None


@pytest.mark.parametrize(
    "raw",
    [None, [], {}, {"id": 5, "status": "pending"}, {"id": "p", "status": "odd"}, {"id": "p", "status": []}],
)
def test_what_is_no_job_is_none(raw: Any) -> None:
    assert parse_job(raw) is None
    assert parse_job_detail(raw) is None


def test_every_recorded_history_is_read() -> None:
    endings: set[Ending] = set()
    for _, status, answer in exchanges("*.jsonl", "/history"):
        if status != 200 or not answer.startswith("{"):
            continue
        try:
            body = json.loads(answer)
        except ValueError:
            continue  # recorded in part only
        for read in parse_history(body):
            endings.add(read.ending)
            assert "/srv" not in str(read.error)
    assert endings >= {Ending.SUCCESS, Ending.ERROR}
