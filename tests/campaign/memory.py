"""How much memory the bot needs after a thousand jobs and after five: the world around it must not grow meanwhile."""

import gc
from pathlib import Path

from tests.campaign.witness import Witness
from tests.campaign.world import World

KEPT = 60
"""Of so many messages in each channel the world remembers what they hold."""

PAGE = 4096


def resident() -> int:
    """Return how many bytes this process has in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def forget_old(world: World, witness: Witness) -> None:
    """Let the simulated Discord and the stand-in forget what nobody will ask for again."""
    backend = world.backend
    for channel_id, messages in backend.messages.items():
        for message_id in list(messages)[:-KEPT]:
            for item in messages.pop(message_id).attachments:
                backend.cdn._blobs.pop(item["url"], None)  # pyright: ignore[reportPrivateUsage] - it has no other way
        assert len(backend.messages[channel_id]) <= KEPT
    for message_id in list(witness.seen)[: -4 * KEPT]:
        del witness.seen[message_id]
    for interaction_id in list(backend.interactions)[: -4 * KEPT]:
        backend.interaction_tokens.pop(backend.interactions.pop(interaction_id).token, None)
        world.faults.tokens.clear()
    backend._reserved_ids.clear()  # pyright: ignore[reportPrivateUsage]
    backend._sequences.clear()  # pyright: ignore[reportPrivateUsage]
    world.faults.refused_direct.clear()
    world.removed.clear()
    for record in (world.comfyui.requests, world.comfyui.submitted, world.comfyui.executed):
        del record[:-KEPT]
