"""Which servers may be fed: those that answer, and whose worker is alive; and nothing of ours is left running there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.comfy import ComfyError, QueueSnapshot, Server
from bot.jobs.execution.sending import JOB_KEY
from bot.jobs.model.job import Job, JobState
from bot.jobs.model.ports import StoreUnavailable
from bot.jobs.progress.snapshots import Load
from bot.runtime import Clock

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
"""How long a server may take to say how many prompts it has."""

LATE_SECONDS = 60.0
"""How long a prompt that was given up may still turn up: a request of ours may be on its way."""

Owners = Callable[[tuple[str, ...]], Awaitable[Mapping[str, Job]]]
"""Returns the jobs of prompt ids, as they are committed."""


class Health:
    """Remembers trouble with servers and asks them now and then whether it is over.

    What a server still has of jobs that have ended, or have gone on without it, is taken out. Nothing has to be
    remembered for that: the server says which prompts it has, the store which of them nobody waits for. So what
    an earlier process left is found too.
    """

    def __init__(self, clock: Clock, load: Load, owners: Owners, *, every: float = 2.0) -> None:
        self._clock = clock
        self._load = load
        self._owners = owners
        self._every = every
        self._ask_at: dict[str, float] = {}
        self._down: set[str] = set()
        self._stuck: set[str] = set()
        self._sweep_until: dict[str, float] = {}
        self._swept: set[str] = set()

    def failed(self, server: Server) -> None:
        """Note an unanswered request: nothing more is sent until the server answers again."""
        if server.label not in self._down:
            log.warning("%s does not answer; jobs wait", server.label)
        self._down.add(server.label)
        self._load.up[server.label] = False
        self._ask_at[server.label] = self._clock.monotonic() + self._every

    def is_down(self, server: Server) -> bool:
        """Whether a request was not answered, and none has been since."""
        return server.label in self._down

    def answered(self, server: Server) -> None:
        """Note that the server answers, whatever it did before."""
        if server.label in self._down:
            log.info("%s answers again", server.label)
        self._down.discard(server.label)
        self._load.up[server.label] = True

    def stuck(self, server: Server, prompt_id: str) -> None:
        """Note a prompt that does not end though told to: nothing is sent while the server shows it as running."""
        log.error("%s seems stuck: prompt %s cannot be ended; restart ComfyUI", server.label, prompt_id)
        self._stuck.add(server.label)
        self.left_behind(server)

    def left_behind(self, server: Server) -> None:
        """Note that a prompt may still turn up although its job has gone on without it: it is taken out then."""
        self._sweep_until[server.label] = self._clock.monotonic() + LATE_SECONDS
        self._ask_at[server.label] = 0.0

    async def tend(self, server: Server) -> None:
        """Take out what nobody waits for, even if nothing is to be sent: after a start, and after giving up."""
        label = server.label
        if self._in_doubt(server) and self._clock.monotonic() >= self._ask_at.get(label, 0.0):
            self._ask_at[label] = self._clock.monotonic() + self._every
            await self._probe(server)

    async def may_feed(self, server: Server) -> bool:
        """Whether to send a job there; asks the server when in doubt, not more often than every few seconds."""
        label = server.label
        doubtful = (
            label in self._down
            or label in self._stuck
            or label in self._sweep_until
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
                busy = await self._sweep(server, queue) if self._in_doubt(server) else False
        except (ComfyError, TimeoutError) as error:
            self._load.up[label] = False
            log.info("%s does not answer: %s", label, error or "too slow")
            return False
        except StoreUnavailable as error:
            log.warning("the database does not answer (%s); nothing is sent to %s", error, label)
            return False
        self.answered(server)
        self._load.remaining[label] = len(queue.running) + len(queue.pending)
        (self._stuck.add if busy else self._stuck.discard)(label)
        return not busy

    def _in_doubt(self, server: Server) -> bool:
        return server.label not in self._swept or server.label in self._sweep_until

    async def _sweep(self, server: Server, queue: QueueSnapshot) -> bool:
        """Take out what nobody waits for; returns whether the server was still working on such a prompt."""
        label = server.label
        mine = tuple(
            item.prompt_id for item in (*queue.running, *queue.pending) if JOB_KEY in item.extra_data
        )
        owners: Mapping[str, Job] = await self._owners(mine) if mine else {}
        unwanted = [prompt_id for prompt_id, job in owners.items() if _given_up(job, prompt_id)]
        for prompt_id in unwanted:
            log.info("%s still has prompt %s, which nobody waits for: ending it", label, prompt_id)
            await server.client.cancel(prompt_id)
        self._swept.add(label)
        if not unwanted and self._clock.monotonic() >= self._sweep_until.get(label, 0.0):
            self._sweep_until.pop(label, None)
        elif unwanted:
            self.left_behind(server)
            self._ask_at[label] = self._clock.monotonic() + self._every
        return any(queue.is_running(prompt_id) for prompt_id in unwanted)


def _given_up(job: Job, prompt_id: str) -> bool:
    run = next((run for run in job.runs if run.prompt_id == prompt_id), None)
    return run is not None and run.state.is_final and run.state is not JobState.SUCCEEDED
