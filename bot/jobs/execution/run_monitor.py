"""Follow one prompt until it has ended, by its events and, slowly but surely, by asking.

The truth is what queue and history say; events only make it quicker and nicer to watch.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from bot.comfy import CancelResult, ComfyError, Event, Mailbox, Whereabouts
from bot.jobs.execution.run_tracker import RunTracker, Verdict
from bot.runtime import Clock

log = logging.getLogger(__name__)


class Asked(Protocol):
    """What a server is asked about a prompt."""

    async def locate(self, prompt_id: str) -> Whereabouts: ...

    async def cancel(self, prompt_id: str) -> CancelResult: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to ask, in seconds."""

    poll: float = 3.0
    haste: float = 0.1
    """While an ending is expected any moment."""
    second_look: float = 1.0
    """Before something that was not found is looked for again."""
    silence: float = 24 * 3600.0
    """For so long a server that falls silent is asked whether it has what was just sent to it."""


class Following:
    """One prompt being followed; `nudge` makes it look and ask at once."""

    def __init__(
        self,
        prompt_id: str,
        tracker: RunTracker,
        inbox: Mailbox,
        server: Asked,
        *,
        clock: Clock,
        pace: Pace,
        told: Callable[[Event | None], Coroutine[Any, Any, None]],
        unwanted: Callable[[], bool],
    ) -> None:
        self._prompt_id = prompt_id
        self._tracker = tracker
        self._inbox = inbox
        self._server = server
        self._clock = clock
        self._pace = pace
        self._told = told
        self._unwanted = unwanted
        self._next_look = clock.monotonic()
        self._next_stop = clock.monotonic()
        self._waiting: asyncio.Timeout | None = None

    def nudge(self) -> None:
        """Look, and ask the server to stop if that is wanted, now."""
        self._next_look = self._next_stop = self._clock.monotonic()
        # One that has run out is about to look anyhow, and cannot be changed any more.
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(0)

    async def ended(self) -> Verdict:
        """Return how it ended, or that it must be ended; whatever happens to link and server meanwhile."""
        while True:
            if self._unwanted():
                await self.stop()
            if self._clock.monotonic() >= self._next_look and (verdict := await self._look()) is not None:
                return verdict
            if (overdue := self._tracker.due(self._clock.monotonic())) is not None:
                return overdue
            event = await self._receive()
            if event is None:
                continue
            if self._tracker.hear(event, self._clock.monotonic()):
                self._next_look = self._clock.monotonic()
            await self._told(event)

    async def stop(self) -> None:
        """Ask the server to end exactly this prompt, not more often than it is looked at."""
        now = self._clock.monotonic()
        self._tracker.wanted(now)
        if now < self._next_stop:
            return
        self._next_stop = now + self._pace.poll
        try:
            result = await self._server.cancel(self._prompt_id)
        except ComfyError as error:
            log.warning("prompt %s: could not ask to stop: %s", self._prompt_id, error)
            self._tracker.look_failed(self._clock.monotonic())
            return
        if result is CancelResult.REMOVED:
            self._tracker.removed = True
        self._next_look = self._clock.monotonic()

    async def _look(self) -> Verdict | None:
        try:
            where = await self._server.locate(self._prompt_id)
        except ComfyError as error:
            log.info("prompt %s: no answer about it: %s", self._prompt_id, error)
            now = self._clock.monotonic()
            self._tracker.look_failed(now)
            self._next_look = now + self._pace.poll
            await self._told(None)
            return None
        now = self._clock.monotonic()
        verdict = self._tracker.saw(where, now)
        self._next_look = now + self._pause()
        if verdict is None:
            await self._told(None)
        return verdict

    def _pause(self) -> float:
        if self._tracker.expected:
            return min(self._pace.poll, self._pace.haste)
        return min(self._pace.poll, self._pace.second_look) if self._tracker.doubted else self._pace.poll

    async def _receive(self) -> Event | None:
        """Return the next event; None when it is time to look, to stop or to give up."""
        if not self._inbox.empty():
            return self._inbox.get_nowait()
        until = min(self._next_look, self._tracker.deadline)
        if self._unwanted():
            until = min(until, self._next_stop)
        try:
            async with asyncio.timeout(max(0.0, until - self._clock.monotonic())) as self._waiting:
                return await self._inbox.get()
        except TimeoutError:
            return None
        finally:
            self._waiting = None
