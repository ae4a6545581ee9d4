"""What brings files in, on folders of a test's own."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord

from bot.jobs.files.content import ContentStore
from bot.jobs.files.share import Share
from bot.jobs.model.request import InputRef
from bot.jobs.queue.rates import Rate
from bot.runtime import SystemClock, Tasks
from bot.ui.files.decoder import Decoder
from bot.ui.files.receiving import Receiver
from tests.jobs.rooms import roomy


def attachment(data: bytes, **changes: Any) -> discord.Attachment:
    async def read() -> bytes:
        return data

    fields = {"filename": "cat.png", "size": len(data), "content_type": "image/png", "read": read} | changes
    return cast("discord.Attachment", SimpleNamespace(**fields))


class Nobody:
    """A store that knows of no job."""

    async def inputs_of(self, _user_id: int) -> tuple[InputRef, ...]:
        return ()


def decoder_in(folder: Path, **options: Any) -> Decoder:
    return Decoder(folder / "work", spawn=Tasks().spawn, space=roomy(folder), **options)


def receiver_in(folder: Path) -> tuple[Receiver, ContentStore]:
    content = ContentStore(folder / "inputs", space=roomy(folder))
    share = Share(cast("Any", Nobody()), content, 10**12)
    rate = Rate(SystemClock(), burst=1000, seconds=1.0)
    return Receiver(content, decoder_in(folder), share, rate), content


def left_in(folder: Path) -> list[str]:
    """Return what lies in a folder, at any depth."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
