"""When a card may be edited: all cards of a channel share one budget, and a final edit never asks."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from bot.runtime import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The rhythm of edits, in seconds."""

    first: float = 2.0
    """From the first card to the first edit."""
    gap: float = 2.5
    """Between two edits in one channel: 0.4 a second, however many jobs are shown there."""
    old: float = 55 * 60
    """Age at which a message is only edited once more: Discord hardly lets older ones be changed."""
    progress: float = 20.0
    """How long an edit that only shows progress may take."""
    final: float = 300.0
    """How long an edit with the results may take."""
    grace: float = 2.0
    """How long an edit under way may still take once the job has ended."""
    belated: float = 30.0
    """How long an edit that was given up may still take effect."""
    opening: float = 10.0
    """How long a new job's first card is waited for."""
    retry: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
    """Pauses between attempts at a final edit; the last one repeats."""
    rest: tuple[float, ...] = (60.0, 300.0, 900.0, 1800.0)
    """Pauses between attempts at further files, or leftovers, that no way was open for; the last one repeats."""
    given_up: float = 24 * 3600.0
    """So long after a job has ended, files that no way is open for are left to the history."""
    undo: float = 60.0
    """For how long it may be taken back that a job was deleted."""
    left_alone: float = 7 * 24 * 3600.0
    """So long messages that stayed behind in a closed place are tried for."""
    fetch: float = 300.0
    """How long files that the image server does not give now are waited for, before the card goes without them."""
    token_margin: float = 55.0
    """How long before its end a token counts as dead."""
    parting: float = 30.0
    """How long before that a private card says that it changes no more."""


def growing(pauses: Sequence[float]) -> Iterator[float]:
    """Return these pauses, and then the last one again and again."""
    return chain(pauses, repeat(pauses[-1]))


class Stopping:
    """A wish that something ends soon, which pauses heed."""

    def __init__(self) -> None:
        self._wished = asyncio.Event()

    def set(self) -> None:
        """Wish it, once and for all."""
        self._wished.set()

    async def within(self, seconds: float) -> bool:
        """Pause for so long, or until it is wished; returns whether it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wished.wait()
        return self._wished.is_set()


class ChannelBudget:
    """Spreads the edits of a channel's cards in time."""

    def __init__(self, gap: float, clock: Clock) -> None:
        self._gap = gap
        self._clock = clock
        self._next: dict[int, float] = {}
        self._waiting: dict[int, int] = {}

    def book(self, channel_id: int) -> float:
        """Take the channel's next free moment; returns how many seconds from now it is."""
        now = self._clock.monotonic()
        moment = max(now, self._next.get(channel_id, now))
        self._next[channel_id] = moment + self._gap
        return moment - now

    def note(self, channel_id: int) -> None:
        """Count an edit that did not ask, such as a final one."""
        now = self._clock.monotonic()
        self._next[channel_id] = max(now, self._next.get(channel_id, now)) + self._gap

    def tidy(self) -> None:
        """Forget channels in which nothing has happened for a while."""
        now = self._clock.monotonic()
        self._next = {channel: moment for channel, moment in self._next.items() if moment > now}
