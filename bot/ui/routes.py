"""The ways a message can be changed or sent, and what Discord's refusals mean for them."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import aiohttp
import discord

from bot.client import ComfyBot
from bot.jobs.job import MessageRef
from bot.ui.media import Upload

NOBODY = discord.AllowedMentions.none()
DEFAULT_LIMIT = 10 * 1024 * 1024


class Fault(StrEnum):
    """Why a message could not be changed or sent, by what can be done about it."""

    TOKEN = "token"
    """The interaction's token is dead: take another route."""
    MESSAGE = "message"
    """The message is gone: a new one is needed."""
    ACCESS = "access"
    """This place is closed to the bot: take another place."""
    SIZE = "size"
    """Too large: make it smaller."""
    WORDS = "words"
    """The server's own filter stopped the words: leave them out."""
    LATER = "later"
    """Discord or the network has a bad moment: try again."""
    REFUSED = "refused"
    """Discord does not accept this at all."""


_BY_CODE = {
    50027: Fault.TOKEN, 10015: Fault.TOKEN, 10062: Fault.TOKEN,
    10008: Fault.MESSAGE,
    10003: Fault.ACCESS, 50001: Fault.ACCESS, 50013: Fault.ACCESS, 50007: Fault.ACCESS,
    50083: Fault.ACCESS, 160005: Fault.ACCESS, 10004: Fault.ACCESS,
    40005: Fault.SIZE,
    200000: Fault.WORDS, 200001: Fault.WORDS,
    30046: Fault.LATER,
}  # fmt: skip
_BY_STATUS = {401: Fault.TOKEN, 403: Fault.ACCESS, 404: Fault.MESSAGE, 413: Fault.SIZE, 429: Fault.LATER}


Call = Callable[[list[discord.File]], Awaitable[discord.Message]]


class _Original:
    """Names the answer to an interaction in an address; a plain string would arrive there escaped."""

    def __str__(self) -> str:
        return "@original"


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
        if fault is None:
            fault = Fault.LATER if error.status >= 500 else Fault.REFUSED
        return RouteError(fault, f"{error.status} ({error.code}): {error.text}")
    return RouteError(Fault.LATER, f"{type(error).__name__}: {error}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be: its layout, the attachments to keep, and the files to add."""

    view: discord.ui.LayoutView
    keep: tuple[discord.Attachment, ...] = ()
    uploads: tuple[Upload, ...] = ()

    def files(self) -> list[discord.File]:
        """Open the files; each can be sent once, so every attempt opens them anew."""
        return [
            discord.File(
                io.BytesIO(upload.source) if isinstance(upload.source, bytes) else upload.source,
                filename=upload.name,
                description=upload.alt,
            )
            for upload in self.uploads
        ]


class Routes:
    """Edits and sends messages; every failure is a `RouteError`, and nothing takes longer than it is given."""

    def __init__(self, bot: ComfyBot) -> None:
        self._bot = bot

    def limit(self, guild_id: int | None) -> int:
        """Return how large one file may be there, for messages of the bot."""
        guild = self._bot.get_guild(guild_id) if guild_id else None
        return guild.filesize_limit if guild is not None else DEFAULT_LIMIT

    async def edit_by_token(
        self, ref: MessageRef, draft: Draft, *, seconds: float
    ) -> list[discord.Attachment]:
        """Edit the answer to an interaction by its token; returns the attachments it has now."""
        webhook = self._webhook(ref)
        # Without an id the answer to the command itself is meant, which the address names in words.
        message_id = ref.message_id if ref.message_id is not None else cast("int", _Original())
        return await self._do(
            lambda files: webhook.edit_message(
                message_id, view=draft.view, attachments=[*draft.keep, *files], allowed_mentions=NOBODY
            ),
            draft,
            seconds,
        )

    async def edit_as_bot(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[discord.Attachment]:
        """Edit a message that is the bot's own; returns the attachments it has now."""
        if ref.message_id is None:
            raise RouteError(Fault.MESSAGE, "no message is known")
        message = self._bot.get_partial_messageable(ref.channel_id).get_partial_message(ref.message_id)
        # Without content no allowances would be sent, and Discord would then read mentions out of the texts.
        return await self._do(
            lambda files: message.edit(
                view=draft.view, attachments=[*draft.keep, *files], allowed_mentions=NOBODY
            ),
            draft,
            seconds,
        )

    async def follow_up(self, ref: MessageRef, draft: Draft, *, seconds: float) -> None:
        """Send a further answer to an interaction by its token."""
        webhook = self._webhook(ref)
        await self._do(
            lambda files: webhook.send(
                view=draft.view, files=files, ephemeral=ref.ephemeral, allowed_mentions=NOBODY, wait=True
            ),
            draft,
            seconds,
        )

    async def send(
        self, channel_id: int, draft: Draft, *, nonce: str, mention: int | None, seconds: float
    ) -> discord.Message:
        """Send a message to a channel; the nonce keeps a repeated attempt from posting twice."""
        channel = self._bot.get_partial_messageable(channel_id)
        return await self._send(channel, draft, nonce=nonce, mention=mention, seconds=seconds)

    async def send_direct(self, user_id: int, draft: Draft, *, nonce: str, seconds: float) -> discord.Message:
        """Send a direct message."""
        try:
            async with asyncio.timeout(seconds):
                channel = await self._bot.create_dm(discord.Object(user_id))
        except (discord.DiscordException, OSError, TimeoutError, aiohttp.ClientError) as error:
            raise failure_of(error) from error
        return await self._send(channel, draft, nonce=nonce, mention=None, seconds=seconds)

    async def _send(
        self,
        channel: discord.abc.Messageable,
        draft: Draft,
        *,
        nonce: str,
        mention: int | None,
        seconds: float,
    ) -> discord.Message:
        allowed = discord.AllowedMentions(
            users=[discord.Object(mention)] if mention else False,
            everyone=False,
            roles=False,
            replied_user=False,
        )
        try:
            async with asyncio.timeout(seconds):
                return await channel.send(
                    view=draft.view, files=draft.files(), nonce=nonce[:25], allowed_mentions=allowed
                )
        except (discord.DiscordException, OSError, TimeoutError, aiohttp.ClientError) as error:
            raise failure_of(error) from error

    def _webhook(self, ref: MessageRef) -> discord.Webhook:
        if ref.token is None:
            raise RouteError(Fault.TOKEN, "no token is known")
        application = ref.application_id or self._bot.application_id or 0
        webhook = discord.Webhook.partial(application, ref.token, client=self._bot)
        webhook.type = discord.WebhookType.application
        return webhook

    async def _do(self, call: Call, draft: Draft, seconds: float) -> list[discord.Attachment]:
        try:
            files = draft.files()
        except OSError as error:
            # Our copy went away between preparing and sending: preparing once more finds out what is left.
            raise RouteError(Fault.SIZE, f"file gone: {error}") from error
        try:
            async with asyncio.timeout(seconds):
                message = await call(files)
        except (discord.DiscordException, OSError, TimeoutError, aiohttp.ClientError) as error:
            raise failure_of(error) from error
        finally:
            for file in files:
                file.close()
        return list(message.attachments)


def find_attachments(
    attachments: Sequence[discord.Attachment], names: Sequence[str]
) -> dict[str, discord.Attachment]:
    """Match what Discord says is attached with what was asked for, by name."""
    wanted = set(names)
    return {attachment.filename: attachment for attachment in attachments if attachment.filename in wanted}
