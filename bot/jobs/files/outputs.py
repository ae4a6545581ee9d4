"""The bytes of what jobs made: our own copy, else fetched from the server that made it."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

from bot.comfy import ComfyError, Fleet, NotFound, Rejected, Server, TooLarge
from bot.errors import UserError
from bot.jobs.files.content import ContentStore
from bot.jobs.model.job import Job, JobOutput
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.model.request import InputRef, JobId
from bot.jobs.queue.repository import JobRepository

log = logging.getLogger(__name__)

FAULT_OF_SERVER = 500
MOST_BYTES = 512 * 1024 * 1024
"""The largest output that is fetched."""


Publish = Callable[[Job, Path], Awaitable[Path]]
"""Gives a file as people may have it; raises OSError or `StoreUnavailable` where it cannot be made now."""


async def as_it_is(_job: Job, path: Path) -> Path:
    """Give the file itself."""
    return path


class NotNow(UserError):  # noqa: N818 - names what is the case, like the rest of the vocabulary
    """An output that cannot be had at the moment, and perhaps later."""


class Outputs:
    """Keeps what it fetches, by content, and remembers with the job where."""

    def __init__(
        self,
        repository: JobRepository,
        fleet: Fleet,
        content: ContentStore,
        *,
        max_bytes: int = MOST_BYTES,
        publish: Publish = as_it_is,
    ) -> None:
        self._repository = repository
        self._publish = publish
        self._fleet = fleet
        self._content = content
        self._max_bytes = max_bytes
        self._locks: WeakValueDictionary[tuple[JobId, int, int], asyncio.Lock] = WeakValueDictionary()

    async def fetch(self, job: Job, wanted: JobOutput) -> Path:
        """Return the path of our copy, made now if there is none, as people may have it.

        Raises `UserError` when it is nowhere any more, `NotNow` when its server or our disk does not give it now.
        """
        path = await self._ours(job, wanted)
        try:
            return await self._publish(job, path)
        except (OSError, StoreUnavailable) as error:
            # Rather late than with what must not go out.
            log.warning("output of job %s not given out: %s", job.number, error)
            raise NotNow("Something went wrong on our side. Please try again.") from error

    async def _ours(self, job: Job, wanted: JobOutput) -> Path:
        lock = self._locks.setdefault((job.id, wanted.run, wanted.index), asyncio.Lock())
        async with lock:
            kept = _kept(await self._repository.get(job.id) or job, wanted) or wanted.kept
            if kept is not None and await asyncio.to_thread(self._content.use, kept):
                return self._content.path(kept)
            fresh = await self._get(job, wanted)
            if kept is not None and kept.sha256 != fresh.sha256:
                # A server whose folder was emptied counts from 1 again: under that name lies another job's now.
                log.info("job %s: another file lies under the name of one of its outputs", job.number)
                raise UserError("This file is no longer on the image server.")
            await self._remember(job.id, wanted, fresh)
            return self._content.path(fresh)

    async def _get(self, job: Job, wanted: JobOutput) -> InputRef:
        output = wanted.output
        if output.file is None:
            return await self._content.put((output.text or "").encode(), "txt")
        if not output.file.on_server:
            raise UserError("This file is no longer on the image server.")
        partial = await asyncio.to_thread(self._content.partial, uuid.uuid4().hex)
        try:
            server = await self._maker(job, wanted)
            async with self._content.space.room() as room:
                await server.client.fetch_to(output.file, partial, max_bytes=self._max_bytes, room=room.grow)
                ref = await asyncio.to_thread(self._content.adopt, partial, output.file.extension or "bin")
                room.kept = ref.size
            return ref
        except NotFound as error:
            raise UserError("This file is no longer on the image server.") from error
        except TooLarge as error:
            raise UserError(
                "This file is larger than {limit} MB, more than the bot fetches.",
                limit=self._max_bytes // 1_000_000,
            ) from error
        except ComfyError as error:
            if isinstance(error, Rejected) and error.status < FAULT_OF_SERVER:
                raise UserError("This file is no longer on the image server.") from error
            raise NotNow("The image server does not answer. Please try again in a minute.") from error
        except OSError as error:
            log.warning("output of job %s not kept: %s", job.number, error)
            raise NotNow("Something went wrong on our side. Please try again.") from error
        finally:
            await asyncio.to_thread(partial.unlink, missing_ok=True)

    async def _maker(self, job: Job, wanted: JobOutput) -> Server:
        """Return the server that made an output; one that goes by another address now is known by its history.

        Raises `UserError` where there is none any more: another one's file of that name is somebody else's.
        """
        run = next((run for run in reversed(job.runs) if run.index == wanted.run), None)
        if run is not None:
            if (server := self._fleet.find(run.server)) is not None:
                return server
            for server in self._fleet.servers:
                if await server.client.history_entry(run.prompt_id) is not None:
                    return server
        raise UserError("This file is no longer on the image server.")

    async def _remember(self, job_id: JobId, wanted: JobOutput, kept: InputRef) -> None:
        def noted(job: Job) -> Job:
            runs = tuple(
                replace(run, outputs=tuple(_noted(made, wanted, kept) for made in run.outputs))
                for run in job.runs
            )
            return job if runs == job.runs else replace(job, runs=runs)

        # An output seen before its run ended is not in the job yet: then only the file itself stays.
        if await self._repository.get(job_id) is not None:
            with contextlib.suppress(LookupError):  # removed meanwhile
                await self._repository.change(job_id, noted)


def _noted(made: JobOutput, wanted: JobOutput, kept: InputRef) -> JobOutput:
    same = (made.run, made.index, made.output) == (wanted.run, wanted.index, wanted.output)
    return replace(made, kept=kept) if same else made


def _kept(job: Job, wanted: JobOutput) -> InputRef | None:
    return next(
        (made.kept for made in job.outputs if (made.run, made.output) == (wanted.run, wanted.output)), None
    )
