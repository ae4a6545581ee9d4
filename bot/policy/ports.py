"""What the rules need of a store; implemented elsewhere."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """A person who may not make pictures in a guild; `at` is seconds since the epoch."""

    guild_id: int
    user_id: int
    by: int
    at: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One moderation act; `at` is seconds since the epoch."""

    at: float
    actor_id: int
    action: str
    guild_id: int | None = None
    subject: str = ""
    detail: str = ""


class PolicyStore(Protocol):
    """Keeps bans, flags and the audit record. An act and its audit entry are committed together."""

    async def ban(self, ban: Ban, entry: AuditEntry) -> None:
        """Add or renew a ban."""
        ...

    async def unban(self, guild_id: int, user_id: int, entry: AuditEntry) -> bool:
        """Remove a ban; returns whether there was one (and records the act only then)."""
        ...

    async def banned(self, guild_id: int, user_id: int) -> bool: ...

    async def bans(self, guild_id: int) -> tuple[Ban, ...]: ...

    async def set_flag(self, name: str, value: str | None, entry: AuditEntry) -> bool:
        """Set a global flag, or clear it with None; returns whether that changed anything (recorded only then)."""
        ...

    async def flag(self, name: str) -> str | None: ...

    async def record(self, entry: AuditEntry) -> None: ...

    async def audit(self, guild_id: int | None, limit: int) -> tuple[AuditEntry, ...]: ...
