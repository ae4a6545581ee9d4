"""What Discord's refusals mean: each by what can be done about it."""

from enum import StrEnum

import aiohttp
import discord


class DeliveryErrorKind(StrEnum):
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


GONE = frozenset({DeliveryErrorKind.MESSAGE, DeliveryErrorKind.CHANNEL})
"""Nothing is there any more that could be changed or removed."""

_BY_CODE = {
    50027: DeliveryErrorKind.TOKEN, 10015: DeliveryErrorKind.TOKEN, 10062: DeliveryErrorKind.TOKEN,
    10008: DeliveryErrorKind.MESSAGE,
    10003: DeliveryErrorKind.CHANNEL,
    50001: DeliveryErrorKind.ACCESS, 50013: DeliveryErrorKind.ACCESS, 50007: DeliveryErrorKind.ACCESS,
    50083: DeliveryErrorKind.ACCESS, 160005: DeliveryErrorKind.ACCESS, 10004: DeliveryErrorKind.ACCESS,
    40005: DeliveryErrorKind.SIZE,
    200000: DeliveryErrorKind.WORDS, 200001: DeliveryErrorKind.WORDS,
    30046: DeliveryErrorKind.LATER, 40333: DeliveryErrorKind.LATER,
}  # fmt: skip
# 401 without a code of its own: the bot's token was reset. No way is closed; the next start has another one.
_BY_STATUS = {
    401: DeliveryErrorKind.LATER,
    403: DeliveryErrorKind.ACCESS,
    404: DeliveryErrorKind.MESSAGE,
    413: DeliveryErrorKind.SIZE,
    429: DeliveryErrorKind.LATER,
}


class DeliveryError(Exception):
    """A message could not be changed or sent by this route."""

    def __init__(self, fault: DeliveryErrorKind, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.fault = fault
        self.retry_after = retry_after


def failure_of(error: Exception) -> DeliveryError:
    """Say what an exception of discord.py or of the network means."""
    if isinstance(error, discord.RateLimited):
        return DeliveryError(DeliveryErrorKind.LATER, str(error), error.retry_after)
    if isinstance(error, discord.HTTPException):
        fault = _BY_CODE.get(error.code) or _BY_STATUS.get(error.status)
        if (error.status, error.code) == (403, 0):
            # Not Discord's own answer, which has a code: what guards it has blocked us for a while.
            fault = DeliveryErrorKind.LATER
        if fault is None:
            fault = DeliveryErrorKind.LATER if error.status >= 500 else DeliveryErrorKind.REFUSED
        return DeliveryError(fault, f"{error.status} ({error.code}): {error.text}")
    return DeliveryError(DeliveryErrorKind.LATER, f"{type(error).__name__}: {error}")


def is_bad_moment(error: BaseException) -> bool:
    """Whether Discord or the network failed for a moment: neither the person's mistake nor ours."""
    if isinstance(error, discord.HTTPException):
        return error.status == 429 or error.status >= 500
    return isinstance(error, discord.RateLimited | aiohttp.ClientError | ConnectionError | TimeoutError)
