"""Results that come back to us: known by what they contain, or by what is written inside them."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from bot.jobs.model.job import Job
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.model.request import JobId
from bot.workflows.model.values import Value

log = logging.getLogger(__name__)

REMEMBERED = 2000
"""Files that are remembered as noted, and whose job is known without asking the store."""
CHUNK = 1024 * 1024
Key = TypeVar("Key")
Of = TypeVar("Of")
Smaller = Callable[[Path, int], Awaitable[Path | None]]


class ResultStore(Protocol):
    """Keeps which files jobs gave out; raises `StoreUnavailable` when it cannot."""

    async def note_result(self, job_id: JobId, sha256: str) -> None:
        """Keep that a job gave out a file of this content; goes with the job."""
        ...

    async def results(self, guild_id: int, sha256: str) -> tuple[Job, ...]:
        """Return the jobs of a guild that gave out a file of this content."""
        ...

    async def seeded(self, guild_id: int, seed: int) -> tuple[Job, ...]:
        """Return jobs of a guild with a run of this seed, the newest first."""
        ...


class Recognition:
    """Notes every file that goes out, and tells which jobs a file is a result of.

    A file that was saved again by another program, without what ComfyUI wrote into it, is not recognised.
    """

    def __init__(self, store: ResultStore) -> None:
        self._store = store
        self._noted: OrderedDict[tuple[JobId, Path], None] = OrderedDict()
        self._makers: OrderedDict[Path, JobId] = OrderedDict()

    async def note(self, job_id: JobId, path: Path) -> None:
        """Note that a job gives out this file. What cannot be noted is given out all the same, and not recognised."""
        _remember(self._makers, path, job_id)
        if (job_id, path) in self._noted:
            return
        try:
            await self._store.note_result(job_id, await asyncio.to_thread(digest, path))
        except (OSError, StoreUnavailable) as error:
            log.warning("a result of job %s is not noted: %s", job_id, error)
        else:
            _remember(self._noted, (job_id, path), None)

    def noting(self, smaller: Smaller) -> Smaller:
        """Return what makes smaller versions of files that were noted, and notes those too."""

        async def noted(path: Path, limit: int) -> Path | None:
            made = await smaller(path, limit)
            if made is not None and (job_id := self._makers.get(path)) is not None:
                await self.note(job_id, made)
            return made

        return noted

    async def jobs_of(
        self, guild_id: int, path: Path, imprint: Mapping[str, Value] | None
    ) -> tuple[Job, ...]:
        """Return the jobs of a guild that a file is a result of; `imprint` holds the values written inside it, if any."""
        found = await self._store.results(guild_id, await asyncio.to_thread(digest, path))
        seed = imprint.get("seed") if imprint else None
        if found or imprint is None or not isinstance(seed, int):
            return found
        words = _folded(imprint.get("prompt", ""))
        return tuple(job for job in await self._store.seeded(guild_id, seed) if words in _prompts(job))


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal; blocks; raises OSError."""
    told = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            told.update(chunk)
    return told.hexdigest()


def _prompts(job: Job) -> set[str]:
    """Return all the words that the pictures of a job may say they were made from."""
    said = [job.values.get("prompt", ""), job.request.words]
    return {_folded(each) for each in (*said, *(texts.get("prompt", "") for texts in job.request.spoken))}


def _folded(words: Value) -> str:
    return " ".join(str(words).split()).casefold()


def _remember(known: "OrderedDict[Key, Of]", key: Key, value: Of) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
