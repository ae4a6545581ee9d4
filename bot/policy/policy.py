"""The guard rails: every question about permission is asked here, before anything is shown or accepted."""

from collections.abc import Collection, Iterable
from pathlib import Path

from bot.policy.actor import Actor, Place
from bot.policy.ports import AuditEntry, Ban, PolicyStore
from bot.runtime import Clock


class Policy:
    """Every method that decides raises `UserError` with one sentence when the answer is no."""

    def __init__(
        self,
        store: PolicyStore,
        *,
        clock: Clock,
        guilds: Collection[int] = (),
        blocked_words: Path | None = None,
    ) -> None: ...

    async def open(self) -> None:
        """Read the blocked words; raises `ConfigError` that names a bad line."""

    async def may_use(self, actor: Actor, place: Place) -> None:
        """Refuse outside servers, in servers not served, and to banned people."""

    async def may_generate(
        self,
        actor: Actor,
        place: Place,
        *,
        texts: Iterable[str] = (),
        nsfw: bool = False,
        priority: bool = False,
    ) -> None:
        """Refuse a new job: all of `may_use`, and the pause, the channel's age, priority and blocked words.

        `texts` are all text values of the request, `nsfw` says that its workflow is marked so.
        """

    async def ban(self, actor: Actor, user_id: int, *, reason: str = "") -> None:
        """Keep a person from making pictures in the actor's guild; moderators only."""

    async def unban(self, actor: Actor, user_id: int) -> None:
        """Let a person make pictures again; moderators only; raises `UserError` if not banned."""

    async def bans(self, guild_id: int) -> tuple[Ban, ...]: ...

    async def pause(self, actor: Actor, *, reason: str = "") -> None:
        """Accept no new jobs anywhere until `resume`; operators only; survives a restart."""

    async def resume(self, actor: Actor) -> None:
        """Accept new jobs again; operators only; raises `UserError` if not paused."""

    async def paused(self) -> bool: ...

    async def audit(self, guild_id: int | None, *, limit: int = 20) -> tuple[AuditEntry, ...]:
        """Return the newest moderation acts of a guild (None: everywhere)."""
        ...
