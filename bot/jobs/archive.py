"""What is known of jobs, noted about them and forgotten, while `JobService` sees them through."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

from bot.comfy import ComfyError, Fleet
from bot.errors import UserError
from bot.jobs.files.erasing import Erasing
from bot.jobs.files.outputs import Outputs
from bot.jobs.model.job import Deletion, Job, JobOutput, MessageRef
from bot.jobs.model.ports import HistoryQuery, JobStore, Page
from bot.jobs.model.request import InputRef, JobId
from bot.jobs.progress.progress import Snapshot
from bot.jobs.progress.snapshots import SnapshotPublisher
from bot.jobs.queue.limits import day_of
from bot.jobs.queue.plan import Plan
from bot.jobs.queue.repository import JobRepository
from bot.jobs.retry_write import retry_write
from bot.runtime import Clock, Spawn

LONGEST_NUMBER = 18
"""Digits of a job's short number; the database counts to 2^63-1."""

log = logging.getLogger(__name__)


class Archive:
    """Finds jobs, and keeps what is not their state: where they are shown, whether that is done, and for how long."""

    def __init__(
        self,
        *,
        store: JobStore,
        repository: JobRepository,
        snapshots: SnapshotPublisher,
        plan: Plan,
        fleet: Fleet,
        outputs: Outputs,
        erasing: Erasing,
        clock: Clock,
        spawn: Spawn,
        pause: float,
    ) -> None:
        """Make an archive that waits `pause` seconds before it asks a store again that could not do something."""
        self._store = store
        self._repository = repository
        self._snapshots = snapshots
        self._plan = plan
        self._fleet = fleet
        self._outputs = outputs
        self._erasing = erasing
        self._clock = clock
        self._spawn = spawn
        self._pause = pause
        self._on_delivered: list[Callable[[Job], None]] = []

    async def get(self, job_id: JobId) -> Job:
        """Return the job as it stands; raises `UserError` when nobody knows it any more."""
        job = await self._repository.get(job_id)
        if job is None or job.deletion is not None:
            raise _unknown()
        return job

    async def snapshot(self, job_id: JobId) -> Snapshot:
        """Return the job and its progress now; raises `UserError` when nobody knows it any more."""
        return self._snapshots.snapshot(await self.get(job_id))

    async def find(self, key: str) -> Job | None:
        """Return a job by its id or its short number (`17` or `#17`), unless somebody has deleted it."""
        key = key.strip().lstrip("#")
        numbered = key.isascii() and key.isdecimal() and len(key) <= LONGEST_NUMBER
        if len(key) == 32:
            job = await self._repository.get(JobId(key.lower()))
        else:
            job = await self._store.by_number(int(key)) if numbered else None
        job = job and (self._repository.peek(job.id) or job)
        return job if job is None or job.deletion is None else None

    async def by_prompt_ids(self, *prompt_ids: str) -> dict[str, Job]:
        """Return whose jobs these prompts on a server are; strangers' prompts are left out."""
        return dict(await self._store.by_prompt_ids(prompt_ids))

    async def history(self, query: HistoryQuery) -> Page:
        """Return one page of the jobs a viewer may see, newest first."""
        return await self._store.listed(query)

    async def spent_today(self, user_id: int) -> int:
        """Return how many pictures a person has asked for today, as the daily limit counts."""
        return await self._store.spent(user_id, midnight=day_of(self._clock.now()))

    async def channels(self, guild_id: int) -> frozenset[int]:
        """Return the channels and threads of a guild in which there are jobs that others might see."""
        return await self._store.channels_of(guild_id)

    async def fetch(self, job_output: JobOutput, *, job_id: JobId) -> Path:
        """Return our copy of an output, fetched from its server when we have none; raises `UserError` if gone."""
        return await self._outputs.fetch(await self.get(job_id), job_output)

    async def attach_message(self, job_id: JobId, message: MessageRef) -> Job:
        """Store where the job is shown; raises `UserError` when nobody knows the job any more."""
        return await self._insist(job_id, lambda job: replace(job, message=message))

    async def attach_first(self, job_id: JobId, message: MessageRef) -> Job:
        """Store where the first answer is, unless another message was made meanwhile; raises `UserError` like above."""

        def attached(job: Job) -> Job:
            elsewhere = job.message is not None and job.message.message_id is not None
            return job if elsewhere else replace(job, message=message)

        return await self._insist(job_id, attached)

    async def card_deleted(self, job_id: JobId) -> Job:
        """Store that somebody removed the job's card from its channel; raises `UserError` like above."""
        return await self._insist(
            job_id, lambda job: job if job.card_deleted else replace(job, card_deleted=True)
        )

    async def files_astray(self, job_id: JobId, number: int) -> Job:
        """Store that a message's files may stand where nobody can look any more; raises `UserError` like above."""
        return await self._insist(job_id, lambda job: replace(job, astray=job.astray | {number}))

    async def attach_part(self, job_id: JobId, number: int, message: MessageRef | None) -> Job:
        """Store which message is the job's second, third …, or that there is none; raises `UserError` like above."""

        def attached(job: Job) -> Job:
            others = {known: ref for known, ref in job.parts.items() if known != number}
            return replace(job, parts=others if message is None else {**others, number: message})

        return await self._insist(job_id, attached)

    async def delivered(self, job_id: JobId, *, reached: bool = True) -> Job:
        """Store that the person has got the final card, or can only find it in the history; the first time counts."""
        now = self._clock.now()
        job = await self._insist(
            job_id,
            lambda job: (
                job if job.delivered_at is not None else replace(job, delivered_at=now, unreached=not reached)
            ),
        )
        for callback in self._on_delivered:
            callback(job)
        return job

    def on_delivered(self, callback: Callable[[Job], None]) -> None:
        """Call back for every job whose final card the person has got, or can find in the history only."""
        self._on_delivered.append(callback)

    async def delete(self, job_id: JobId, *, by: int, seconds: float) -> Job:
        """Store that somebody has deleted a finished job, which may be taken back for so long; nobody is shown it now.

        Raises `UserError` for one that has not ended.
        """
        until = self._clock.now() + seconds

        def deleted(job: Job) -> Job:
            if job.deletion is not None:
                raise _unknown()
            if not job.state.is_final:
                raise UserError("This is not finished yet. Cancel it first.")
            return replace(job, deletion=Deletion(by, until))

        return await self._change(job_id, deleted)

    async def deletion(self, job_id: JobId) -> Deletion | None:
        """Return who has deleted a job, if it is still there."""
        job = await self._repository.get(job_id)
        return job.deletion if job is not None else None

    async def keep(self, job_id: JobId) -> Job:
        """Take back that a job was deleted, where nothing came of that yet."""
        return await self._insist(job_id, lambda job: replace(job, deletion=None))

    async def undelete(self, job_id: JobId) -> Job:
        """Take back that a job was deleted; it is to be delivered again. Raises `UserError` when it is too late."""
        now = self._clock.now()

        def restored(job: Job) -> Job:
            if job.deletion is None or now >= job.deletion.until:
                raise UserError("It is too late to bring this back.")
            return replace(job, deletion=None, delivered_at=None, unreached=False)

        return await self._change(job_id, restored)

    async def condemn(self, job_id: JobId) -> bool:
        """Let nobody take it back any more that a job was deleted; tells whether it is deleted still."""
        try:
            job = await self._insist(
                job_id,
                lambda job: (
                    job if job.deletion is None else replace(job, deletion=replace(job.deletion, until=0.0))
                ),
            )
        except UserError:  # it was removed meanwhile
            return True
        return job.deletion is not None

    async def forget(self, job_id: JobId) -> None:
        """Remove a finished job from the history; raises `UserError` for one that has not ended."""
        job = await self._repository.get(job_id)
        if job is None:
            raise _unknown()
        if not job.state.is_final:
            raise UserError("This is not finished yet. Cancel it first.")
        await self._store.forget(job_id)
        self._spawn(self._erasing.erase(job), name=f"traces of job {job.number}")

    async def forget_all(self, user_id: int) -> int:
        """Remove all jobs of a person, of every server; returns how many. Raises `UserError` while any is under way."""
        if await self._store.active_of(user_id):
            raise UserError("Some of your jobs are still waiting or running. Stop them with `/cancel` first.")
        await self._part(user_id)
        gone = await self._erasing.forget_all(user_id)
        self._spawn(self._erasing.erase_history(gone), name="traces of a person's jobs")
        return len(gone)

    async def forget_old(self, before: float) -> int:
        """Remove all jobs, with their copies, that ended and were told of before a time; returns how many."""
        return await self._erasing.forget_each(lambda most: self._store.ended_before(before, most))

    async def forget_guild(self, guild_id: int) -> int:
        """Remove all jobs of a server that have ended, with their copies; returns how many."""
        return await self._erasing.forget_each(lambda most: self._store.ended_in(guild_id, most))

    async def _part(self, user_id: int) -> None:
        """Take a person's words and files out of the jobs that others made from theirs."""
        for derived in await self._store.derived_from(user_id):
            try:
                job = await self._repository.change(derived.job_id, _without_words)
            except LookupError:  # removed meanwhile
                continue
            if derived.direct:
                await self._erasing.take_inputs(job)

    async def discard(self, inputs: Iterable[InputRef]) -> None:
        """Remove files that somebody attached to what never became a job, unless something else has them."""
        await self._erasing.discard(inputs)

    async def abandon(self, inputs: Iterable[InputRef]) -> None:
        """Remove files that were brought in for a request nothing came of, unless something else has them."""
        await self._erasing.abandon(inputs)

    async def veil(self, job_id: JobId, veiled: bool) -> Job:
        """Store whether a job's files are a spoiler."""
        return await self._change(
            job_id,
            lambda job: (
                job if job.spoiler == veiled else replace(job, request=replace(job.request, spoiler=veiled))
            ),
        )

    async def graph(self, job: Job) -> Mapping[str, Any]:
        """Return what was run last for a job, as its server tells it, else made again from the workflow there is now.

        Raises `UserError` when the workflow is gone or takes the values no more.
        """
        run = next(reversed(job.runs), None)
        server = self._fleet.find(run.server) if run is not None else None
        if run is not None and server is not None:
            try:
                entry = await server.client.history_entry(run.prompt_id)
            except ComfyError as error:
                log.info("job %s: its server does not tell what was run: %s", job.number, error)
            else:
                if entry is not None and entry.graph:
                    return entry.graph
        return self._plan.again(job, self._plan.info_of(self._fleet.pick())).graph

    async def _insist(self, job_id: JobId, change: Callable[[Job], Job]) -> Job:
        """Commit what has already happened in Discord, however long the store cannot do it."""
        return await retry_write(
            lambda: self._change(job_id, change), repeat(self._pause), f"job {job_id}: what Discord shows"
        )

    async def _change(self, job_id: JobId, change: Callable[[Job], Job]) -> Job:
        try:
            return await self._repository.change(job_id, change)
        except LookupError:  # also one that was removed while it was being changed
            raise _unknown() from None


def _without_words(job: Job) -> Job:
    origin = job.request.origin
    if origin is None or not origin.words:
        return job
    return replace(job, request=replace(job.request, origin=replace(origin, words="")))


def _unknown() -> UserError:
    return UserError("This job is no longer known here.")
