"""Removing what a job leaves behind: our own copies and its inputs, and the server's record of it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

from bot.comfy import ComfyError, Fleet
from bot.jobs.files.content import ContentStore
from bot.jobs.model.job import Job
from bot.jobs.model.ports import JobStore, StoreUnavailable
from bot.jobs.model.request import InputRef

log = logging.getLogger(__name__)

AT_ONCE = 100
Some = Callable[[int], Awaitable[tuple[Job, ...]]]
"""Returns jobs that are to be removed, so many at most; none when all are gone."""


class Erasing:
    """Takes away the traces of jobs that were removed; what a server has no route for stays there."""

    def __init__(self, store: JobStore, fleet: Fleet, *, kept: ContentStore, inputs: ContentStore) -> None:
        self._store = store
        self._fleet = fleet
        self._kept = kept
        self._inputs = inputs

    async def forget_all(self, user_id: int) -> tuple[Job, ...]:
        """Remove every job of a person that has ended, with its files, and return them; servers still know of them."""
        each = self._forgotten(lambda most: self._store.ended_of(user_id, most))
        return tuple([job async for jobs in each for job in jobs])

    async def forget_each(self, some: Some) -> int:
        """Remove jobs, with their files, as long as there are some, so many at most at a time; returns how many."""
        return sum([len(jobs) async for jobs in self._forgotten(some)])

    async def _forgotten(self, some: Some) -> AsyncGenerator[tuple[Job, ...]]:
        while jobs := await some(AT_ONCE):
            for job in jobs:
                await self._store.forget(job.id)
            await self._copies(*jobs)
            yield jobs

    async def erase_history(self, jobs: tuple[Job, ...]) -> None:
        """Take the runs of jobs out of their servers' history."""
        for job in jobs:
            await self._history(job)

    async def erase(self, job: Job) -> None:
        """Remove copies and inputs that no other job shares, and the job's runs from their servers' history."""
        await self._copies(job)
        await self._history(job)

    async def take_inputs(self, job: Job) -> None:
        """Remove what is attached to a job, which stays; whoever repeats it is asked to attach it again."""
        for ref in job.request.inputs.values():
            await asyncio.to_thread(self._inputs.remove, ref)

    async def _history(self, job: Job) -> None:
        """Never raises for a server that does not answer: its history is short-lived, and names nobody."""
        for label in dict.fromkeys(run.server for run in job.runs):
            server = self._fleet.find(label)
            if server is None:
                continue
            try:
                await server.client.delete_history(
                    *(run.prompt_id for run in job.runs if run.server == label)
                )
            except ComfyError as error:
                log.warning("job %s stays in the history of %s: %s", job.number, label, error)

    async def discard(self, inputs: Iterable[InputRef]) -> None:
        """Remove files somebody attached, unless a job or a form that was begun has them."""
        await self._discard((self._inputs, ref) for ref in inputs)

    async def abandon(self, inputs: Iterable[InputRef]) -> None:
        """Remove files that were brought in for a request nothing came of, unless something else has them."""
        for ref in dict.fromkeys(inputs):
            try:
                if not await self._store.attached(ref.sha256):
                    await asyncio.to_thread(self._inputs.remove_arrival, ref)
            except (StoreUnavailable, OSError) as error:
                log.warning("a file nobody needs was not removed: %s", error)

    async def _copies(self, *jobs: Job) -> None:
        made = [made.kept for job in jobs for made in job.outputs if made.kept is not None]
        given = [ref for job in jobs for ref in job.request.inputs.values()]
        await self._discard([*((self._kept, ref) for ref in made), *((self._inputs, ref) for ref in given)])

    async def _discard(self, files: Iterable[tuple[ContentStore, InputRef]]) -> None:
        """Remove files that nothing has any more, whichever folder it has them from: both may be one."""
        files = dict.fromkeys(files)
        if not files:
            return
        try:
            used = await self._store.in_use({file.sha256 for _, file in files})
        except StoreUnavailable as error:
            log.warning("%d files perhaps nobody needs any more were not removed: %s", len(files), error)
            return
        for folder, file in files:
            if file.sha256 not in used:
                try:
                    await asyncio.to_thread(folder.remove, file)
                except OSError as error:
                    log.warning("a file nobody needs any more was not removed: %s", error)
