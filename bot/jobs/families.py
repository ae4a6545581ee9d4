"""The families of the servers' LoRAs and models, learnt from their headers in the background."""

import logging
from collections.abc import Iterable

from bot.comfy import Fleet, ProtocolError, Rejected, Unreachable
from bot.runtime import Spawn
from bot.workflows.graph.families import family_in

log = logging.getLogger(__name__)

MOST = 5_000
"""So many files are remembered; what comes after them is offered whatever it is for."""

File = tuple[str, str]
"""A model folder, and a file in it."""


class Families:
    """What the servers' files say of themselves; asked for one after the other, and never waited for."""

    def __init__(self, fleet: Fleet, spawn: Spawn) -> None:
        self._fleet = fleet
        self._spawn = spawn
        self._known: dict[File, str | None] = {}
        self._wanted: dict[File, None] = {}
        self._learning = False

    def of(self, folder: str, name: str) -> str | None:
        """Return the family of a file as far as it is known; no I/O."""
        return self._known.get((folder, name))

    def learn(self, folder: str, names: Iterable[str]) -> None:
        """Have these files looked into that nobody has looked into yet."""
        for name in names:
            if (folder, name) not in self._known and len(self._known) + len(self._wanted) < MOST:
                self._wanted[folder, name] = None
        if self._wanted and not self._learning:
            self._learning = True
            self._spawn(self._learn(), name="families of models")

    async def _learn(self) -> None:
        try:
            while self._wanted:
                await self._look(next(iter(self._wanted)))
        except Unreachable as error:
            log.info("the families of %d files are asked for later: %s", len(self._wanted), error)
            self._wanted.clear()
        finally:
            self._learning = False

    async def _look(self, file: File) -> None:
        try:
            family = family_in(await self._fleet.pick().client.model_metadata(*file))
        except (Rejected, ProtocolError):  # it says nothing of itself
            family = None
        self._known[file] = family
        self._wanted.pop(file, None)
