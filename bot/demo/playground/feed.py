"""Tells every open page what changed: newest state of a message only, never faster than a page can show it."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PACE_SECONDS = 0.1
_BREATH_SECONDS = 15.0


@dataclass(slots=True)
class Changes:
    """What a page has not been told yet."""

    messages: dict[int, None] = field(default_factory=dict[int, None])
    """Ids of messages that were made, edited or deleted, in that order, each once."""
    presence: bool = False
    commands: bool = False

    def __bool__(self) -> bool:
        return bool(self.messages) or self.presence or self.commands


class Watcher:
    """One open page that looks at one channel."""

    def __init__(self, channel_id: int) -> None:
        self.channel_id = channel_id
        self.news = asyncio.Event()
        self.changes = Changes()
        self.ended = False

    def take(self) -> Changes:
        """Return what has gathered and begin anew."""
        taken, self.changes = self.changes, Changes()
        self.news.clear()
        return taken

    async def listen(self) -> AsyncIterator[Changes]:
        """Yield changes as they come; empty ones now and then, so that a dead connection is noticed."""
        while not self.ended:
            try:
                async with asyncio.timeout(_BREATH_SECONDS):
                    await self.news.wait()
            except TimeoutError:
                yield Changes()
                continue
            yield self.take()
            await asyncio.sleep(_PACE_SECONDS)


class Feed:
    """Spreads changes to watchers; nothing here blocks."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self._closed = False
        self.presence = ""

    def changed(self, channel_id: int, message_id: int) -> None:
        """Note that a message was made, edited or deleted."""
        for watcher in self._watchers:
            if watcher.channel_id == channel_id:
                watcher.changes.messages[message_id] = None
                watcher.news.set()

    def presence_changed(self, words: str) -> None:
        """Note what the bot says beside its name."""
        self.presence = words
        for watcher in self._watchers:
            watcher.changes.presence = True
            watcher.news.set()

    def commands_changed(self) -> None:
        """Note that the bot has registered other commands."""
        for watcher in self._watchers:
            watcher.changes.commands = True
            watcher.news.set()

    @contextmanager
    def watching(self, channel_id: int) -> Generator[Watcher]:
        """Gather changes of a channel from now on, for one open page."""
        watcher = Watcher(channel_id)
        watcher.ended = self._closed
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Let every watcher end."""
        self._closed = True
        for watcher in self._watchers:
            watcher.ended = True
            watcher.news.set()
