"""What commands may ask of whatever brings in files from outside and decodes pictures: its guarantees, without its code."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import discord

from bot.jobs.model.request import InputRef
from bot.workflows.model.parameter import ParameterType


class ShownPicture(Protocol):
    """A picture of a message: attached to it, or shown by it from one of Discord's addresses."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def attachment(self) -> discord.Attachment | None: ...


Check = Callable[[Path], Awaitable[None]]
"""Looks at a file as it came, before anything is kept of it; raises `UserError` where it may not be used."""


class Receiver(Protocol):
    """Brings in files; everything raises `UserError` with what is wrong. `person` is the id of whoever asked for it."""

    async def attached(
        self,
        attachment: discord.Attachment,
        kind: ParameterType = ParameterType.IMAGE,
        *,
        person: int,
        check: Check | None = None,
    ) -> InputRef:
        """Download, check and keep a file."""
        ...

    async def shown(
        self, shown: ShownPicture, *, person: int, proxy: str | None = None, check: Check | None = None
    ) -> InputRef:
        """Download, check and keep a picture of a message."""
        ...

    async def file(self, path: Path, name: str, *, person: int) -> InputRef:
        """Check a picture that is on our disk, and keep what is clean of it."""
        ...

    def downloaded(
        self, attachment: discord.Attachment, kind: ParameterType = ParameterType.IMAGE, *, person: int
    ) -> AbstractAsyncContextManager[Path]:
        """Give an attached file as it is, on disk until this ends."""
        ...

    def picture(
        self, shown: ShownPicture, *, person: int, proxy: str | None = None
    ) -> AbstractAsyncContextManager[Path]:
        """Give a picture of a message as it is, on disk until this ends."""
        ...


class Decoder(Protocol):
    """Decodes pictures in another process: one order at a time per person, few in all."""

    def clean(self, source: Path, name: str, *, person: int) -> AbstractAsyncContextManager[Path]:
        """Give the picture as workflows get it; raises `UserError` with what is wrong."""
        ...

    def mask(self, source: Path, name: str, *, person: int) -> AbstractAsyncContextManager[Path]:
        """Give any picture as a mask: PNG, white is what changes; raises `UserError` with what is wrong."""
        ...

    def layer(self, mask: Path, image: Path, name: str, *, person: int) -> AbstractAsyncContextManager[Path]:
        """Give a mask as the transparency of a picture; raises `UserError` with what is wrong."""
        ...

    async def small(self, sources: Sequence[Path], side: int, *, person: int) -> tuple[bytes | None, ...]:
        """Return each picture as WebP of a few kB; None for what is none."""
        ...

    async def sheet(self, pictures: Mapping[int, Path], *, person: int) -> bytes | None:
        """Return pictures side by side with their numbers, as WebP; None if none of them can be read."""
        ...
