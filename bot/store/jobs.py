"""Jobs in the database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from statistics import fmean
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.model.estimate import Usual, work_of
from bot.jobs.model.job import ENDINGS, Job, JobState
from bot.jobs.model.ports import Admit, Derived, HistoryQuery, Page, Standing
from bot.jobs.model.request import InputRef, JobId
from bot.jobs.queue.limits import day_of
from bot.store.connection.database import Database
from bot.store.connection.engine import serialize
from bot.store.connection.transaction import transaction
from bot.store.counters import counted, forget_counters, keep_counted
from bot.store.forgetting import derived_from
from bot.store.inputs import in_use, inputs_of
from bot.store.records import job_columns, job_of, run_columns, searchable
from bot.store.tables import FavouriteRow, JobRow, KeyValueRow, RunRow

RECENT_RUNS = 500
"""How many of the newest runs of all workflows the average durations are made of."""

_OPEN = JobRow.state.not_in([state.value for state in ENDINGS])


class SqlJobStore:
    """Implements `bot.jobs.model.ports.JobStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @transaction
    async def accept(self, job: Job, admit: Admit) -> Job:
        """Check and insert in one transaction that no other acceptance can interleave; returns it with its number."""
        async with self._database.writing() as connection:
            await serialize(connection)
            admit(await _standing(connection, job))
            result = await connection.execute(
                insert(JobRow).values(**job_columns(job)).returning(JobRow.number)
            )
            number = result.scalar_one()
        return replace(job, number=number)

    @transaction
    async def save(self, job: Job) -> None:
        """Store the whole of a job that was accepted before; raises LookupError if it is not there."""
        async with self._database.writing() as connection:
            result = await connection.execute(
                update(JobRow).where(JobRow.id == job.id).values(**job_columns(job))
            )
            if result.rowcount != 1:
                raise LookupError(f"job {job.id} is not in the database")
            await _save_runs(connection, job)

    async def get(self, job_id: JobId) -> Job | None:
        """Return the job with this id."""
        jobs = await self._read(select(JobRow.__table__).where(JobRow.id == job_id))
        return jobs[0] if jobs else None

    async def by_number(self, number: int) -> Job | None:
        """Return the job with this short number."""
        if not 0 < number < 2**63:
            return None
        jobs = await self._read(select(JobRow.__table__).where(JobRow.number == number))
        return jobs[0] if jobs else None

    async def by_prompt_ids(self, prompt_ids: tuple[str, ...]) -> Mapping[str, Job]:
        """Return the jobs these prompt ids belong to, of any attempt."""
        if not prompt_ids:
            return {}
        numbers = select(RunRow.job_number).where(RunRow.prompt_id.in_(prompt_ids))
        jobs = await self._read(select(JobRow.__table__).where(JobRow.number.in_(numbers)))
        asked = set(prompt_ids)
        return {run.prompt_id: job for job in jobs for run in job.runs if run.prompt_id in asked}

    async def unfinished(self) -> tuple[Job, ...]:
        """Return every job that has not ended, oldest first."""
        return await self._read(select(JobRow.__table__).where(_OPEN).order_by(JobRow.number))

    async def undelivered(self) -> tuple[Job, ...]:
        """Return every job that has ended without being delivered, oldest first."""
        return await self._read(
            select(JobRow.__table__)
            .where(~_OPEN, JobRow.delivered_at.is_(None), JobRow.deletion.is_(None))
            .order_by(JobRow.number)
        )

    async def being_deleted(self) -> tuple[Job, ...]:
        """Return every job that somebody has deleted and that is still there, oldest first."""
        return await self._read(
            select(JobRow.__table__).where(JobRow.deletion.is_not(None)).order_by(JobRow.number)
        )

    async def active_of(self, user_id: int) -> tuple[Job, ...]:
        """Return a person's unfinished jobs, oldest first."""
        return await self._read(
            select(JobRow.__table__).where(_OPEN, JobRow.user_id == user_id).order_by(JobRow.number)
        )

    async def ended_of(self, user_id: int, limit: int) -> tuple[Job, ...]:
        """Return a person's oldest jobs that have ended, of every guild."""
        mine = select(JobRow.__table__).where(~_OPEN, JobRow.user_id == user_id)
        return await self._read(mine.order_by(JobRow.number).limit(limit))

    async def jobs_of(self, user_id: int, *, after: int, limit: int) -> tuple[Job, ...]:
        """Return some of a person's jobs with numbers above `after`, of every guild, oldest first."""
        mine = select(JobRow.__table__).where(JobRow.user_id == user_id, JobRow.number > after)
        return await self._read(mine.order_by(JobRow.number).limit(limit))

    async def ended_before(self, time: float, limit: int) -> tuple[Job, ...]:
        """Return the oldest jobs that ended, and were told of, before a time."""
        over = JobRow.finished_at < time, JobRow.delivered_at < time
        return await self._read(
            select(JobRow.__table__).where(~_OPEN, *over).order_by(JobRow.number).limit(limit)
        )

    async def ended_in(self, guild_id: int, limit: int) -> tuple[Job, ...]:
        """Return a guild's oldest jobs that have ended."""
        of_guild = select(JobRow.__table__).where(~_OPEN, JobRow.guild_id == guild_id)
        return await self._read(of_guild.order_by(JobRow.number).limit(limit))

    @transaction
    async def derived_from(self, user_id: int) -> tuple[Derived, ...]:
        """Return others' jobs that were made from a person's, oldest first."""
        async with self._database.reading() as connection:
            return await derived_from(connection, user_id)

    @transaction
    async def listed(self, query: HistoryQuery) -> Page:
        """Return one page of the jobs a viewer may see, newest first."""
        wanted = _wanted(query)
        async with self._database.reading() as connection:
            total = await connection.scalar(select(func.count()).select_from(JobRow).where(*wanted))
            statement = (
                select(JobRow.__table__)
                .where(*wanted)
                .order_by(JobRow.number.desc())
                .offset(query.offset)
                .limit(query.limit)
            )
            return Page(await load(connection, statement), total or 0)

    @transaction
    async def channels_of(self, guild_id: int) -> frozenset[int]:
        """Return the channels and threads of a guild in which jobs were asked for that are not private."""
        statement = (
            select(JobRow.channel_id)
            .where(JobRow.guild_id == guild_id, JobRow.private.is_(False), JobRow.channel_id.is_not(None))
            .distinct()
        )
        async with self._database.reading() as connection:
            return frozenset(each for each in await connection.scalars(statement) if each is not None)

    @transaction
    async def forget(self, job_id: JobId) -> None:
        """Remove a job and its runs; what it counts as against its person's limits is kept."""
        async with self._database.writing() as connection:
            await keep_counted(connection, job_id)
            await connection.execute(delete(JobRow).where(JobRow.id == job_id))

    @transaction
    async def spent(self, user_id: int, *, midnight: float) -> int:
        """Return how many pictures a person has asked for since the day began, removed jobs included."""
        async with self._database.reading() as connection:
            return (await counted(connection, user_id, midnight)).pictures

    @transaction
    async def forget_counters(self, *, day: float, last: float) -> None:
        """Remove what removed jobs counted as on days before `day`, asked for before `last`."""
        async with self._database.writing() as connection:
            await forget_counters(connection, day=day, last=last)

    @transaction
    async def attached(self, sha256: str) -> bool:
        """Whether any job, or any form that was begun, has this file as an input."""
        named = cast(JobRow.request, Text).contains(sha256, autoescape=True)
        noted = KeyValueRow.value.contains(sha256, autoescape=True)
        async with self._database.reading() as connection:
            job = await connection.scalar(select(JobRow.id).where(named).limit(1))
            return job is not None or bool(
                await connection.scalar(select(KeyValueRow.key).where(noted).limit(1))
            )

    @transaction
    async def in_use(self, sha256s: Set[str]) -> frozenset[str]:
        """Return which of these files any job has as an input or as our copy of an output, or any form as an input."""
        async with self._database.reading() as connection:
            return await in_use(connection, sha256s)

    @transaction
    async def inputs_of(self, user_id: int) -> tuple[InputRef, ...]:
        """Return the files that a person's jobs have as inputs, each once, the longest unused first."""
        async with self._database.reading() as connection:
            return await inputs_of(connection, user_id)

    @transaction
    async def standing(self, job: Job) -> Standing:
        """Return what the limits would be measured against if this job were to be accepted now."""
        async with self._database.reading() as connection:
            return await _standing(connection, job)

    @transaction
    async def timings(self) -> Mapping[str, Usual]:
        """Return what one recent run took on average, by workflow."""
        statement = (
            select(JobRow.workflow, RunRow.finished_at - RunRow.started_at, JobRow.resolved)
            .join(JobRow, JobRow.number == RunRow.job_number)
            .where(
                RunRow.state == JobState.SUCCEEDED.value,
                RunRow.started_at.is_not(None),
                RunRow.finished_at.is_not(None),
            )
            .order_by(RunRow.finished_at.desc())
            .limit(RECENT_RUNS)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        known: defaultdict[str, list[Usual]] = defaultdict(list)
        for workflow, seconds, values in rows:
            known[workflow].append(Usual(max(0.0, seconds), work_of(values)))
        return {
            workflow: Usual(fmean(each.seconds for each in runs), fmean(each.work for each in runs))
            for workflow, runs in known.items()
        }

    @transaction
    async def _read(self, statement: Select[Any]) -> tuple[Job, ...]:
        async with self._database.reading() as connection:
            return await load(connection, statement)


def _seen(query: HistoryQuery) -> ColumnElement[bool]:
    """Say `bot.jobs.model.visibility.sees` in the words of the database."""
    mine = JobRow.user_id == query.viewer
    if query.guild_id is None:
        return mine
    others = true() if query.everything else JobRow.private.is_(False) & JobRow.channel_id.in_(query.channels)
    return or_(mine, and_(JobRow.guild_id == query.guild_id, others))


def _wanted(query: HistoryQuery) -> list[ColumnElement[bool]]:
    here = JobRow.guild_id.is_(None) if query.guild_id is None else JobRow.guild_id == query.guild_id
    wanted = [here, _seen(query), JobRow.deletion.is_(None)]
    if query.user_id is not None:
        wanted.append(JobRow.user_id == query.user_id)
    if query.favourites:
        marked = select(FavouriteRow.job_number).where(FavouriteRow.user_id == query.viewer)
        wanted.append(JobRow.number.in_(marked))
    if query.workflows:
        wanted.append(JobRow.workflow.in_(query.workflows))
    if query.since is not None:
        wanted.append(JobRow.created_at >= query.since)
    if query.text:
        wanted.append(JobRow.prompt.contains(searchable([query.text]), autoescape=True))
    return wanted


async def _standing(connection: AsyncConnection, job: Job) -> Standing:
    user_id = job.request.requester.user_id
    jobs = select(func.count()).select_from(JobRow).where(_OPEN)
    active = await connection.scalar(jobs.where(JobRow.user_id == user_id))
    queued = await connection.scalar(jobs)
    used = await counted(connection, user_id, day_of(job.created_at))
    waiting = await connection.execute(
        select(JobRow.workflow, func.sum(JobRow.planned)).where(_OPEN).group_by(JobRow.workflow)
    )
    return Standing(
        active=active or 0,
        queued=queued or 0,
        today=used.pictures,
        last_at=used.last_at,
        waiting={workflow: int(runs) for workflow, runs in waiting},
    )


async def _save_runs(connection: AsyncConnection, job: Job) -> None:
    if not job.runs:
        return
    number = select(JobRow.number).where(JobRow.id == job.id).scalar_subquery()
    known = set(await connection.scalars(select(RunRow.prompt_id).where(RunRow.job_number == number)))
    for run in job.runs:
        columns = run_columns(run)
        if run.prompt_id in known:
            await connection.execute(
                update(RunRow).where(RunRow.prompt_id == run.prompt_id).values(**columns)
            )
        else:
            await connection.execute(insert(RunRow).values(job_number=number, **columns))


async def load(connection: AsyncConnection, statement: Select[Any]) -> tuple[Job, ...]:
    """Return the jobs that a statement over all of `jobs` finds, with their runs."""
    rows = (await connection.execute(statement)).mappings().all()
    runs = await _runs_of(connection, [row["number"] for row in rows])
    return tuple(job_of(dict(row), runs[row["number"]]) for row in rows)


async def _runs_of(
    connection: AsyncConnection, numbers: Sequence[int]
) -> Mapping[int, list[Mapping[str, Any]]]:
    found: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for start in range(0, len(numbers), 500):
        statement = (
            select(RunRow.__table__)
            .where(RunRow.job_number.in_(numbers[start : start + 500]))
            .order_by(RunRow.index, RunRow.attempt)
        )
        for row in (await connection.execute(statement)).mappings():
            found[row["job_number"]].append(dict(row))
    return found
