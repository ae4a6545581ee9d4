"""How much of what ComfyUI writes into files a server lets out, and the moderators' decision about it."""

import logging

from bot.media.stripping.keep import USUAL, Keep
from bot.policy.actor import Actor
from bot.policy.moderation import moderated_guild
from bot.policy.ports import AuditEntry, PolicyStore
from bot.runtime import Clock

audit_log = logging.getLogger("bot.audit")


class MetadataRules:
    """One decision for each server, kept with the other flags."""

    def __init__(self, store: PolicyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def kept(self, guild_id: int | None) -> Keep:
        """Return what goes out with the files of a server; the usual where nothing was decided."""
        value = await self._store.flag(_flag(guild_id)) if guild_id is not None else None
        # What a later version may have written is not known here.
        return Keep(value) if value in set(Keep) else USUAL

    async def decide(self, actor: Actor, keep: Keep) -> None:
        """Let this much go out with files from now on; moderators only."""
        guild_id = await moderated_guild(self._store, actor)
        entry = AuditEntry(
            at=self._clock.now(),
            actor_id=actor.user_id,
            action="metadata",
            guild_id=guild_id,
            subject="",
            detail=keep.value,
        )
        if await self._store.set_flag(_flag(guild_id), None if keep is USUAL else keep.value, entry):
            audit_log.info("metadata by user %s in guild %s: %s", entry.actor_id, entry.guild_id, keep)


def _flag(guild_id: int) -> str:
    return f"metadata:{guild_id}"
