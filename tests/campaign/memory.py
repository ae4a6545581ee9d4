"""How much memory the bot needs after a thousand jobs and after five, looked at from outside its process."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from tests.campaign.apart import ApartWorld
from tests.campaign.witness import Witness

KEPT = 20
"""Of so many messages in each channel, direct ones too, the world remembers what they hold: soon it is full."""

RECENT = 240
"""So many interactions it remembers."""


def marks(jobs: int) -> tuple[int, ...]:
    """Return after how many jobs memory is looked at."""
    early = [mark for mark in (100, 500) if mark < jobs]
    return (*early, *range(1000, jobs, 1000), jobs)


class Growth:
    """One life of the bot as long as it takes, looked at again and again while it is at rest."""

    def __init__(self, world: ApartWorld, witness: Witness) -> None:
        self.world, self.witness = world, witness
        self.sizes: dict[int, int] = {}

    async def watch(
        self,
        forces: Callable[[], Iterable[Coroutine[Any, Any, None]]],
        accepted: Callable[[], int],
        settle: Callable[[], Coroutine[Any, Any, None]],
        jobs: int,
    ) -> None:
        """Let everything happen until so many jobs were accepted; `settle` brings the bot to rest for each look."""
        for mark in marks(jobs):
            async with asyncio.TaskGroup() as group:
                going = [group.create_task(force) for force in forces()]
                while accepted() < mark:
                    await asyncio.sleep(1.0)
                    self.forget_old()
                for task in going:
                    task.cancel()
            await settle()
            self.forget_old()
            self.sizes[mark] = (await self.world.look())["bytes"]

    def forget_old(self) -> None:
        """Let the world forget what nobody will ask for again: on one machine it takes the memory the bot could have."""
        backend = self.world.backend
        for channel_id in self.world.deleted_channels:
            backend.messages.pop(channel_id, None)
        for messages in backend.messages.values():
            for message_id in list(messages)[:-KEPT]:
                del messages[message_id]
        shown = {item["url"] for messages in backend.messages.values()
                 for message in messages.values() for item in message.attachments}  # fmt: skip
        blobs = backend.cdn._blobs  # pyright: ignore[reportPrivateUsage] - it has no other way
        for url in [url for url in list(blobs)[:-KEPT] if url not in shown]:
            del blobs[url]
        for message_id in list(self.witness.seen)[:-RECENT]:
            del self.witness.seen[message_id]
        for interaction_id in list(backend.interactions)[:-RECENT]:
            backend.interaction_tokens.pop(backend.interactions.pop(interaction_id).token, None)
        for token in list(self.world.faults.tokens)[:-RECENT]:
            del self.world.faults.tokens[token]
        backend._reserved_ids.clear()  # pyright: ignore[reportPrivateUsage]
        backend._sequences.clear()  # pyright: ignore[reportPrivateUsage]
        self.world.faults.refused_direct.clear()
