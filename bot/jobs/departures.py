"""Servers that the bot was removed from: what is stored of them goes after a while, unless it is added again."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from bot.runtime import Clock

log = logging.getLogger(__name__)

GRACE = 30 * 86_400.0
"""Seconds between a departure and the removal of what is stored of the server."""


class GuildStore(Protocol):
    """Keeps what is known of servers. Every method commits before it returns, and raises `StoreUnavailable`."""

    async def mentioned(self) -> frozenset[int]:
        """Return the servers anything is stored of."""
        ...

    async def left(self) -> Mapping[int, float]:
        """Return the servers the bot is not in any more, each with the time that was noticed."""
        ...

    async def leave(self, guilds: Collection[int], *, at: float) -> None:
        """Note that the bot is not in these servers; an earlier time stays."""
        ...

    async def back(self, guilds: Collection[int]) -> None:
        """Note that the bot is in these servers again."""
        ...

    async def forget(self, guild_id: int) -> None:
        """Remove bans, decisions and the audit record of a server, and that it was left."""
        ...


class Departures:
    """Notes which servers were left. `ours` tells whether a server belongs to this process, of several with shards."""

    def __init__(
        self, store: GuildStore, clock: Clock, ours: Callable[[int], bool] = lambda _guild: True
    ) -> None:
        self._store = store
        self._clock = clock
        self._ours = ours
        self._seen = False

    async def seen(self, there: Collection[int]) -> None:
        """Compare what is stored with the servers the bot is in, those that are unavailable now included."""
        left = await self._store.left()
        if back := left.keys() & set(there):
            await self._store.back(back)
        gone = {guild for guild in await self._store.mentioned() - set(there) if self._ours(guild)}
        if new := gone - left.keys():
            log.info("not in %d servers any more that something is stored of", len(new))
            await self._store.leave(new, at=self._clock.now())
        self._seen = True

    async def left(self, guild_id: int) -> None:
        """Note that the bot was removed from a server."""
        await self._store.leave([guild_id], at=self._clock.now())

    async def back(self, guild_id: int) -> None:
        """Note that the bot was added to a server, perhaps again."""
        await self._store.back([guild_id])

    async def due(self) -> tuple[int, ...]:
        """Return the servers left long enough ago; none before it was seen which servers the bot is in."""
        if not self._seen:
            return ()
        latest = self._clock.now() - GRACE
        left = await self._store.left()
        return tuple(guild for guild, since in left.items() if since <= latest and self._ours(guild))

    async def forget(self, guild_id: int) -> None:
        """Remove what is stored of a server but its jobs, which are removed elsewhere."""
        await self._store.forget(guild_id)
