"""What brings files in, on folders of a test's own."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord

from bot.jobs.content import ContentStore
from bot.runtime import Tasks
from bot.ui.decoder import Decoder
from bot.ui.receiving import Receiver


def attachment(data: bytes, **changes: Any) -> discord.Attachment:
    async def read() -> bytes:
        return data

    fields = {"filename": "cat.png", "size": len(data), "content_type": "image/png", "read": read} | changes
    return cast("discord.Attachment", SimpleNamespace(**fields))


def decoder_in(folder: Path, **options: Any) -> Decoder:
    return Decoder(folder / "work", spawn=Tasks().spawn, **options)


def receiver_in(folder: Path) -> tuple[Receiver, ContentStore]:
    content = ContentStore(folder / "inputs")
    return Receiver(content, decoder_in(folder)), content


def left_in(folder: Path) -> list[str]:
    """Return what lies in a folder, at any depth."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
