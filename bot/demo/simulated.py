"""Runs real work (sockets, waiting, durations) beside a bot that lives in SimCord's simulated Discord.

SimCord owns every task that is created inside the bot's context: each action of a simulated person first waits
until all owned tasks have come to rest, `time.monotonic` stands still for them, and their timers are virtual.
That is right for handlers and wrong for a task that follows a job over a socket: it never comes to rest, so every
action would run into `settle_timeout`. Ownership travels in a context variable; a task created in a context copied
*before* the environment started is not owned. Within `env.time_context()` such a task still reaches the simulated
Discord: messages are edited through the simulated REST interface, interaction tokens through the simulated webhooks.
"""

import asyncio
import contextlib
import contextvars
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

import simcord

T = TypeVar("T")
log = logging.getLogger(__name__)


class OutsideTasks:
    """A `bot.runtime.Spawn` whose tasks SimCord neither owns nor waits for.

    Make it before `env.start()`, in a context no simulated bot runs in, and hand `spawn` to the bot; call `attach`
    as soon as the environment exists (before its `start()`). At the end: `await close()`, then `bot.close()`, then
    `env.shutdown()`, then look at `failures`.

        outside = OutsideTasks()
        bot = make_bot(spawn=outside.spawn)
        env = simcord.Env(bot)
        outside.attach(env)
        await env.start()
    """

    def __init__(self) -> None:
        self._base = contextvars.copy_context()
        self._env: simcord.Env | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.failures: list[BaseException] = []
        """What tasks died of, in order; a cancelled task has not failed."""

    def attach(self, env: simcord.Env) -> None:
        """Let tasks spawned from now on talk to this environment's Discord; call again after a new environment."""
        self._env = env

    @property
    def running(self) -> list[asyncio.Task[Any]]:
        """The tasks that have not ended."""
        return list(self._tasks)

    def spawn(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Run the coroutine in real time in a task of its own; raises RuntimeError once closed."""
        if self._closed:
            coroutine.close()
            raise RuntimeError(f"the simulated world has ended: {name} cannot start")
        task = self._base.copy().run(self._create, coroutine, name)
        self._tasks.add(task)
        task.add_done_callback(self._ended, context=self._base.copy())
        return task

    async def close(self) -> None:
        """Cancel what is still running and wait until it has ended; may be called from inside the bot's context."""
        self._closed = True
        remaining = self.running
        for task in remaining:
            task.cancel()
        await asyncio.gather(*remaining, return_exceptions=True)

    def _create(self, coroutine: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        scope = self._env.time_context() if self._env is not None else contextlib.nullcontext()
        with scope:
            return asyncio.get_running_loop().create_task(coroutine, name=name)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)
            log.error("task %s failed", task.get_name(), exc_info=error)
