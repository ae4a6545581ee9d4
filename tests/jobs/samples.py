"""Ready-made requests and jobs."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from bot.comfy import FileRef, Output, OutputKind
from bot.jobs.model.job import Job, JobOutput, JobState, Run
from bot.jobs.model.request import JobId, Request, Requester


def a_request(user: int = 1, *, guild: int | None = 10, workflow: str = "txt2img", **changes: Any) -> Request:
    changes.setdefault("values", {"prompt": "a cat"})
    return Request(requester=Requester(user, guild, 100), workflow=workflow, **changes)


def a_job(request: Request | None = None, *, created_at: float = 1_000_000.0, **changes: Any) -> Job:
    request = request or a_request()
    return Job(
        id=JobId(uuid.uuid4().hex),
        number=changes.pop("number", 0),
        request=request,
        cost=changes.pop("cost", request.count),
        workflow_title="Text to image",
        created_at=created_at,
        **changes,
    )


def a_run(index: int = 0, *, state: JobState = JobState.SUBMITTING, **changes: Any) -> Run:
    return Run(
        index=index,
        attempt=changes.pop("attempt", 1),
        prompt_id=changes.pop("prompt_id", None) or str(uuid.uuid4()),
        client_id="client",
        server="127.0.0.1:8188",
        seed=changes.pop("seed", 0),
        state=state,
        **changes,
    )


def an_output(run: int = 0, index: int = 0, name: str = "a_00001_.png") -> JobOutput:
    return JobOutput(run, index, Output("9", OutputKind.IMAGE, FileRef(name, "", "output")))


async def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is the case."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


def counting(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[None]:
    """Have the calls of a method counted from now on; returns a list that holds one entry for each."""
    method, calls = getattr(owner, name), list[None]()

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(None)
        return method(*args, **options)

    monkeypatch.setattr(owner, name, counted)
    return calls
