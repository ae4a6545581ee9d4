"""One life of the bot, from a start to a crash: every task that comes of it is known, and can be cut off."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bot.store.connection.transaction import TRANSACTION

T = TypeVar("T")

_LIFE: contextvars.ContextVar["Life | None"] = contextvars.ContextVar("life", default=None)


class Life:
    """Owns whatever tasks are made in its context, by us, by discord.py or by aiohttp."""

    def __init__(self) -> None:
        self.over = False
        self.tasks: set[asyncio.Task[Any]] = set()
        self.within: set[asyncio.Task[Any]] = set()
        """Tasks made by transactions, such as the one that gives a connection back."""
        self.failures: list[BaseException] = []
        self._context = contextvars.copy_context()
        self._context.run(_LIFE.set, self)

    def spawn(self, coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
        """Run something of the bot's; this is its `Spawn`."""
        if self.over:
            coroutine.close()
            raise asyncio.CancelledError
        task = asyncio.get_running_loop().create_task(coroutine, name=name, context=self._context.copy())
        task.add_done_callback(self._died_of, context=contextvars.Context())
        return task

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call something so that the tasks it makes belong to this life."""
        return self._context.copy().run(function, *args) if not self.over else None

    async def cut_off(self) -> None:
        """End everything at once; whatever tidies up afterwards reaches nobody any more."""
        self.over = True
        while remaining := [task for task in self.tasks if not task.done()]:
            for task in remaining:
                # A commit is whole or not at all; what a process leaves half-way, its database takes back.
                if not self.spared(task):
                    task.cancel()
            await asyncio.wait(remaining, timeout=1.0)

    def spared(self, task: asyncio.Task[Any] | None) -> bool:
        """Whether a task belongs to a transaction."""
        return task is not None and (task.get_name() == TRANSACTION or task in self.within)

    def ended(self, task: asyncio.Task[Any]) -> None:
        """Forget a task."""
        self.tasks.discard(task)
        self.within.discard(task)

    def _died_of(self, task: asyncio.Task[Any]) -> None:
        if not self.over and not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)


def present() -> Life | None:
    """Return the life this code is part of."""
    return _LIFE.get()


def factory(
    loop: asyncio.AbstractEventLoop, coroutine: Any, *, context: contextvars.Context | None = None
) -> asyncio.Task[Any]:
    """Make a task, known to the life in whose context it is made."""
    life = context.get(_LIFE) if context is not None else _LIFE.get()
    task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, context=context)
    if life is not None:
        life.tasks.add(task)
        if life.spared(asyncio.current_task(loop)):
            life.within.add(task)
        task.add_done_callback(life.ended, context=contextvars.Context())
    return task
