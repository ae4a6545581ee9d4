"""What somebody may do in the channels and threads of a guild, as Discord has it at this moment."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from typing import Any

import discord

from bot.discord_errors import DISCORD_ERRORS

log = logging.getLogger(__name__)

WITHIN = 1.5
"""Seconds Discord may take to tell of a thread or its members."""
MOST_ASKED = 25
"""So many unknown channels, and private threads, is Discord asked about for one look, the newest first."""
MOST_KNOWN = 2000
"""Threads that are remembered."""

Known = discord.abc.GuildChannel | discord.Thread
AGE_RESTRICTED = (
    discord.TextChannel,
    discord.VoiceChannel,
    discord.StageChannel,
    discord.ForumChannel,
    discord.Thread,
)
"""What Discord lets be age-restricted."""
NOTHING = discord.Permissions.none()


class Channels:
    """Answers for channels from what the gateway keeps current, and asks Discord about threads that it does not.

    Threads that were archived are fetched once and remembered: neither their kind nor their channel ever changes.
    Who is in a private thread is asked anew each time. Whatever cannot be told counts as not allowed.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._threads: dict[int, discord.Thread] = {}
        self._gone: set[int] = set()

    async def rights(self, member: discord.Member, channel_id: int) -> discord.Permissions:
        """Return somebody's permissions in a channel or thread of their guild; none where it is gone."""
        channel = self._near(member.guild, channel_id) or await self._fetched(member.guild, channel_id)
        return NOTHING if channel is None else _rights(member, channel)

    async def readable(self, member: discord.Member, channel_ids: Collection[int]) -> frozenset[int]:
        """Return those channels and threads of the guild whose messages somebody can read now.

        Of a private thread that takes being in it, whatever else a role allows.
        """
        guild = member.guild
        near = {each: self._near(guild, each) for each in channel_ids}
        open_ = {each for each, channel in near.items() if channel is not None and not _is_private(channel)}
        found = {each for each in open_ if reads(_rights(member, near[each]))}
        # What is unknown is looked up once; private threads, asked about each time, must not keep it from that.
        unknown = _newest(
            each for each, channel in near.items() if channel is None and each not in self._gone
        )
        private = _newest(each for each, channel in near.items() if channel is not None and each not in open_)
        asked = [*unknown, *private]
        answers = await asyncio.gather(*(self._reads(member, each, near[each]) for each in asked))
        return frozenset(found | {each for each, yes in zip(asked, answers, strict=True) if yes})

    def is_nsfw(self, guild: discord.Guild | None, channel_id: int) -> bool:
        """Whether a channel or thread is known to be age-restricted; nothing is asked of Discord for it."""
        channel = self._near(guild, channel_id) if guild is not None else None
        return isinstance(channel, AGE_RESTRICTED) and channel.is_nsfw()

    def _near(self, guild: discord.Guild, channel_id: int) -> Known | None:
        """Return a channel without asking Discord."""
        return guild.get_channel_or_thread(channel_id) or self._threads.get(channel_id)

    async def _reads(self, member: discord.Member, channel_id: int, channel: Known | None) -> bool:
        channel = channel or await self._fetched(member.guild, channel_id)
        if channel is None or not reads(_rights(member, channel)):
            return False
        if not isinstance(channel, discord.Thread) or not channel.is_private():
            return True
        try:
            async with asyncio.timeout(WITHIN):
                await channel.fetch_member(member.id)
        except discord.NotFound:
            return False
        except DISCORD_ERRORS as error:
            log.info("thread %s does not tell who is in it: %s", channel_id, error)
            return False
        return True

    async def _fetched(self, guild: discord.Guild, channel_id: int) -> Known | None:
        if channel_id in self._gone:
            return None
        try:
            async with asyncio.timeout(WITHIN):
                channel: Any = await self._client.fetch_channel(channel_id)
        except discord.NotFound:
            self._gone.add(channel_id)
            return None
        except DISCORD_ERRORS as error:
            log.info("channel %s cannot be looked up: %s", channel_id, error)
            return None
        if not isinstance(channel, Known) or channel.guild.id != guild.id:
            return None
        if isinstance(channel, discord.Thread):
            self._threads[channel_id] = channel
            if len(self._threads) > MOST_KNOWN:
                del self._threads[next(iter(self._threads))]
        return channel


def reads(rights: discord.Permissions) -> bool:
    """Whether these permissions let somebody see a channel and what was written there before."""
    return rights.view_channel and rights.read_message_history


def guild_rights(user: discord.User | discord.Member) -> discord.Permissions:
    """Return the permissions that somebody's roles give them on the whole guild, whatever a channel says."""
    return user.guild_permissions if isinstance(user, discord.Member) and _is_told(user.guild) else NOTHING


def _is_told(guild: discord.Guild) -> bool:
    """Whether the gateway has told of the guild and its roles."""
    return guild.get_role(guild.id) is not None


def _newest(channel_ids: Iterable[int]) -> list[int]:
    ordered = sorted(channel_ids, reverse=True)
    if len(ordered) > MOST_ASKED:
        log.info("%d channels too many to ask Discord about", len(ordered) - MOST_ASKED)
    return ordered[:MOST_ASKED]


def _is_private(channel: Known) -> bool:
    return isinstance(channel, discord.Thread) and channel.is_private()


def _rights(member: discord.Member, channel: Known | None) -> discord.Permissions:
    if channel is None or not _is_told(member.guild):
        return NOTHING
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return NOTHING
    return channel.permissions_for(member)
