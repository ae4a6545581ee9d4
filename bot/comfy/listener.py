"""The one socket to a server: kept open, each event handed to the job it belongs to."""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import StrEnum

from bot.comfy.client import ComfyClient
from bot.comfy.errors import ComfyError, Rejected
from bot.comfy.events import Event, LinkLost, LinkRestored, ServerFlags, Status, Unknown
from bot.comfy.frames import decode_binary, decode_text
from bot.comfy.mailbox import Mailbox
from bot.comfy.transport import LARGE_JSON, Socket

log = logging.getLogger(__name__)

FEATURE_FLAGS = '{"type":"feature_flags","data":{"supports_preview_metadata":true}}'
"""Must be the first message on a socket; then previews of our own jobs name their job."""

FIRST_FRAME_SECONDS = 15.0
"""How long a new connection may be silent: every server greets with the length of its queue."""

STABLE_SECONDS = 10.0
"""A connection that lived this long was a good one: the next attempt after it comes soon."""


class LinkState(StrEnum):
    """How the live connection is: not tried yet, up, down, or refused by the server for want of the right login."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"
    REFUSED = "refused"


def backoff(attempt: int) -> float:
    """Return seconds to wait: doubling from half a second, at most half a minute, never in step with other clients."""
    return min(30.0, 0.5 * 2.0 ** min(attempt, 6)) * random.uniform(0.5, 1.0)


class Listener:
    """Keeps one live connection and sorts its events into mailboxes by prompt id.

    Every connection has a fresh client id: under a used one the server may never speak again. Jobs sent under the id
    of an earlier connection get no events; their followers are told of the gap and ask.
    """

    def __init__(
        self, client: ComfyClient, *, delay: Callable[[int], float] = backoff, heartbeat: float = 25.0,
        status_within: float = 5.0,
    ) -> None:  # fmt: skip
        self._client = client
        self._delay = delay
        self._heartbeat = heartbeat
        self._status_within = status_within
        self._mailboxes: dict[str, list[Mailbox]] = {}
        self._status_subscribers: list[Callable[[Status], object]] = []
        self._link_subscribers: list[Callable[[LinkState], object]] = []
        self._up = asyncio.Event()
        self._deadline: asyncio.Timeout | None = None
        self._heard_at = float("-inf")
        self._awaited = False
        self._text_metadata = False
        self.client_id: str | None = None
        """Our id on the present connection, to submit jobs under; None while there is no connection."""
        self.state = LinkState.STARTING
        self.problem: str | None = None
        """Why there is no connection, for the log and operators; None while there is one."""
        self.since = client.monotonic()
        """When the present state began, on the client's monotonic clock."""

    @property
    def connected(self) -> bool:
        """Tell whether events arrive now."""
        return self.state is LinkState.UP

    @contextmanager
    def watch(self, prompt_id: str) -> Generator[Mailbox]:
        """Collect the events about a job, and every loss and return of the link; open this before submitting it."""
        mailbox = Mailbox()
        self._mailboxes.setdefault(prompt_id, []).append(mailbox)
        try:
            yield mailbox
        finally:
            others = self._mailboxes[prompt_id]
            others.remove(mailbox)
            if not others:
                del self._mailboxes[prompt_id]

    def on_status(self, callback: Callable[[Status], object]) -> Callable[[], None]:
        """Call back, soon, whenever the server tells the length of its queue; returns how to end this."""
        self._status_subscribers.append(callback)
        return lambda: self._status_subscribers.remove(callback)

    def on_link(self, callback: Callable[[LinkState], object]) -> Callable[[], None]:
        """Call back, soon, whenever the state of the link changes; returns how to end this."""
        self._link_subscribers.append(callback)
        return lambda: self._link_subscribers.remove(callback)

    async def ready(self, timeout: float) -> bool:  # noqa: ASYNC109 - it tells the outcome instead of raising
        """Wait until there is a connection, at most `timeout` seconds; tell whether there is."""
        try:
            async with asyncio.timeout(timeout):
                await self._up.wait()
        except TimeoutError:
            return False
        return True

    def note_submitted(self) -> None:
        """Expect a sign of life: the server tells everybody of a new job, so silence means that it lost us.

        Frames heard within the last seconds count: the one about the job may come before the answer to its POST.
        """
        loop = asyncio.get_running_loop()
        if self._deadline is None or self._awaited or loop.time() - self._heard_at < self._status_within:
            return
        self._awaited = True
        self._deadline.reschedule(loop.time() + self._status_within)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await self._client.load_cache()
        try:
            await self._stay_connected()
        finally:
            self._close(LinkState.DOWN, None)

    async def _stay_connected(self) -> None:
        attempt = 0
        while True:
            opened_at = asyncio.get_running_loop().time()
            try:
                await self._live()
                self._close(LinkState.DOWN, "the server closed the connection")
            except TimeoutError:
                missed = "of a new job" if self.connected else "at all"
                self._close(LinkState.DOWN, f"the server opened a connection and said nothing {missed}")
            except Rejected as error:
                refused = error.status in (401, 403)
                self._close(LinkState.REFUSED if refused else LinkState.DOWN, str(error))
            except ComfyError as error:
                self._close(LinkState.DOWN, str(error))
            except Exception:  # a mistake of ours must not leave everybody without events for good
                log.exception("link to %s failed in an unforeseen way", self._client.label)
                self._close(LinkState.DOWN, "an unforeseen failure")
            attempt = 0 if asyncio.get_running_loop().time() - opened_at > STABLE_SECONDS else attempt + 1
            await asyncio.sleep(self._delay(attempt))

    async def _live(self) -> None:
        """Connect, and read until the connection ends; TimeoutError when a sign of life did not come."""
        features = await self._client.features(refresh=True)
        client_id = uuid.uuid4().hex
        async with self._client.connect(
            client_id, api=features.api_prefix, heartbeat=self._heartbeat
        ) as socket:
            await socket.send(FEATURE_FLAGS)
            try:
                async with asyncio.timeout(FIRST_FRAME_SECONDS) as deadline:
                    await self._read(socket, client_id, deadline)
            finally:
                # Saying goodbye may take a while; nobody should count on this connection meanwhile.
                self._deadline = self.client_id = None

    async def _read(self, socket: Socket, client_id: str, deadline: asyncio.Timeout) -> None:
        async for frame in socket.frames():
            self._heard_at = asyncio.get_running_loop().time()
            if self._deadline is None:  # the first frame: from now on the server has us on its list
                self._deadline = deadline
                deadline.reschedule(None)
                self._open(client_id)
            elif self._awaited:
                self._awaited = False
                deadline.reschedule(None)
            self._deliver(await self._decode(frame))

    async def _decode(self, frame: str | bytes) -> Event:
        if isinstance(frame, bytes):
            return decode_binary(frame, text_metadata=self._text_metadata)
        if len(frame) < LARGE_JSON:
            return decode_text(frame)
        return await asyncio.to_thread(decode_text, frame)

    def _deliver(self, event: Event) -> None:
        match event:
            case Unknown():
                log.debug("%s: frame of no interest (%s)", self._client.label, event.type)
            case Status():
                loop = asyncio.get_running_loop()
                for callback in self._status_subscribers:
                    loop.call_soon(callback, event)
            case ServerFlags():
                self._text_metadata = event.progress_text_metadata
            case LinkLost() | LinkRestored():
                pass
            case _:
                for mailbox in self._mailboxes.get(event.prompt_id or "", ()):
                    mailbox.put(event)

    def _open(self, client_id: str) -> None:
        self.client_id = client_id
        self._text_metadata = False
        self._change(LinkState.UP, None)
        self._tell_everyone(LinkRestored())

    def _close(self, state: LinkState, problem: str | None) -> None:
        self._awaited = False
        was_up = self.connected
        self._change(state, problem)
        if was_up:
            self._tell_everyone(LinkLost())

    def _change(self, state: LinkState, problem: str | None) -> None:
        if (state, problem) != (self.state, self.problem):
            log.log(
                logging.INFO if problem is None else logging.WARNING,
                "link to %s: %s%s", self._client.label, state, f" ({problem})" if problem else "",
            )  # fmt: skip
        changed = state is not self.state
        self.state, self.problem = state, problem
        if not changed:
            return
        self.since = self._client.monotonic()
        if state is LinkState.UP:
            self._up.set()
        else:
            self._up.clear()
        loop = asyncio.get_running_loop()
        for callback in self._link_subscribers:
            loop.call_soon(callback, state)

    def _tell_everyone(self, signal: LinkLost | LinkRestored) -> None:
        for mailboxes in self._mailboxes.values():
            for mailbox in mailboxes:
                mailbox.put(signal)
