"""Where files become small enough: one process for each, few at once, and the results are kept for a while."""

import asyncio
import json
import logging
import os
import shutil
import uuid
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from bot.jobs.files.content import derived_name
from bot.jobs.files.space import Space
from bot.jobs.files.sweeping import work_name
from bot.media.encoding.confinement import largest_result
from bot.media.encoding.kinds import HEAD_BYTES, Content, Family, recognised
from bot.media.encoding.outcome import Outcome
from bot.ui.files.child_process import Ended, run_module

log = logging.getLogger(__name__)

REMEMBERED = 500
"""How many files are remembered that cannot be made small enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one file of a kind may be worked on, in seconds."""

    picture: float = 120.0
    audio: float = 240.0
    video: float = 480.0

    def of(self, family: Family) -> float:
        """Return the seconds for this kind."""
        match family:
            case Family.PICTURE:
                return self.picture
            case Family.AUDIO:
                return self.audio
            case Family.VIDEO:
                return self.video


class Workshop:
    """Makes pictures, videos and sounds smaller without the event loop or the bot's memory taking part.

    One video or sound and one picture at a time, so that a picture never waits for a film. Nothing is left
    behind by an attempt that is cancelled or takes too long.
    """

    def __init__(self, folder: Path, *, space: Space, patience: Patience | None = None) -> None:
        self.folder = folder.resolve()
        self._space = space
        self._patience = patience or Patience()
        self._rooms = {family: asyncio.Semaphore(1) for family in (Family.PICTURE, Family.VIDEO)}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._hopeless: OrderedDict[str, None] = OrderedDict()

    async def content(self, path: Path) -> Content | None:
        """Return what a file is by its first bytes; raises OSError."""
        return recognised(await asyncio.to_thread(_head, path))

    async def smaller(self, source: Path, limit: int) -> Path | None:
        """Return a version of at most `limit` bytes, made now or earlier; None where none can be had."""
        try:
            content = await self.content(source)
            source, key = await asyncio.to_thread(_identified, source, limit)
        except OSError as error:
            log.warning("%s cannot be read: %s", source.name, error.strerror)
            return None
        if content is None or limit <= 0:
            return None
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            if key in self._hopeless:
                return None
            kept = await asyncio.to_thread(self._kept, key)
            if kept is not None:
                return kept
            room = Family.PICTURE if content.family is Family.PICTURE else Family.VIDEO
            async with self._rooms[room]:
                made = await self._make(source, limit, key, self._patience.of(content.family))
        return made

    def _kept(self, key: str) -> Path | None:
        path = next(self.folder.glob(f"{key}.*"), None)
        if path is not None:
            with suppress(FileNotFoundError):  # it may be tidied away just now
                os.utime(path)
                return path
        return None

    async def _make(self, source: Path, limit: int, key: str, seconds: float) -> Path | None:
        work = self.folder / work_name(uuid.uuid4().hex)
        try:
            async with self._space.room(largest_result(limit)) as room:
                await asyncio.to_thread(work.mkdir, parents=True)
                outcome, how, path = await _in_other_process(source, work / key, limit, seconds)
                made = await asyncio.to_thread(self._adopt, path, limit) if path is not None else None
                room.kept = limit if made is not None else 0
            if outcome is Outcome.MISSING:
                log.warning(
                    "%s cannot be made smaller without %s: install the extra `media`", source.name, how
                )
        except OSError as error:
            log.warning("%s not made smaller: %s", source.name, error)
            return None
        finally:
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
        if made is None:
            log.info("%s not made smaller: %s %s", source.name, outcome, how)
            self._give_up(key)
        else:
            log.info("%s made smaller: %s", source.name, how)
        return made

    def _give_up(self, key: str) -> None:
        self._hopeless[key] = None
        if len(self._hopeless) > REMEMBERED:
            self._hopeless.popitem(last=False)

    def _adopt(self, path: Path, limit: int) -> Path | None:
        if path.stat().st_size > limit:
            return None
        target = self.folder / path.name
        path.replace(target)
        return target


async def _in_other_process(
    source: Path, stem: Path, limit: int, seconds: float
) -> tuple[Outcome | None, str, Path | None]:
    """Run the encoder to its end, or to ours: it is killed when we are cancelled, or after `seconds`."""
    arguments = (str(source), str(stem), str(limit), str(seconds * 0.9))
    try:
        told = json.loads(await run_module("bot.media.encoding", *arguments, seconds=seconds))
        # Only the extension is taken from what the process says: where it wrote is ours to know.
        path = stem.with_suffix(Path(told["path"]).suffix) if told["path"] else None
        return Outcome(told["outcome"]), str(told["how"]), path
    except Ended as error:
        return None, str(error), None
    except (ValueError, KeyError, TypeError):
        return None, "the process said nothing that is known", None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _identified(path: Path, limit: int) -> tuple[Path, str]:
    """Return the file's full path, and a name for what becomes of it."""
    return path.resolve(), derived_name(path, limit)
