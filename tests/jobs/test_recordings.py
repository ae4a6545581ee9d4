"""Sessions recorded from a real ComfyUI: each of their jobs, followed by its frames, ends as it was recorded."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.comfy import (
    CancelResult,
    Ended,
    Event,
    Finished,
    Gone,
    Mailbox,
    Pending,
    Running,
    Started,
    Whereabouts,
    decode_text,
    parse_entry,
)
from bot.jobs.execution.outcome import Circumstances, settled
from bot.jobs.execution.run_monitor import Following, Pace
from bot.jobs.execution.run_tracker import Patience, RunTracker
from bot.jobs.model import transitions
from bot.jobs.model.job import JobState
from bot.jobs.progress.progress import Tracker
from bot.runtime import SystemClock
from tests.comfy.recordings import lines
from tests.jobs.samples import a_job, a_run

SESSIONS = (
    "01_txt2img", "02_cached", "03_feature_flags", "04_routing", "07_errors_interrupt", "08_queue_control",
    "09_ordering", "12_kill_restart", "12b_slow_and_half_open_clients", "13b_output_kinds_more", "18_last_checks",
)  # fmt: skip

PATIENCE = Patience(stall=600, timeout=1800)


@dataclass
class Recorded:
    """One job of a session: what was posted, what was heard, what the history said in the end."""

    prompt_id: str
    graph: Mapping[str, Any]
    events: list[Event] = field(default_factory=list)
    messages: list[list[Any]] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    entry: Mapping[str, Any] | None = None
    now: str = "pending"

    def ending(self) -> Mapping[str, Any] | None:
        """Return its history entry as recorded, or as its frames add up to one; None when it never ended."""
        if self.entry is not None:
            return self.entry
        if not any(isinstance(event, Finished) for event in self.events):
            return None
        word = "success" if self.messages and self.messages[-1][0] == "execution_success" else "error"
        return {"outputs": self.outputs, "status": {"status_str": word, "messages": self.messages}}

    def expected(self) -> JobState:
        entry = self.ending()
        if entry is None:
            return JobState.LOST
        kinds = [message[0] for message in entry["status"]["messages"]]
        if "execution_interrupted" in kinds:
            return JobState.CANCELLED
        if entry["status"]["status_str"] != "success":
            return JobState.FAILED
        shown = any(
            key in ("text", "result") or any(isinstance(item, dict) and "filename" in item for item in value)
            for ui in entry["outputs"].values()
            for key, value in ui.items()
            if key not in ("latents", "animated")
        )
        return JobState.SUCCEEDED if shown else JobState.FAILED

    async def locate(self, prompt_id: str) -> Whereabouts:
        assert prompt_id == self.prompt_id
        entry = self.ending()
        match self.now:
            case "pending":
                return Pending(1)
            case "running":
                return Running()
            case _:
                return Gone() if entry is None else Ended(parse_entry(prompt_id, entry))

    async def cancel(self, prompt_id: str) -> CancelResult:
        raise AssertionError("nobody wanted this")

    async def play(self, inbox: Mailbox) -> None:
        for event in self.events:
            if isinstance(event, Started):
                self.now = "running"
            if isinstance(event, Finished):
                self.now = "over"
            inbox.put(event)
            await asyncio.sleep(0)
        self.now = "over"


def recorded(session: str) -> list[Recorded]:
    jobs: dict[str, Recorded] = {}
    for line in lines(f"{session}.jsonl"):
        if line["kind"] == "http":
            for job in _posted(line):
                jobs[job.prompt_id] = job
            for prompt_id, entry in _history(line):
                if prompt_id in jobs:
                    jobs[prompt_id].entry = entry
        elif line["kind"] == "ws_text":
            _hear(jobs, line["text"])
    return list(jobs.values())


def _posted(line: Mapping[str, Any]) -> Iterator[Recorded]:
    body, answer = line.get("req"), _decoded(line.get("resp"))
    is_post = line["method"] == "POST" and line["path"].removeprefix("/api") == "/prompt"
    if is_post and line["status"] == 200 and isinstance(body, dict) and isinstance(answer, dict):
        yield Recorded(answer["prompt_id"], body["prompt"])


def _history(line: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    answer = _decoded(line.get("resp"))
    if line["method"] == "GET" and "/history" in line["path"] and isinstance(answer, dict):
        yield from (
            (key, value) for key, value in answer.items() if isinstance(value, dict) and "status" in value
        )


def _hear(jobs: Mapping[str, Recorded], text: str) -> None:
    event = decode_text(text)
    frame = _decoded(text)
    job = jobs.get(getattr(event, "prompt_id", None) or "")
    if job is None or not isinstance(frame, dict):
        return
    job.events.append(event)
    kind, data = frame["type"], frame["data"]
    blocked = data.get("exception_type") == "ExecutionBlocked"  # not an ending, and not in the history
    if kind.startswith("execution_") and not blocked and [kind, data] not in job.messages:
        job.messages.append([kind, data])
    if kind == "executed" and isinstance(data.get("output"), dict):
        job.outputs[data["node"]] = data["output"]


def _decoded(value: object) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None


@pytest.mark.parametrize("session", SESSIONS)
async def test_every_recorded_job_ends_as_recorded(session: str):
    jobs = recorded(session)
    assert jobs
    for job in jobs:
        state, outputs = await follow(job)
        assert state is job.expected(), (job.prompt_id, job.ending())
        if (entry := job.ending()) is not None and state is JobState.SUCCEEDED:
            assert outputs == parse_entry(job.prompt_id, entry).outputs


async def follow(recording: Recorded) -> tuple[JobState, tuple[Any, ...]]:
    clock, inbox = SystemClock(), Mailbox()
    run_tracker = RunTracker(clock.monotonic(), PATIENCE, heard=True)
    tracker = Tracker(recording.graph)
    fractions: list[float] = []

    async def told(event: Event | None) -> None:
        if event is not None and tracker.hear(event, clock.monotonic()):
            fractions.append(tracker.fraction or 0.0)

    following = Following(
        recording.prompt_id, run_tracker, inbox, recording,
        clock=clock, pace=Pace(poll=0.02, haste=0.01, second_look=0.01), told=told, unwanted=lambda: False,
    )  # fmt: skip
    async with asyncio.timeout(5):
        verdict, _ = await asyncio.gather(following.ended(), recording.play(inbox))
    assert fractions == sorted(fractions)
    run = a_run(prompt_id=recording.prompt_id)
    job = transitions.submitted(transitions.begun(a_job(), run), run, 1.0)
    around = Circumstances(
        graph=recording.graph, delivered=frozenset(), patience=PATIENCE, reference="AAA-AAA"
    )
    job = settled(job, job.runs[0], verdict, around, 2.0)
    return job.state, tuple(made.output for made in job.outputs)
