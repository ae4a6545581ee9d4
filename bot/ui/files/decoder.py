"""Where strangers' pictures are decoded: in a process for each order, one at a time per person, two in all."""

import asyncio
import logging
import shutil
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from weakref import WeakValueDictionary

from bot.jobs.files.space import NoRoomError, Space
from bot.jobs.files.sweeping import work_name
from bot.media.decoding.order import Kind, Order, Report, Verdict
from bot.runtime import Spawn
from bot.ui.files.attachments import no_room, not_a_picture, too_heavy, too_many_pixels
from bot.ui.files.child_process import Ended, run_module

log = logging.getLogger(__name__)

AT_ONCE = 2
LARGEST_SMALL = 1024 * 1024
"""Bytes that a small likeness may have; none comes near it."""
SECONDS = 40.0
"""How long one order may take once it has begun."""


class Decoder:
    """Decodes pictures without the bot's memory, its event loop or its threads taking part.

    Whoever gave an order waits for their own earlier ones, and for one of the places there are. Nothing is left
    behind by an order that is cancelled or takes too long.
    """

    def __init__(self, folder: Path, *, spawn: Spawn, space: Space, seconds: float = SECONDS) -> None:
        self.folder = folder.resolve()
        self._spawn = spawn
        self._space = space
        self._seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def clean(self, source: Path, name: str, *, person: int) -> AsyncGenerator[Path]:
        """Give the picture as workflows get it, as a file that may be moved away; raises `UserError` with what is wrong.

        It is upright, a single frame, without metadata, and its extension says what it is.
        """
        async with self._made(Kind.CLEAN, (source,), name, person=person) as made:
            yield made[0]

    @asynccontextmanager
    async def mask(self, source: Path, name: str, *, person: int) -> AsyncGenerator[Path]:
        """Give any picture as a mask: PNG, white is what changes; raises `UserError` with what is wrong."""
        async with self._made(Kind.MASK, (source,), name, person=person) as made:
            yield made[0]

    @asynccontextmanager
    async def layer(self, mask: Path, image: Path, name: str, *, person: int) -> AsyncGenerator[Path]:
        """Give a mask as the transparency of a picture, as large as that; raises `UserError` with what is wrong."""
        async with self._made(Kind.LAYER, (mask, image), name, person=person) as made:
            yield made[0]

    async def small(self, sources: Sequence[Path], side: int, *, person: int) -> tuple[bytes | None, ...]:
        """Return each picture as WebP of a few kB, at most so many pixels wide and high; None for what is none."""
        found = await self._bytes(Kind.SMALL, sources, person=person, side=side)
        return tuple(found.get(place) for place in range(len(sources)))

    async def sheet(self, pictures: Mapping[int, Path], *, person: int) -> bytes | None:
        """Return pictures side by side with their numbers, as WebP; None if none of them can be read."""
        numbers = tuple(pictures)
        sources = tuple(pictures.values())
        return (await self._bytes(Kind.SHEET, sources, person=person, numbers=numbers)).get(0)

    async def _bytes(
        self,
        kind: Kind,
        sources: Sequence[Path],
        *,
        person: int,
        side: int = 0,
        numbers: tuple[int, ...] = (),
    ) -> dict[int, bytes]:
        if not sources:
            return {}
        try:
            async with self._space.room(LARGEST_SMALL * len(sources)), self._work() as folder:
                order = _order(kind, sources, folder, LARGEST_SMALL, side=side, numbers=numbers)
                report = await self._carried_out(order, person)
                return await asyncio.to_thread(_read, folder, report)
        except (Ended, OSError) as error:
            log.info("no small pictures: %s", error)
            return {}

    @asynccontextmanager
    async def _made(
        self, kind: Kind, sources: Sequence[Path], name: str, *, person: int
    ) -> AsyncGenerator[tuple[Path, ...]]:
        largest = await asyncio.to_thread(_largest, sources)
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._space.room(largest))
                folder = await stack.enter_async_context(self._work())
                report = await self._carried_out(_order(kind, sources, folder, largest), person)
            except NoRoomError as error:
                raise no_room() from error
            except Ended as error:
                log.info("%r of user %s is given up: %s", name, person, error)
                raise too_heavy(name) from error
            match report.verdict:
                case Verdict.MADE:
                    yield tuple(folder / f"{place}.{each}" for place, each in enumerate(report.extensions))
                case Verdict.UNREADABLE:
                    raise not_a_picture(name)
                case Verdict.PIXELS:
                    raise too_many_pixels(name)
                case Verdict.HEAVY:
                    raise too_heavy(name)

    @asynccontextmanager
    async def _work(self) -> AsyncGenerator[Path]:
        """Give a folder for one order, and remove it with whatever is left in it."""
        work = self.folder / work_name(uuid.uuid4().hex)
        await asyncio.to_thread(work.mkdir, parents=True)
        try:
            yield work
        finally:
            await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)

    async def _carried_out(self, order: Order, person: int) -> Report:
        turn = self._turns.setdefault(person, asyncio.Lock())
        async with turn, self._places:
            # In a task of its own, in real time: it waits for another process.
            told = await self._spawn(_report(order, self._seconds), name=f"decoding for user {person}")
        if isinstance(told, Ended):
            raise told
        return told


def _largest(sources: Sequence[Path]) -> int:
    """Return the bytes that what is made of files may have: what comes of a picture is about as large as it was."""
    return 2 * sum(each.stat().st_size for each in sources) + LARGEST_SMALL


def _order(
    kind: Kind,
    sources: Sequence[Path],
    folder: Path,
    largest: int,
    *,
    side: int = 0,
    numbers: tuple[int, ...] = (),
) -> Order:
    paths = tuple(str(each.resolve()) for each in sources)
    return Order(kind=kind, sources=paths, folder=str(folder), largest=largest, side=side, numbers=numbers)


async def _report(order: Order, seconds: float) -> Report | Ended:
    try:
        answer = await run_module("bot.media.decoding", order.to_json(), seconds=seconds)
        report = Report.from_json(answer)
    except (Ended, OSError) as error:
        return Ended(str(error))
    except (ValueError, KeyError, TypeError):
        return Ended("it said nothing that is known")
    usual = all(not each or each.isalnum() for each in report.extensions)
    return report if usual else Ended("it named a file as none of ours is called")


def _read(folder: Path, report: Report) -> dict[int, bytes]:
    return {
        place: (folder / f"{place}.{extension}").read_bytes()
        for place, extension in enumerate(report.extensions)
        if extension
    }
