"""Messages that stayed behind in a place that closed: they must not say for ever that something is still to come."""

import asyncio
import logging

import discord

from bot.jobs.job import MessageRef
from bot.runtime import Spawn
from bot.ui.faults import Fault, RouteError
from bot.ui.pacing import Pace
from bot.ui.routes import Draft, Routes

log = logging.getLogger(__name__)

MOST = 200
"""How many are remembered at a time; a bot that is thrown out of a large server does not try all day."""


class Leftovers:
    """Removes or corrects them once their place is open again, as long as this process lives."""

    def __init__(self, routes: Routes, pace: Pace, spawn: Spawn) -> None:
        self._routes = routes
        self._pace = pace
        self._spawn = spawn
        self._remembered = 0

    def leave(self, ref: MessageRef, view: discord.ui.LayoutView | None = None) -> None:
        """Remove this message when that is possible, or let it show `view`, without any files.

        What is shown to one person only cannot be changed without its interaction's token, and is left as it is.
        """
        if ref.message_id is None or ref.ephemeral or self._remembered >= MOST:
            return
        self._remembered += 1
        self._spawn(self._clear(ref, view), name=f"leftover {ref.message_id}")

    async def _clear(self, ref: MessageRef, view: discord.ui.LayoutView | None) -> None:
        try:
            for pause in self._pace.rest:
                await asyncio.sleep(pause)
                if await self._cleared(ref, view):
                    return
            log.info("message %s in channel %d stays as it is", ref.message_id, ref.channel_id)
        finally:
            self._remembered -= 1

    async def _cleared(self, ref: MessageRef, view: discord.ui.LayoutView | None) -> bool:
        try:
            if view is None:
                await self._routes.delete(ref, seconds=self._pace.progress)
            else:
                await self._routes.edit_as_bot(ref, Draft(view), seconds=self._pace.progress)
        except RouteError as failure:
            return failure.fault is Fault.MESSAGE  # somebody else has removed it
        return True
