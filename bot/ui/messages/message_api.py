"""The ways a message can be changed, sent, looked for and removed."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import discord

from bot.client import ComfyBot
from bot.discord_errors import DISCORD_ERRORS
from bot.jobs.model.job import MessageRef
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind, failure_of
from bot.ui.messages.media import Made, Upload

NOBODY = discord.AllowedMentions.none()
DEFAULT_LIMIT = 10 * 1024 * 1024
MOST_BY_TOKEN = 200 * 1024 * 1024
"""Larger files fail, whatever the interaction promises."""
SEARCHED = 100
"""So many of a channel's messages are searched for one of ours at a time."""


Call = Callable[[list[discord.File]], Awaitable[discord.Message]]


class _Original:
    """Names the answer to an interaction in an address; a plain string would arrive there escaped."""

    def __str__(self) -> str:
        return "@original"


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


class MessageApi:
    """Edits and sends messages; every failure is a `DeliveryError`, and nothing takes longer than it is given."""

    def __init__(self, bot: ComfyBot) -> None:
        self._bot = bot

    def limit(self, guild_id: int | None) -> int:
        """Return how large one file may be there, for messages of the bot."""
        guild = self._bot.get_guild(guild_id) if guild_id else None
        return guild.filesize_limit if guild is not None else DEFAULT_LIMIT

    def limit_by_token(self, ref: MessageRef, guild_id: int | None) -> int:
        """Return how large one file may be in an answer to an interaction, which may be more: its user's limit counts."""
        return min(MOST_BY_TOKEN, max(ref.size_limit or 0, self.limit(guild_id)))

    async def edit_by_token(
        self, ref: MessageRef, draft: Draft, *, seconds: float
    ) -> list[discord.Attachment]:
        """Edit the answer to an interaction by its token; returns the attachments it has now."""
        webhook = self._webhook(ref)
        return await self._do(
            lambda files: webhook.edit_message(
                _answer_id(ref), view=draft.view, attachments=[*draft.keep, *files], allowed_mentions=NOBODY
            ),
            draft,
            seconds,
        )

    async def edit_as_bot(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[discord.Attachment]:
        """Edit a message that is the bot's own; returns the attachments it has now."""
        message = self._own(ref)
        # Without content no allowances would be sent, and Discord would then read mentions out of the texts.
        return await self._do(
            lambda files: message.edit(
                view=draft.view, attachments=[*draft.keep, *files], allowed_mentions=NOBODY
            ),
            draft,
            seconds,
        )

    async def follow_up(self, ref: MessageRef, view: discord.ui.LayoutView, *, seconds: float) -> int:
        """Send a further answer to an interaction by its token; returns the message's id."""
        webhook = self._webhook(ref)
        with _translated():
            async with asyncio.timeout(seconds):
                message = await webhook.send(
                    view=view, ephemeral=ref.ephemeral, allowed_mentions=NOBODY, wait=True
                )
        return message.id

    async def find_own(
        self, channel_id: int, *custom_ids: str, seconds: float, sent_at: float | None = None
    ) -> tuple[int | None, bool]:
        """Look for a message of ours with one of these controls; returns its id, and whether none would be certain.

        It is looked for among a channel's newest messages, and around the moment it was sent at if that is known, in
        seconds since the epoch. Discord shows an empty channel to a bot that may not read its history.
        """
        seen, wanted = False, frozenset(custom_ids)
        moments = [None] if sent_at is None else [None, datetime.fromtimestamp(sent_at, UTC)]
        with _translated():
            async with asyncio.timeout(seconds):
                channel = self._bot.get_partial_messageable(channel_id)
                for moment in moments:
                    async for message in channel.history(limit=SEARCHED, around=moment):
                        seen = True
                        ours = self._bot.user is not None and message.author.id == self._bot.user.id
                        if ours and not wanted.isdisjoint(_custom_ids(message.components)):
                            return message.id, True
        return None, seen

    async def controls(self, ref: MessageRef, *, by_token: bool, seconds: float) -> frozenset[str]:
        """Return the ids of the controls that a message of ours has now."""
        with _translated():
            async with asyncio.timeout(seconds):
                if by_token:
                    message = await self._webhook(ref).fetch_message(_answer_id(ref))
                else:
                    message = await self._own(ref).fetch()
        return frozenset(_custom_ids(message.components))

    async def delete(self, ref: MessageRef, *, seconds: float, by_token: bool = False) -> None:
        """Remove a message of ours; what only one person sees is always removed by its token."""
        if ref.message_id is None:
            return
        with _translated():
            async with asyncio.timeout(seconds):
                if ref.ephemeral or by_token:
                    await self._webhook(ref).delete_message(ref.message_id)
                else:
                    await self._own(ref).delete()

    async def send(
        self, channel_id: int, view: discord.ui.LayoutView, *, nonce: str, mention: int | None, seconds: float
    ) -> int:
        """Send a message to a channel and return its id; the nonce keeps a repeated attempt from posting twice."""
        allowed = discord.AllowedMentions(
            users=[discord.Object(mention)] if mention else False,
            everyone=False,
            roles=False,
            replied_user=False,
        )
        channel = self._bot.get_partial_messageable(channel_id)
        with _translated():
            async with asyncio.timeout(seconds):
                message = await channel.send(view=view, nonce=nonce[:25], allowed_mentions=allowed)
        return message.id

    async def direct_channel(self, user_id: int, *, seconds: float) -> int:
        """Return the channel for direct messages to a person; nothing is sent yet."""
        with _translated():
            async with asyncio.timeout(seconds):
                return (await self._bot.create_dm(discord.Object(user_id))).id

    def _own(self, ref: MessageRef) -> discord.PartialMessage:
        if ref.message_id is None:
            raise DeliveryError(DeliveryErrorKind.MESSAGE, "no message is known")
        return self._bot.get_partial_messageable(ref.channel_id).get_partial_message(ref.message_id)

    def _webhook(self, ref: MessageRef) -> discord.Webhook:
        if ref.token is None:
            raise DeliveryError(DeliveryErrorKind.TOKEN, "no token is known")
        application = ref.application_id or self._bot.application_id or 0
        webhook = discord.Webhook.partial(application, ref.token, client=self._bot)
        webhook.type = discord.WebhookType.application
        return webhook

    async def _do(self, call: Call, draft: Draft, seconds: float) -> list[discord.Attachment]:
        try:
            files = draft.files()
        except OSError as error:
            # Our copy went away between preparing and sending: preparing once more finds out what is left.
            raise DeliveryError(DeliveryErrorKind.LATER, f"file gone: {error}") from error
        try:
            with _translated():
                async with asyncio.timeout(seconds):
                    message = await call(files)
        finally:
            for file in files:
                file.close()
        return list(message.attachments)


@contextmanager
def _translated() -> Generator[None]:
    """Turn whatever Discord or the network raises into a `DeliveryError`."""
    try:
        yield
    except DISCORD_ERRORS as error:
        raise failure_of(error) from error


def _answer_id(ref: MessageRef) -> int:
    """Return which answer to an interaction is meant; without an id that to the command itself, named in words."""
    return ref.message_id if ref.message_id is not None else cast("int", _Original())


def _custom_ids(components: Sequence[Any]) -> Iterator[str]:
    for component in components:
        yield str(getattr(component, "custom_id", ""))
        yield from _custom_ids(getattr(component, "children", ()))


def find_attachments(
    attachments: Sequence[discord.Attachment], uploads: Sequence[Upload]
) -> dict[Made | None, discord.Attachment]:
    """Match what Discord says is attached with what was asked for, by name; what is no output has no key of its own."""
    there = {attachment.filename: attachment for attachment in attachments}
    return {upload.made: there[upload.name] for upload in uploads if upload.name in there}


def sorted_out(
    uploads: Sequence[Upload], kept: Mapping[Made | None, discord.Attachment]
) -> tuple[tuple[discord.Attachment, ...], tuple[Upload, ...]]:
    """Return which attachments stay, for they are what is to be shown under their names, and what is to be added."""
    stay = {
        upload.name: kept[upload.made]
        for upload in uploads
        if upload.made in kept and kept[upload.made].filename == upload.name
    }
    return tuple(stay.values()), tuple(upload for upload in uploads if upload.name not in stay)
