"""What Discord's refusals mean: each by what can be done about it."""

from enum import StrEnum

import aiohttp
import discord


class Fault(StrEnum):
    """Why a message could not be changed or sent, by what can be done about it."""

    TOKEN = "token"
    """The interaction's token is dead: take another route."""
    MESSAGE = "message"
    """The message is gone: a new one is needed."""
    ACCESS = "access"
    """This place is closed to the bot: take another place."""
    CHANNEL = "channel"
    """This place is gone: take another place."""
    SIZE = "size"
    """Too large: make it smaller."""
    WORDS = "words"
    """The server's own filter stopped the words: leave them out."""
    LATER = "later"
    """Discord or the network has a bad moment: try again."""
    REFUSED = "refused"
    """Discord does not accept this at all."""


GONE = frozenset({Fault.MESSAGE, Fault.CHANNEL})
"""Nothing is there any more that could be changed or removed."""

_BY_CODE = {
    50027: Fault.TOKEN, 10015: Fault.TOKEN, 10062: Fault.TOKEN,
    10008: Fault.MESSAGE,
    10003: Fault.CHANNEL,
    50001: Fault.ACCESS, 50013: Fault.ACCESS, 50007: Fault.ACCESS,
    50083: Fault.ACCESS, 160005: Fault.ACCESS, 10004: Fault.ACCESS,
    40005: Fault.SIZE,
    200000: Fault.WORDS, 200001: Fault.WORDS,
    30046: Fault.LATER, 40333: Fault.LATER,
}  # fmt: skip
# 401 without a code of its own: the bot's token was reset. No way is closed; the next start has another one.
_BY_STATUS = {401: Fault.LATER, 403: Fault.ACCESS, 404: Fault.MESSAGE, 413: Fault.SIZE, 429: Fault.LATER}


class RouteError(Exception):
    """A message could not be changed or sent by this route."""

    def __init__(self, fault: Fault, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.fault = fault
        self.retry_after = retry_after


def failure_of(error: Exception) -> RouteError:
    """Say what an exception of discord.py or of the network means."""
    if isinstance(error, discord.RateLimited):
        return RouteError(Fault.LATER, str(error), error.retry_after)
    if isinstance(error, discord.HTTPException):
        fault = _BY_CODE.get(error.code) or _BY_STATUS.get(error.status)
        if (error.status, error.code) == (403, 0):
            # Not Discord's own answer, which has a code: what guards it has blocked us for a while.
            fault = Fault.LATER
        if fault is None:
            fault = Fault.LATER if error.status >= 500 else Fault.REFUSED
        return RouteError(fault, f"{error.status} ({error.code}): {error.text}")
    return RouteError(Fault.LATER, f"{type(error).__name__}: {error}")


def is_bad_moment(error: BaseException) -> bool:
    """Whether Discord or the network failed for a moment: neither the person's mistake nor ours."""
    if isinstance(error, discord.HTTPException):
        return error.status == 429 or error.status >= 500
    return isinstance(error, discord.RateLimited | aiohttp.ClientError | ConnectionError | TimeoutError)
