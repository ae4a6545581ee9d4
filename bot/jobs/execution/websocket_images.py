"""Pictures that a server sends over the live connection only (`SaveImageWebsocket`): kept by us, or lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.comfy import Event, FileRef, Finished, Mailbox, Output, OutputKind, Preview
from bot.jobs.model.request import InputRef
from bot.workflows.graph.graph import AnyGraph

log = logging.getLogger(__name__)

MOST_PICTURES = 100
MOST_BYTES = 512 * 1024 * 1024
"""What is kept of one run at most."""

LATE_SECONDS = 2.0
"""How long pictures may be behind the history entry of their run."""

OURS = "ours"
"""The root of files that no server has: there is only our copy."""

Keep = Callable[[bytes, str], Awaitable[InputRef]]


def sends_live(graph: AnyGraph) -> bool:
    """Whether a graph has a node that keeps its pictures nowhere."""
    return any("websocket" in str(node.get("class_type", "")).lower() for node in graph.values())


class WebSocketImages:
    """Keeps the whole pictures among the previews of one run.

    What a process caught before it died is not taken up by the next one: what came while nobody listened is gone for
    good, and some of the pictures must not look like all of them. The person is told what happened, and what to do.
    """

    def __init__(self, prompt_id: str, graph: AnyGraph, keep: Keep) -> None:
        self._prompt_id = prompt_id
        self._keep = keep
        self._bytes = 0
        self._finished = False
        self._kept: dict[Output, InputRef] = {}
        self._wanted = sends_live(graph)

    @property
    def kept(self) -> Mapping[Output, InputRef]:
        """What was caught, in order, and our copies of it."""
        return self._kept

    async def hear(self, event: Event | None) -> None:
        """Keep a picture that is an output; anything else is let pass."""
        match event:
            case Finished():
                self._finished = True
            case Preview(format="png") if self._wanted:
                await self._take(event)
            case _:
                pass

    async def rest(self, inbox: Mailbox) -> None:
        """Take in what is still on its way once the run is known to have ended."""
        if not self._wanted or self._finished:
            return
        try:
            async with asyncio.timeout(LATE_SECONDS):
                while not self._finished:
                    await self.hear(await inbox.get())
        except TimeoutError:
            log.info("prompt %s: the last of its pictures may not have arrived", self._prompt_id)

    async def _take(self, picture: Preview) -> None:
        self._bytes += len(picture.image)
        if len(self._kept) >= MOST_PICTURES or self._bytes > MOST_BYTES:
            log.warning("prompt %s sends more pictures than are kept", self._prompt_id)
            return
        try:
            ref = await self._keep(picture.image, "png")
        except OSError as error:
            log.warning("prompt %s: a picture could not be kept: %s", self._prompt_id, error.strerror)
            return
        name = f"{self._prompt_id}_{len(self._kept) + 1:05}_.png"
        self._kept[Output(picture.node, OutputKind.IMAGE, FileRef(name, "", OURS))] = ref
