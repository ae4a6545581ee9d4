"""The simulated Discord of the playground: in real time, with a channel, members, and word of every change.

SimCord is made for tests: it owns the bot's tasks, waits until they rest before it goes on, and its clock stands
still. A playground wants the opposite. Ownership is a context variable set in one place, `Env._bot_scope`; without
it no task, timer or thread of the bot is SimCord's, so the bot runs as in production and no action ever waits for
a job. `time_context` remains: it leads interaction tokens and discord.py's own clock to the simulated Discord.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import discord
import simcord
from discord.ext import commands
from simcord.backend.models import Interaction, Message
from simcord.backend.state import Backend
from simcord.http import FakeWebhookAdapter

from bot.demo.playground.media import LiveCdn

_FIRST_ID = 347_155_200_000 << 22  # the beginning of 2026, in Discord's milliseconds
_RECORDS_KEPT = 200
_INTERACTIONS_KEPT = 2000


class RealClock:
    """The clock SimCord asks, showing the real time; nobody can advance it."""

    elapsed = 0.0

    def now(self) -> datetime:
        """Return the present."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Do nothing: real time passes by itself."""


class AwaitedInteraction(Interaction):
    """An interaction whose first answer can be waited for, and the words of its command with subcommands.

    `slash` tells a command that was typed from one in a message's menu.
    """

    def __init__(self, record: Interaction) -> None:
        self.answered = asyncio.Event()
        self.path: str | None = None
        self.slash = True
        super().__init__(**{item.name: getattr(record, item.name) for item in fields(record)})

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "responded" and value:
            self.answered.set()


class LiveBackend(Backend):
    """SimCord's Discord that tells which message changed and does not grow without bound."""

    def __init__(self, changed: Callable[[int, int], None], registered: Callable[[], None]) -> None:
        self.settling: Iterator[int] | None = itertools.count(_FIRST_ID)
        clock: Any = RealClock()
        super().__init__(clock=clock)
        self.cdn: LiveCdn = LiveCdn()
        self.latest: AwaitedInteraction | None = None
        self._changed = changed
        self._registered = registered
        records: Any = deque[Any](maxlen=_RECORDS_KEPT)
        self.transcript = records
        self.http_requests = records.copy()

    def snowflake(self) -> int:
        """Return a new id; while the world is being made, the same ones each time, so that kept data stays theirs."""
        if self.settling is None:
            return super().snowflake()
        return self.reserve_id(next(self.settling))

    def register_commands(self, guild_id: int | None, payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        commands = super().register_commands(guild_id, payloads)
        self._registered()
        return commands

    def commit_message(self, message: Message, *, broadcast: bool = True) -> Message:
        committed = super().commit_message(message, broadcast=broadcast)
        self._changed(message.channel_id, message.id)
        return committed

    def edit_message(self, channel_id: int, message_id: int, fields: dict[str, Any]) -> Message:
        before = {str(item["url"]) for item in self.get_message(channel_id, message_id).attachments}
        message = super().edit_message(channel_id, message_id, fields)
        self.cdn.replaced(before - {str(item["url"]) for item in message.attachments})
        self._changed(channel_id, message_id)
        return message

    def delete_message(self, channel_id: int, message_id: int) -> None:
        attachments = self.get_message(channel_id, message_id).attachments
        super().delete_message(channel_id, message_id)
        self.cdn.replaced({str(item["url"]) for item in attachments})
        self._changed(channel_id, message_id)

    def bulk_delete_messages(self, channel_id: int, message_ids: Iterable[int]) -> list[int]:
        deleted = super().bulk_delete_messages(channel_id, message_ids)
        for message_id in deleted:
            self._changed(channel_id, message_id)
        return deleted

    def new_interaction(self, type: int, channel_id: int, user_id: int, guild_id: int | None) -> Interaction:
        record = AwaitedInteraction(super().new_interaction(type, channel_id, user_id, guild_id))
        self.interactions[record.id] = self.latest = record
        while len(self.interactions) > _INTERACTIONS_KEPT:
            old = self.interactions.pop(next(iter(self.interactions)))
            self.interaction_tokens.pop(old.token, None)
        return record


class LiveEnv(simcord.Env):
    """A SimCord environment that owns nothing of its bot."""

    def __init__(self, bot: commands.AutoShardedBot, backend: LiveBackend) -> None:
        super().__init__(bot)
        self.backend = backend

    @property
    def webhooks(self) -> FakeWebhookAdapter:
        """Where interaction tokens lead; only while started."""
        return self._webhook_adapter

    @contextmanager
    def _bot_scope(self) -> Generator[None]:
        with self.time_context():
            yield


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody the person at the page can be."""

    actor: simcord.MemberActor
    part: str
    """What this member is: `member`, `moderator` or `operator`."""


class World:
    """One server with two channels and four members, and the bot in it."""

    def __init__(
        self,
        bot: commands.AutoShardedBot,
        changed: Callable[[int, int], None],
        registered: Callable[[], None],
        name: str,
    ) -> None:
        self.bot = bot
        self.backend = LiveBackend(changed, registered)
        self.backend.bot_user.name = name
        self.env = LiveEnv(bot, self.backend)
        olga = self.env.create_user("olga", global_name="Olga")
        self.guild = self.env.create_guild("Playground", id=_FIRST_ID - 1, owner=olga)
        moderators = self.guild.create_role(
            "Moderator",
            permissions=discord.Permissions(
                manage_messages=True, moderate_members=True, kick_members=True, ban_members=True
            ),
        )
        operators = self.guild.create_role("Operator", permissions=discord.Permissions(administrator=True))
        self.channel = self.guild.create_text_channel("pictures", topic="/generate")
        self.nsfw = self.guild.create_text_channel("after-dark", topic="18+")
        self.channels = {channel.id: channel for channel in (self.channel, self.nsfw)}
        mo = self.env.create_user("mo", global_name="Mo")
        members = [self.env.create_user(name.lower(), global_name=name) for name in ("Alice", "Bob")]
        people = [
            *(Persona(self.guild.add_member(member), "member") for member in members),
            Persona(self.guild.add_member(mo, roles=[moderators]), "moderator"),
            Persona(simcord.MemberActor(self.env, self.guild, olga), "operator"),
        ]
        self.backend.get_guild(self.guild.id).members[olga.id].role_ids.append(operators.id)
        self.personas = {persona.actor.id: persona for persona in people}
        self.operator_id = olga.id
        self.backend.settling = None

    async def start(self) -> None:
        """Log the bot in, in this world; what its `setup_hook` raises is raised here."""
        await self.env.start()

    async def stop(self) -> None:
        """Take the bot out of the world; the bot itself is closed by whoever made it."""
        await self.env.shutdown()
