"""Messages of a job that stayed behind in a place that closed, and what they need of a store."""

from dataclasses import dataclass
from typing import Protocol

from bot.jobs.model.request import JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A message of the bot's own that another one took the place of, or was to."""

    job_id: JobId
    channel_id: int
    message_id: int
    remove: bool
    """Whether it is to go; else it stays and shows how its job ended, without files."""
    since: float
    """Seconds since the epoch."""


class LeftoverStore(Protocol):
    """Keeps leftovers. One outlives its job, for what the job made may still stand there."""

    async def leave(self, leftover: Leftover) -> None:
        """Note a message; one that is known stays as it was noted first."""
        ...

    async def leftovers(self, limit: int) -> tuple[Leftover, ...]:
        """Return those noted, oldest first, at most so many."""
        ...

    async def cleared(self, message_id: int) -> None:
        """Forget a message."""
        ...
