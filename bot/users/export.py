"""Everything that is stored about a person, as one JSON file for that person."""

import asyncio
import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol, cast

from bot.errors import UserError
from bot.jobs.model.job import Job
from bot.jobs.model.ports import JobStore
from bot.runtime import Clock
from bot.users.profile import ProfileStore

AT_ONCE = 200
"""How many jobs are read and written at a time."""
NAME = "my-data"


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban of the person; who gave it is the moderator's data."""

    guild_id: int
    at: float
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What is stored about a person beside profile and jobs."""

    favourites: tuple[int, ...] = ()
    """Numbers of jobs."""
    reminders: tuple[int, ...] = ()
    """Numbers of jobs whose end they want to hear of."""
    forms: tuple[str, ...] = ()
    """Forms that were begun, as JSON."""
    bans: tuple[Ban, ...] = ()
    cancelled: tuple[int, ...] = ()
    """Numbers of others' jobs that they stopped as a moderator."""
    acts: tuple[Mapping[str, Any], ...] = ()
    """What they did as a moderator or operator, and what was done about them."""


class NotedStore(Protocol):
    """Finds what is stored about a person; raises `StoreUnavailable`."""

    async def noted(self, user_id: int) -> Noted: ...


@dataclass(frozen=True, slots=True)
class Exported:
    """A file, at its beginning, and what to call it."""

    file: BinaryIO
    name: str
    size: int
    jobs: int


class Exports:
    """Writes what is stored about people into files; one after the other, off the loop."""

    def __init__(self, jobs: JobStore, profiles: ProfileStore, noted: NotedStore, clock: Clock) -> None:
        self._jobs = jobs
        self._profiles = profiles
        self._noted = noted
        self._clock = clock
        self._turn = asyncio.Lock()

    async def write(self, user_id: int, *, most: int) -> Exported:
        """Return everything about a person in a file of at most `most` bytes, compressed where it has to be.

        The caller closes the file. Raises `UserError` where even that is too large.
        """
        async with self._turn:
            file, ending = await _new_file(), "json"
            try:
                count = await self._fill(file, user_id)
                if file.tell() > most:
                    whole, file, ending = file, await _new_file(), "zip"
                    await asyncio.to_thread(_pack, whole, file)
                if (size := file.tell()) > most:
                    raise UserError(
                        "Your data is too large for a file on Discord. Please ask the people who run the bot for it."
                    )
                file.seek(0)
                return Exported(file, f"{NAME}.{ending}", size, count)
            except BaseException:
                file.close()
                raise

    async def _fill(self, file: BinaryIO, user_id: int) -> int:
        profile, noted = await self._profiles.profile(user_id), await self._noted.noted(user_id)
        about: dict[str, Any] = {
            "user_id": str(user_id),
            "written_at": _time(self._clock.now()),
            "language": profile.language,
            "notify": profile.notify.value,
            "defaults": {name: asdict(defaults) for name, defaults in profile.defaults.items()},
        }
        await asyncio.to_thread(_begin, file, about, noted)
        count, last = 0, 0
        while some := await self._jobs.jobs_of(user_id, after=last, limit=AT_ONCE):
            await asyncio.to_thread(_append, file, some, first=not count)
            count, last = count + len(some), some[-1].number
        await asyncio.to_thread(file.write, b"\n ]\n}\n")
        return count


async def _new_file() -> BinaryIO:
    return cast("BinaryIO", await asyncio.to_thread(tempfile.TemporaryFile))


def _begin(file: BinaryIO, about: Mapping[str, Any], noted: Noted) -> None:
    head = json.dumps({**about, **_noted_record(noted)}, ensure_ascii=False, indent=1).rstrip("}\n")
    file.write(f'{head},\n "jobs": ['.encode())


def _append(file: BinaryIO, jobs: Iterable[Job], *, first: bool) -> None:
    for job in jobs:
        text = json.dumps(_job_record(job), ensure_ascii=False)
        file.write(f"{'' if first else ','}\n  {text}".encode())
        first = False


def _pack(file: BinaryIO, into: BinaryIO) -> None:
    with (
        file,
        zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(f"{NAME}.json", "w") as packed,
    ):
        file.seek(0)
        while chunk := file.read(1 << 20):
            packed.write(chunk)


def _noted_record(noted: Noted) -> dict[str, Any]:
    return {
        "favourites": list(noted.favourites),
        "reminders": list(noted.reminders),
        "forms": [json.loads(form) for form in noted.forms],
        "bans": [
            {"guild_id": str(ban.guild_id), "at": _time(ban.at), "reason": ban.reason} for ban in noted.bans
        ],
        "jobs_of_others_you_stopped": list(noted.cancelled),
        "moderation": [{**act, "at": _time(act["at"])} for act in noted.acts],
    }


def _job_record(job: Job) -> dict[str, Any]:
    """Return what is stored of a job, without keys that let others act for the person."""
    request = job.request
    origin = request.origin
    return {
        "number": job.number,
        "id": job.id,
        "guild_id": _id(request.requester.guild_id),
        "channel_id": _id(request.requester.channel_id),
        "called": request.requester.name,
        "locale": request.requester.locale,
        "workflow": request.workflow,
        "state": job.state.value,
        "private": request.private,
        "spoiler": request.spoiler,
        "priority": request.priority,
        "asked": dict(request.values),
        "count": request.count,
        "counts_as": job.cost,
        "texts": [dict(each) for each in request.spoken],
        "used": dict(job.values),
        "attached": {name: ref.name for name, ref in request.inputs.items()},
        "made_from": None if origin is None else {"how": origin.kind.value, "job": origin.job, "message": origin.address},
        "created_at": _time(job.created_at),
        "started_at": _time(job.started_at),
        "finished_at": _time(job.finished_at),
        "delivered_at": _time(job.delivered_at),
        "message": None if job.message is None else _id(job.message.message_id),
        "problem": None if job.failure is None else job.failure.message,
        "results": [
            {
                "kind": made.output.kind.value,
                "file": made.output.file.filename if made.output.file is not None else None,
                "text": made.output.text,
                "copy": made.kept.name if made.kept is not None else None,
            }
            for made in job.outputs
        ],
    }  # fmt: skip


def _id(snowflake: int | None) -> str | None:
    """Return an id as text: many programs round numbers of that size."""
    return None if snowflake is None else str(snowflake)


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
