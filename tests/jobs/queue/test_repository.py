"""What is in memory is what was committed, even when nobody knows whether it was."""

import asyncio
from dataclasses import replace

import pytest

from bot.jobs.model.job import Job, JobState
from bot.jobs.model.request import JobId
from bot.jobs.queue.repository import JobRepository
from tests.jobs.samples import a_job


class Memory:
    """A store whose answers to `save` can get lost after the commit."""

    def __init__(self) -> None:
        self.jobs: dict[JobId, Job] = {}
        self.lose_answer = False

    async def accept(self, job, admit):
        self.jobs[job.id] = job
        return job

    async def save(self, job: Job) -> None:
        await asyncio.sleep(0)
        self.jobs[job.id] = job
        if self.lose_answer:
            self.lose_answer = False
            raise OSError("gone after the commit")

    async def get(self, job_id: JobId) -> Job | None:
        return self.jobs.get(job_id)


@pytest.fixture
def store() -> Memory:
    return Memory()


async def test_changes_are_told_after_they_are_committed(store: Memory):
    repository = JobRepository(store)  # pyright: ignore[reportArgumentType] - as much of a store as a ledger asks
    told: list[JobState] = []
    job = await repository.accept(a_job(), lambda standing: None)
    repository.on_change(lambda job: told.append(store.jobs[job.id].state))
    assert await repository.change(job.id, lambda job: job) is job
    assert told == []
    await repository.change(job.id, lambda job: job.to(JobState.CANCELLED))
    assert told == [JobState.CANCELLED]
    assert repository.peek(job.id) is None
    assert repository.unfinished == ()
    assert (await repository.change(job.id, lambda job: replace(job, delivered_at=1.0))).delivered_at == 1.0
    with pytest.raises(KeyError):
        await repository.change(JobId("none"), lambda job: job)


async def test_changes_at_once_do_not_undo_each_other(store: Memory):
    repository = JobRepository(store)  # pyright: ignore[reportArgumentType] - as much of a store as a ledger asks
    job = await repository.accept(a_job(), lambda standing: None)
    await asyncio.gather(
        *(repository.change(job.id, lambda job: replace(job, planned=job.planned + 1)) for _ in range(20))
    )
    assert store.jobs[job.id].planned == 21


async def test_a_commit_whose_answer_was_lost_is_found_out(store: Memory):
    repository = JobRepository(store)  # pyright: ignore[reportArgumentType] - as much of a store as a ledger asks
    job = await repository.accept(a_job(), lambda standing: None)
    told: list[Job] = []
    repository.on_change(told.append)
    store.lose_answer = True
    with pytest.raises(OSError, match="gone"):
        await repository.change(job.id, lambda job: job.to(JobState.CANCELLED))
    assert await repository.change(job.id, lambda job: job) == store.jobs[job.id]
    assert repository.peek(job.id) is None
    assert [job.state for job in told] == [JobState.CANCELLED]
