"""Where the events about one job wait until its follower reads them, in bounded memory."""

import asyncio

from bot.comfy.events import (
    Event,
    Failed,
    Finished,
    Interrupted,
    LinkLost,
    LinkRestored,
    NodeOutput,
    Preview,
    Progress,
    ProgressText,
    Started,
    Step,
    Succeeded,
)

MOST_EVENTS = 1000
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of pictures and texts that wait at most."""

_KEPT = (Started, Failed, Finished, Interrupted, LinkLost, LinkRestored, Succeeded)


class Mailbox:
    """A queue for one reader that never refuses and never grows without end.

    Of previews, progress and steps only the newest unread one is kept; of a signal that comes twice, the later.
    When all else fails, the oldest events that are neither endings nor signals go.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, Event] = {}
        self._arrived = asyncio.Event()
        self._serial = 0
        self._bytes = 0

    def put(self, event: Event) -> None:
        """Add an event; never waits."""
        key = self._key(event)
        self._remove(key)
        self._waiting[key] = event
        self._bytes += _weight(event)
        while len(self._waiting) > MOST_EVENTS or (self._bytes > MOST_BYTES and len(self._waiting) > 1):
            if not self._drop_oldest():
                break
        self._arrived.set()

    async def get(self) -> Event:
        """Return the oldest event, waiting for one if there is none."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self.get_nowait()

    def get_nowait(self) -> Event:
        """Return the oldest event; raise asyncio.QueueEmpty when there is none."""
        if not self._waiting:
            raise asyncio.QueueEmpty
        return self._remove(next(iter(self._waiting)))

    def empty(self) -> bool:
        """Tell whether nothing waits."""
        return not self._waiting

    def qsize(self) -> int:
        """Return how many events wait."""
        return len(self._waiting)

    def _key(self, event: Event) -> object:
        """Return what two events must share for the later to replace the earlier."""
        match event:
            case Preview(format="jpeg") | Progress() | Step():
                return type(event)
            case Failed(error=error):
                return Failed, error.node_id
            case ProgressText(node=node):
                return ProgressText, node
            case Started() | Finished() | Interrupted() | LinkLost() | LinkRestored() | Succeeded():
                return type(event)
            case _:
                self._serial += 1
                return self._serial

    def _remove(self, key: object) -> Event:
        event = self._waiting.pop(key, None)
        self._bytes -= _weight(event)
        return event  # pyright: ignore[reportReturnType]

    def _drop_oldest(self) -> bool:
        for key, event in self._waiting.items():
            if not isinstance(event, _KEPT):
                self._remove(key)
                return True
        return False


def _weight(event: Event | None) -> int:
    """Return roughly the bytes of what is large in an event."""
    match event:
        case Preview():
            return len(event.image)
        case NodeOutput():
            return sum(len(output.text or "") for output in event.outputs)
        case _:
            return 0
