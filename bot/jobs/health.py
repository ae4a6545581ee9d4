"""Which servers may be fed: those that answer, and whose worker is alive."""

import asyncio
import logging

from bot.comfy import ComfyError, QueueSnapshot, Server
from bot.jobs.board import Load
from bot.runtime import Clock

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
"""How long a server may take to say how many prompts it has."""


class Health:
    """Remembers trouble with servers and asks them now and then whether it is over."""

    def __init__(self, clock: Clock, load: Load, *, every: float = 2.0) -> None:
        self._clock = clock
        self._load = load
        self._every = every
        self._ask_at: dict[str, float] = {}
        self._down: set[str] = set()
        self._stuck: dict[str, str] = {}
        self._left: dict[str, set[str]] = {}

    def failed(self, server: Server) -> None:
        """Note an unanswered request: nothing more is sent until the server answers again."""
        if server.label not in self._down:
            log.warning("%s does not answer; jobs wait", server.label)
        self._down.add(server.label)
        self._load.up[server.label] = False
        self._ask_at[server.label] = self._clock.monotonic() + self._every

    def stuck(self, server: Server, prompt_id: str) -> None:
        """Note a prompt that does not end though told to: nothing is sent while the server shows it as running."""
        log.error("%s seems stuck: prompt %s cannot be ended; restart ComfyUI", server.label, prompt_id)
        self._stuck[server.label] = prompt_id
        self._ask_at[server.label] = self._clock.monotonic() + self._every

    def left_behind(self, server: Server, prompt_id: str) -> None:
        """Note a prompt that may still turn up although its job has gone on without it: it is taken out then."""
        self._left.setdefault(server.label, set()).add(prompt_id)
        self._ask_at[server.label] = 0.0

    async def may_feed(self, server: Server) -> bool:
        """Whether to send a job there; asks the server when in doubt, not more often than every few seconds."""
        label = server.label
        doubtful = (
            label in self._down
            or label in self._stuck
            or label in self._left
            or not server.listener.connected
        )
        if not doubtful:
            self._load.up[label] = True
            return True
        if self._clock.monotonic() < self._ask_at.get(label, 0.0):
            return self._load.up.get(label, False) and label not in self._stuck
        self._ask_at[label] = self._clock.monotonic() + self._every
        return await self._probe(server)

    async def _probe(self, server: Server) -> bool:
        label = server.label
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                queue = await server.client.queue()
                await self._clear_up(server, queue)
        except (ComfyError, TimeoutError) as error:
            self._load.up[label] = False
            log.info("%s does not answer: %s", label, error or "too slow")
            return False
        if label in self._down:
            log.info("%s answers again", label)
        self._down.discard(label)
        self._load.up[label] = True
        self._load.remaining[label] = len(queue.running) + len(queue.pending)
        if label in self._stuck and not queue.is_running(self._stuck[label]):
            del self._stuck[label]
        return label not in self._stuck

    async def _clear_up(self, server: Server, queue: QueueSnapshot) -> None:
        for prompt_id in self._left.get(server.label, set()):
            if queue.find(prompt_id) is not None:
                log.info("%s still has prompt %s, which nobody waits for: ending it", server.label, prompt_id)
                await server.client.cancel(prompt_id)
        self._left.pop(server.label, None)
