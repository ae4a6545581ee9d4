"""The moment at which the bot dies: anywhere, or at one of the seams where a crash hurts most."""

import asyncio
from enum import StrEnum


class Moment(StrEnum):
    """Where the bot is when it is killed."""

    ANY = "anywhere"
    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"
    POSTED = "with a prompt just posted"
    BEFORE_CALL = "before a call to Discord"
    AFTER_CALL = "after the effect of a call to Discord"
    AFTER_UPLOAD = "after an upload, before it is committed as delivered"


class Doom:
    """Armed with a moment, it strikes when that has come so many times; whoever is struck gets no further."""

    def __init__(self) -> None:
        self.struck = asyncio.Event()
        self.moment: Moment | None = None
        self._left = 0

    def arm(self, moment: Moment, after: int) -> None:
        """Strike at the moment's next coming but `after`."""
        self.struck.clear()
        self.moment, self._left = moment, after

    def disarm(self) -> None:
        """Strike no more."""
        self.moment = None

    def comes(self, moment: Moment) -> bool:
        """Count a moment; tells whether it is the one."""
        if moment is not self.moment or self.struck.is_set():
            return self.struck.is_set() and self.moment is not None
        self._left -= 1
        if self._left >= 0:
            return False
        self.struck.set()
        return True

    async def pass_by(self, moment: Moment) -> None:
        """Let the bot go past this point, unless it dies here."""
        if self.comes(moment):
            await asyncio.Future()
