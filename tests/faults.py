"""A simulated Discord that fails on request, at the one seam beneath discord.py that every call of it passes."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import aiohttp
import discord
from simcord.backend.errors import BackendError
from simcord.http import router
from simcord.http.client import FakeHTTPClient, FakeWebhookAdapter

NONCE_SECONDS = 300.0
"""For so long Discord answers a repeated nonce with the message it already made."""

_JOB = re.compile(r"job:[a-z]+:([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot to Discord."""

    method: str
    path: str
    body: dict[str, Any]
    sizes: tuple[int, ...] = ()
    """The size of every file sent along."""

    @property
    def parts(self) -> list[str]:
        """The parts of the path."""
        return self.path.strip("/").split("/")

    @property
    def token(self) -> str | None:
        """The interaction's token, where it is used as a webhook's."""
        return self.parts[2] if self.parts[0] == "webhooks" and len(self.parts) > 2 else None

    @property
    def channel_id(self) -> int | None:
        """The channel, where the bot's own token is used."""
        return int(self.parts[1]) if self.parts[0] == "channels" else None

    @property
    def is_answer(self) -> bool:
        """Whether this answers an interaction for the first time."""
        return self.path.endswith("/callback")

    @property
    def is_post(self) -> bool:
        """Whether this makes a message by the bot's own token."""
        return self.method == "POST" and self.channel_id is not None and self.path.endswith("/messages")

    @property
    def is_edit(self) -> bool:
        """Whether this changes a message."""
        return self.method == "PATCH" and "/messages/" in self.path

    @property
    def text(self) -> str:
        """Everything the message says, ids of controls included."""
        return str(self.body)

    @property
    def job_id(self) -> str | None:
        """The job whose controls the message carries."""
        found = _JOB.search(self.text)
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Failure:
    """What goes wrong with a call: refused, done and then the answer lost (`after`), or done only later (`belated`)."""

    kind: str
    status: int = 0
    """An HTTP status; 0 means that the connection breaks."""
    code: int = 0
    after: bool = False
    belated: bool = False

    def error(self) -> Exception:
        """Return what discord.py raises for this."""
        if self.status == 0:
            # As aiohttp says it: no OSError, and what one tried with only OSErrors in mind goes by unnoticed.
            return aiohttp.ServerDisconnectedError()
        response: Any = SimpleNamespace(status=self.status, reason=self.kind, headers={})
        data = {"code": self.code, "message": self.kind}
        if self.status == 403:
            return discord.Forbidden(response, data)
        if self.status == 404:
            return discord.NotFound(response, data)
        if self.status >= 500:
            return discord.DiscordServerError(response, data)
        return discord.HTTPException(response, data)


@dataclass(frozen=True, slots=True)
class Late:
    """A call that was given up and may take effect at any time."""

    call: Call
    since: float
    take_effect: Callable[[], Awaitable[None]]


RESET = Failure("connection reset")
RESET_AFTER = Failure("connection reset after the effect", after=True)
BELATED = Failure("effect after the answer was given up", belated=True)
UNAVAILABLE = Failure("service unavailable", 503)
BAD_GATEWAY_AFTER = Failure("bad gateway after the effect", 502, after=True)
LIMITED = Failure("rate limited", 429)
OLD_EDITS = Failure("too many edits of an old message", 429, 30046)
TOKEN_INVALID = Failure("invalid webhook token", 401, 50027)
TOKEN_UNKNOWN = Failure("unknown webhook", 404, 10015)
MESSAGE_GONE = Failure("unknown message", 404, 10008)
CHANNEL_GONE = Failure("unknown channel", 404, 10003)
NO_ACCESS = Failure("missing access", 403, 50001)
NO_PERMISSION = Failure("missing permissions", 403, 50013)
DM_CLOSED = Failure("cannot send messages to this user", 403, 50007)
BLOCKED_WORDS = Failure("blocked by AutoMod", 400, 200000)
TOO_LARGE = Failure("request entity too large", 413, 40005)
ARCHIVED = Failure("thread is archived", 400, 50083)
LOCKED = Failure("thread is locked", 400, 160005)
TOO_LATE = Failure("unknown interaction", 404, 10062)

Decide = Callable[[Call], Failure | None]
Observe = Callable[[Call, Any], None]


@dataclass(slots=True)
class DiscordFaults:
    """What is wrong with Discord. Change any of it at any time; what struck is counted by kind.

    decide: asked about every call; what it returns happens.
    tokens: interaction tokens that have died, and how.
    channels: channels the bot's own token is refused in, and how.
    belated: what takes effect when somebody lets it; only calls without files can be.
    closed: people who take no direct messages.
    blocked: a word that AutoMod stops, wherever it stands.
    after: told of every call that took effect, and what it returned.
    before, behind: awaited ahead of every call and behind its effect, for tests that stop the world there.
    """

    decide: Decide | None = None
    tokens: dict[str, Failure] = field(default_factory=dict[str, Failure])
    channels: dict[int, Failure] = field(default_factory=dict[int, Failure])
    closed: set[int] = field(default_factory=set[int])
    blocked: str | None = None
    after: list[Observe] = field(default_factory=list[Observe])
    before: Callable[[Call], Any] | None = None
    behind: Callable[[Call], Any] | None = None
    belated: list[Late] = field(default_factory=list[Late])
    struck: Counter[str] = field(default_factory=Counter[str])
    refused_direct: set[str] = field(default_factory=set[str])
    """Nonces of direct messages that were refused because the person takes none."""
    _nonces: dict[tuple[int | None, str], tuple[float, Any]] = field(
        default_factory=dict[tuple[int | None, str], tuple[float, Any]]
    )

    def standing(self, call: Call, backend: Any) -> Failure | None:
        """Return what is wrong for longer than one call."""
        if call.token is not None and call.token in self.tokens:
            return self.tokens[call.token]
        if call.channel_id in self.channels:
            return self.channels[call.channel_id]
        channel = backend.channels.get(call.channel_id)
        if call.is_post and channel is not None and self.closed & set(channel.recipient_ids or ()):
            self.refused_direct.add(str(call.body.get("nonce")))
            return DM_CLOSED
        says = (call.is_post or call.is_edit or call.is_answer) and self.blocked is not None
        return BLOCKED_WORDS if says and str(self.blocked) in call.text else None

    async def perform(self, backend: Any, call: Call, original: Callable[[], Any]) -> Any:
        """Let a call happen, or not."""
        if self.before is not None:
            await self.before(call)
        # As on a network: others get a turn, even if nothing is wrong.
        await asyncio.sleep(0)
        failure = self.standing(call, backend) or (self.decide(call) if self.decide else None)
        if failure is not None:
            self.struck[failure.kind] += 1
            if failure.belated:
                self.belated.append(Late(call, _now(), lambda: self._be_late(backend, call, original)))
            if not failure.after:
                raise failure.error()
        result = await self._take_effect(call, original)
        if self.behind is not None:
            await self.behind(call)
        if failure is not None:
            raise failure.error()
        return result

    async def _take_effect(self, call: Call, original: Callable[[], Any]) -> Any:
        result = await self._once(call, original)
        for observe in self.after:
            observe(call, result)
        return result

    async def _be_late(self, backend: Any, call: Call, original: Callable[[], Any]) -> None:
        """Take effect now, unless that is refused by now or what was to be changed is gone."""
        if self.standing(call, backend) is None:
            with suppress(discord.HTTPException, BackendError):
                await self._take_effect(call, original)

    async def _once(self, call: Call, original: Callable[[], Any]) -> Any:
        """Honour an enforced nonce, as Discord does for a few minutes."""
        nonce = call.body.get("nonce") if call.body.get("enforce_nonce") else None
        if not call.is_post or nonce is None:
            return await original()
        now = _now()
        self._nonces = {key: known for key, known in self._nonces.items() if now - known[0] < NONCE_SECONDS}
        known = self._nonces.get((call.channel_id, str(nonce)))
        if known is not None:
            return known[1]
        result = await original()
        self._nonces[call.channel_id, str(nonce)] = (now, result)
        return result


@contextmanager
def failing(faults: DiscordFaults) -> Iterator[DiscordFaults]:
    """Put the faults between discord.py and every simulated Discord, for the length of the block."""
    by_bot, by_token = FakeHTTPClient.request, FakeWebhookAdapter.request

    async def request(self: Any, route: Any, *, files: Any = None, form: Any = None, **kwargs: Any) -> Any:
        call = _call(route, kwargs.get("json"), form, files)
        return await faults.perform(
            self.backend, call, lambda: by_bot(self, route, files=files, form=form, **kwargs)
        )

    async def webhook(
        self: Any, route: Any, session: Any, *, payload: Any = None, multipart: Any = None, files: Any = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        call = _call(route, payload, multipart, files)
        return await faults.perform(
            self.backend,
            call,
            lambda: by_token(
                self, route, session, payload=payload, multipart=multipart, files=files, **kwargs
            ),
        )

    with (
        patch.object(FakeHTTPClient, "request", request),
        patch.object(FakeWebhookAdapter, "request", webhook),
    ):
        yield faults


def _call(route: Any, json: Any, form: Any, files: Any) -> Call:
    listed = list(files or [])
    body = json
    if form:
        parsed, listed = router.parse_form(list(form), listed)
        body = parsed if parsed is not None else json
    path = route.url.split("?", 1)[0].partition("/api/v")[2].partition("/")[2]
    return Call(
        route.method,
        f"/{path}",
        body if isinstance(body, dict) else {},
        tuple(_size(file) for file in listed),
    )


def _now() -> float:
    return asyncio.get_running_loop().time()


def _size(file: discord.File) -> int:
    place = file.fp.tell()
    end = file.fp.seek(0, 2)
    file.fp.seek(place)
    return end
