"""Files from outside become inputs: written to disk as they come, looked at elsewhere, kept under what they contain."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import discord

from bot.discord_errors import DISCORD_ERRORS
from bot.errors import UserError
from bot.jobs.files.content import ContentStore
from bot.jobs.files.share import Share
from bot.jobs.files.space import NoRoomError, Room
from bot.jobs.model.request import InputRef
from bot.jobs.queue.rates import Rate
from bot.media.encoding.kinds import HEAD_BYTES, Family, recognised
from bot.reception import Check, Decoder, ShownPicture
from bot.ui.files.attachments import (
    MAX_BYTES,
    check_declared,
    is_media,
    media_extension,
    no_room,
    not_a_picture,
    too_large,
)
from bot.ui.files.memory import Memory
from bot.ui.files.pictures import save_shown
from bot.workflows.model.parameter import ParameterType

TIMEOUT = 30.0
"""Seconds for one download."""


class Receiver:
    """Brings in what people attach and what messages show.

    `person` is the id of whoever asked for it. What is kept of a picture is upright, a single frame, without
    metadata, and named by what it contains. Videos and sounds are kept as they are, under a name of ours, once
    their first bytes say that they are what they claim. Before a byte is downloaded it is certain that the person may
    bring it, now and as large as it is said to be.
    """

    def __init__(self, content: ContentStore, decoder: Decoder, share: Share, rate: Rate) -> None:
        self._content = content
        self._decoder = decoder
        self._share = share
        self._rate = rate
        self._memory = Memory(MAX_BYTES)

    async def attached(
        self,
        attachment: discord.Attachment,
        kind: ParameterType = ParameterType.IMAGE,
        *,
        person: int,
        check: Check | None = None,
    ) -> InputRef:
        """Download, check and keep a file; raises `UserError` with what is wrong with it."""
        await self._share.make_room(person, attachment.size)
        async with self.downloaded(attachment, kind, person=person) as path:
            if check is not None:
                await check(path)
            if not is_media(kind):
                return await self.file(path, attachment.filename, person=person)
            head = await asyncio.to_thread(_head, path)
            return await self._adopted(path, media_extension(head, attachment.filename, kind))

    async def shown(
        self, shown: ShownPicture, *, person: int, proxy: str | None = None, check: Check | None = None
    ) -> InputRef:
        """Download, check and keep a picture of a message; raises `UserError` with what is wrong with it."""
        async with self.picture(shown, person=person, proxy=proxy) as path:
            if check is not None:
                await check(path)
            return await self.file(path, shown.name, person=person)

    async def file(self, path: Path, name: str, *, person: int) -> InputRef:
        """Check a picture that is on our disk, and keep what is clean of it; raises `UserError` as above."""
        found = recognised(await asyncio.to_thread(_head, path))
        if found is None or found.family is not Family.PICTURE:
            raise not_a_picture(name)
        async with self._decoder.clean(path, name, person=person) as clean:
            await self._share.make_room(person, (await asyncio.to_thread(clean.stat)).st_size)
            return await self._adopted(clean, clean.suffix.removeprefix("."))

    @asynccontextmanager
    async def downloaded(
        self, attachment: discord.Attachment, kind: ParameterType = ParameterType.IMAGE, *, person: int
    ) -> AsyncGenerator[Path]:
        """Give an attached file as it is, on disk until this ends; raises `UserError` for what cannot be had."""
        check_declared(attachment, kind)
        self._rate.take(person)
        async with self._partial(attachment.size) as path:
            try:
                async with self._memory.of(attachment.size), asyncio.timeout(TIMEOUT):
                    data = await attachment.read()
                    if len(data) > MAX_BYTES:
                        raise too_large(attachment.filename)
                    await asyncio.to_thread(path.write_bytes, data)
                    del data
            except DISCORD_ERRORS as error:
                raise _not_downloaded(attachment.filename) from error
            yield path

    @asynccontextmanager
    async def picture(
        self, shown: ShownPicture, *, person: int, proxy: str | None = None
    ) -> AsyncGenerator[Path]:
        """Give a picture of a message as it is, on disk until this ends; raises `UserError` for what cannot be had."""
        if shown.attachment is not None:
            async with self.downloaded(shown.attachment, person=person) as path:
                yield path
            return
        self._rate.take(person)
        async with self._partial(MAX_BYTES) as path:
            try:
                async with asyncio.timeout(TIMEOUT):
                    await save_shown(shown, path, proxy=proxy)
            except DISCORD_ERRORS as error:
                raise _not_downloaded(shown.name) from error
            yield path

    async def _adopted(self, path: Path, extension: str) -> InputRef:
        size = (await asyncio.to_thread(path.stat)).st_size
        async with self._room(size) as room:
            ref = await asyncio.to_thread(self._content.adopt, path, extension)
            room.kept = ref.size
        return ref

    @asynccontextmanager
    async def _partial(self, size: int) -> AsyncGenerator[Path]:
        async with self._room(size):
            path = await asyncio.to_thread(self._content.partial, uuid.uuid4().hex)
            try:
                yield path
            finally:
                await asyncio.to_thread(path.unlink, missing_ok=True)

    @asynccontextmanager
    async def _room(self, size: int) -> AsyncGenerator[Room]:
        try:
            async with self._content.space.room(size) as room:
                yield room
        except NoRoomError as error:
            raise no_room() from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _not_downloaded(name: str) -> UserError:
    return UserError("I could not download “{name}” from Discord. Please attach it again.", name=name[:60])
