"""Jobs and snapshots to draw."""

from dataclasses import replace
from typing import Any

from bot.comfy import FileRef, Output, OutputKind
from bot.jobs.model.job import Job, JobOutput, JobState, Run
from bot.jobs.model.request import JobId, Request, Requester
from bot.jobs.progress.progress import Snapshot

NOW = 1_800_000_000.0
ID = JobId("0123456789abcdef0123456789abcdef")
STATES = (
    JobState.QUEUED,
    JobState.RUNNING,
    JobState.SUCCEEDED,
    JobState.FAILED,
    JobState.CANCELLED,
    JobState.LOST,
)


def make_job(state: JobState = JobState.QUEUED, **changes: Any) -> Job:
    requester = Requester(user_id=7, guild_id=8, channel_id=9)
    values = {"prompt": "a red fox", "seed": 0, "width": 512, "height": 768, "steps": 20, "cfg": 7.0}
    job = Job(
        id=ID,
        number=17,
        request=Request(requester=requester, workflow="txt2img", values={"prompt": "a red fox"}),
        workflow_title="Text to image",
        created_at=NOW - 60,
        state=state,
        values=values,
        started_at=None if state is JobState.QUEUED else NOW - 30,
        finished_at=NOW - 5 if state.is_final else None,
    )
    return replace(job, **changes)


def with_runs(job: Job, *seeds: int) -> Job:
    runs = tuple(
        Run(
            index=index,
            attempt=1,
            prompt_id=f"p{index}",
            client_id=None,
            server="s",
            seed=seed,
            state=JobState.SUCCEEDED,
        )
        for index, seed in enumerate(seeds)
    )
    return replace(job, runs=runs, planned=len(seeds))


def make_snapshot(state: JobState = JobState.QUEUED, **changes: Any) -> Snapshot:
    job = changes.pop("job", None) or make_job(state)
    return Snapshot(job=job, **changes)


def file_output(name: str, index: int = 0, kind: OutputKind = OutputKind.IMAGE, run: int = 0) -> JobOutput:
    return JobOutput(run, index, Output("9", kind, FileRef(name)))


def text_output(text: str, index: int = 0) -> JobOutput:
    return JobOutput(0, index, Output("9", OutputKind.TEXT, None, text))


def with_outputs(job: Job, *made: JobOutput) -> Job:
    """Give a job these outputs, all of its first run."""
    return replace(
        job,
        runs=(
            Run(
                index=0, attempt=1, prompt_id="p0", client_id=None, server="s", seed=job.seed,
                state=JobState.SUCCEEDED, outputs=made,
            ),
        ),
    )  # fmt: skip
