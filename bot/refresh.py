"""Keeps what is known about servers and workflows up to date while the bot runs."""

import asyncio
import logging

from bot.comfy import ComfyError, Fleet
from bot.comfy.listener import LinkState
from bot.workflows.graph.server_nodes import known_nodes
from bot.workflows.library.library import Library

log = logging.getLogger(__name__)

RENEW_SECONDS = 300.0
RETRY_SECONDS = 15.0


async def keep_fresh(fleet: Fleet, library: Library) -> None:
    """Ask the servers for their node classes now, after every gap in the connection, and every five minutes."""
    reconnected = asyncio.Event()

    def on_link(state: LinkState) -> None:
        if state is LinkState.UP:
            reconnected.set()

    for server in fleet.servers:
        server.listener.on_link(on_link)
    last = None
    while True:
        reconnected.clear()
        heard = await _ask_all(fleet)
        info = known_nodes(fleet)
        if info is not None and info.raw is not last:
            last = info.raw
            await library.refresh(info)
            log.info("%d node classes known, %d workflows can be used", len(info), len(library.enabled()))
        try:
            async with asyncio.timeout(RENEW_SECONDS if heard else RETRY_SECONDS):
                await reconnected.wait()
        except TimeoutError:
            continue


async def _ask_all(fleet: Fleet) -> bool:
    heard = True
    for server in fleet.servers:
        try:
            await server.client.object_info(max_age=RETRY_SECONDS)
        except ComfyError as error:
            heard = False
            log.info("%s does not tell its node classes: %s", server.label, error)
    return heard


async def follow_folder(library: Library) -> None:
    """Read the workflows again whenever their folder changes; runs until it is cancelled."""
    async for names in library.watch():
        log.info("the workflow folder changed and holds now: %s", ", ".join(names) or "nothing")
