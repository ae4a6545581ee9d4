"""Every unfinished job as it stands, and the one place where a job changes: locked, committed, then told."""

import asyncio
import logging
from collections.abc import Callable
from weakref import WeakValueDictionary

from bot.jobs.model.job import Job
from bot.jobs.model.ports import Admit, JobStore, StoreUnavailable
from bot.jobs.model.request import JobId

log = logging.getLogger(__name__)

Change = Callable[[Job], Job]
"""Returns the job as it should be; the same object when nothing is to change."""


class JobRepository:
    """Jobs by id. What is not finished is kept in memory; everything is in the store before anybody is told."""

    def __init__(self, store: JobStore) -> None:
        self.store = store
        self._jobs: dict[JobId, Job] = {}
        self._doubtful: set[JobId] = set()
        self._unconfirmed: set[JobId] = set()
        self._locks: WeakValueDictionary[JobId, asyncio.Lock] = WeakValueDictionary()
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[Job], None]] = []

    @property
    def unfinished(self) -> tuple[Job, ...]:
        """Every job that has not ended, oldest first."""
        return tuple(self._jobs.values())

    def on_change(self, listener: Callable[[Job], None]) -> None:
        """Call back, with the job as it is now, after every committed change."""
        self._listeners.append(listener)

    def peek(self, job_id: JobId) -> Job | None:
        """Return an unfinished job without asking the store."""
        return self._jobs.get(job_id)

    def adopt(self, job: Job) -> None:
        """Take up an unfinished job of an earlier process."""
        self._jobs[job.id] = job

    async def accept(self, job: Job, admit: Admit) -> Job:
        """Commit a new job if it is admitted.

        What was asked for, but never confirmed as committed, is not accepted: `tidy` removes it if it is there.
        """
        try:
            accepted = await self.store.accept(job, admit)
        except (StoreUnavailable, asyncio.CancelledError):
            self._unconfirmed.add(job.id)
            raise
        self._jobs[accepted.id] = accepted
        self._tell(accepted)
        return accepted

    async def tidy(self) -> None:
        """Remove what may have been committed without anybody hearing of it."""
        for job_id in tuple(self._unconfirmed):
            try:
                await self.store.forget(job_id)
            except StoreUnavailable as error:
                log.warning("job %s was not accepted, and perhaps stored: %s", job_id, error)
                return
            self._unconfirmed.discard(job_id)

    async def get(self, job_id: JobId) -> Job | None:
        """Return a job, finished or not."""
        return self._jobs.get(job_id) or await self.store.get(job_id)

    async def change(self, job_id: JobId, change: Change) -> Job:
        """Commit a change and return the job; raises KeyError for a job nobody knows, and what `change` raises."""
        lock = self._locks.setdefault(job_id, asyncio.Lock())
        async with lock:
            before = await self._current(job_id)
            after = change(before)
            if after is before:
                return before
            self._doubtful.add(job_id)  # until we hear that it was committed, only the store knows
            await self.store.save(after)
            self._doubtful.discard(job_id)
            self._keep(after)
        self._tell(after)
        return after

    async def _current(self, job_id: JobId) -> Job:
        if job_id in self._doubtful:
            await self._ask_again(job_id)
        job = self._jobs.get(job_id) or await self.store.get(job_id)
        if job is None:
            raise KeyError(job_id)
        return job

    async def _ask_again(self, job_id: JobId) -> None:
        """Take over what the store has, after a change of which nobody knows whether it was committed."""
        job = await self.store.get(job_id)
        self._doubtful.discard(job_id)
        if job is not None and self._jobs.get(job_id) not in (None, job):
            self._keep(job)
            self._tell(job)

    def _keep(self, job: Job) -> None:
        if job.state.is_final:
            self._jobs.pop(job.id, None)
        elif job.id in self._jobs:
            self._jobs[job.id] = job

    async def until(self, condition: Callable[[tuple[Job, ...]], bool]) -> None:
        """Wait until the unfinished jobs are as wanted."""
        while not condition(self.unfinished):
            self._changed.clear()
            await self._changed.wait()

    def _tell(self, job: Job) -> None:
        self._changed.set()
        for listener in self._listeners:
            listener(job)
