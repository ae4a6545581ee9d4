"""How many bytes of downloads may be in memory at the same time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Memory:
    """Lets work begin in turn, while the bytes of all that has begun stay below a limit; something too large goes alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._door = asyncio.Lock()
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncGenerator[None]:
        """Hold so many bytes as long as this lasts; waits until there are as many."""
        wanted = min(max(size, 1), self._most)
        # Only the first in line waits for room: nobody small slips past somebody large for ever.
        async with self._door, self._freed:
            await self._freed.wait_for(lambda: self._taken + wanted <= self._most)
            self._taken += wanted
        try:
            yield
        finally:
            self._taken -= wanted
            async with self._freed:
                self._freed.notify_all()
