"""The bot itself: typed services, extensions, and the presence line."""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from bot.channels import Channels
from bot.comfy import Fleet
from bot.discord_errors import DISCORD_ERRORS
from bot.jobs.departures import Departures
from bot.jobs.families import Families
from bot.jobs.files.content import ContentStore
from bot.jobs.model.job import Job, MessageRef
from bot.jobs.model.request import JobId
from bot.jobs.queue.presses import Presses
from bot.jobs.recognition import Recognition
from bot.jobs.service import JobService
from bot.policy.metadata import MetadataRules
from bot.policy.policy import Policy
from bot.presence import INTERVAL, presence, shared_language
from bot.readable import readable_data
from bot.reception import Decoder, Receiver
from bot.registration import Memory, Registration
from bot.runtime import Clock, Spawn
from bot.settings import ComfyUISettings, DiscordSettings, LimitSettings
from bot.users.export import Exports
from bot.users.form_drafts import Drafts
from bot.users.marks import MarkStore
from bot.users.profile import Profiles
from bot.workflows.library.library import Library

log = logging.getLogger(__name__)

EXTENSIONS = (
    "bot.ui.actions.controls",
    "cogs.cancel",
    "cogs.errors",
    "cogs.forms",
    "cogs.generate",
    "cogs.help.cog",
    "cogs.history.cog",
    "cogs.models.cog",
    "cogs.moderation",
    "cogs.nodes.cog",
    "cogs.own.cog",
    "cogs.message_menu.cog",
    "cogs.profile.cog",
    "cogs.queue.cog",
    "cogs.settings.cog",
    "cogs.status.cog",
    "cogs.upload.cog",
    "cogs.workflows.cog",
)

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    embed_links=True,
    read_message_history=True,
)
"""All the bot ever needs; nothing that could hurt a server."""

STALE = timedelta(seconds=2.7)
"""An interaction older than this cannot be answered any more: Discord forgets it after 3 seconds."""


RUNNING = frozenset({discord.TeamMemberRole.admin, discord.TeamMemberRole.developer})
"""What a member of the application's team must be to run the bot."""


def operators(team: discord.Team) -> set[int]:
    """Return who of a team may run the bot: its owner, and the admins and developers that took up the invitation."""
    accepted = discord.TeamMembershipState.accepted
    may = {each.id for each in team.members if each.membership_state is accepted and each.role in RUNNING}
    return may if team.owner_id is None else {*may, team.owner_id}


class Cards(Protocol):
    """What commands may ask of whatever shows jobs: only it edits a job's card."""

    def opened(self, job_id: JobId, message: MessageRef, *, drawn: bool) -> None:
        """Say where this job is shown, and whether the message shows its card already; progress may follow."""
        ...

    async def delete(self, job: Job, *, by: int) -> Job | None:
        """Delete a job so that it can be taken back for a minute; None, and nothing, where its card cannot say so."""
        ...

    async def delete_at_once(self, job: Job, *, by: int) -> None:
        """Delete a job for good."""
        ...

    async def undelete(self, job_id: JobId) -> Job:
        """Take back that a job was deleted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a command may use."""

    jobs: JobService
    library: Library
    fleet: Fleet
    families: Families
    departures: Departures
    exports: Exports
    policy: Policy
    metadata: MetadataRules
    content: ContentStore
    recognition: Recognition
    receiver: Receiver
    decoder: Decoder
    drafts: Drafts
    cards: Cards
    marks: MarkStore
    profiles: Profiles
    smaller: Callable[[Path, int], Awaitable[Path | None]]
    """Gives a version of an output of at most so many bytes, or None."""
    discord: DiscordSettings
    comfyui: ComfyUISettings
    limits: LimitSettings
    clock: Clock
    presses: Presses = field(default_factory=Presses)


class ComfyBot(commands.AutoShardedBot):
    """The Discord client. Needs no privileged intent and keeps no messages or members in memory."""

    services: Services

    def __init__(
        self,
        settings: DiscordSettings,
        *,
        spawn: Spawn,
        memory: Memory,
        clock: Clock,
        tree_cls: type[app_commands.CommandTree[Any]],
        translator: Callable[[], app_commands.Translator] | None = None,
        extensions: tuple[str, ...] = EXTENSIONS,
    ) -> None:
        shards: dict[str, Any] = {"shard_ids": list(settings.shard_ids)} if settings.shard_ids else {}
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=tree_cls,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            shard_count=settings.shard_count,
            max_ratelimit_timeout=60.0,
            **shards,
        )
        self.settings = settings
        self.spawn = spawn
        self.memory = memory
        self.channels = Channels(self)
        self.registration = Registration(self.tree, memory, clock=clock, dev_guild=settings.dev_guild)
        self._translator = translator
        self._extensions_to_load = extensions
        self.stopping = False
        """Set shortly before the end: nothing new is begun."""
        self._greeted = False
        self._began = False
        self._ages: deque[timedelta] = deque(maxlen=8)

    async def login(self, token: str) -> None:
        """Log in; see `discord.Client.login`."""
        self._began = True
        await super().login(token)

    async def close(self) -> None:
        """Close the connection; one that was never begun cannot be closed and needs not be."""
        if self._began:
            await super().close()

    async def setup_hook(self) -> None:
        """Load the extensions and register the commands where they changed; runs once, before the gateway."""
        self._began = True
        self._learn_owners()
        if self._translator is not None:
            await self.tree.set_translator(self._translator())
        for extension in self._extensions_to_load:
            # Not `load_extension`: it imports anew what is there, and no extension is ever loaded a second time.
            await import_module(extension).setup(self)
        if not await self.registration.attempt():
            self.registration.change()
        self.spawn(self.registration.keep(), name="command registration")
        self.spawn(self._show_presence(), name="presence")

    def _learn_owners(self) -> None:
        """Take owner and team from what logging in told, so that no command has to ask Discord for them."""
        application = self.application
        if application is None:
            return
        if application.team is not None:
            self.owner_ids = operators(application.team)
        else:
            self.owner_id = application.owner.id

    @property
    def invite_link(self) -> str:
        """The address under which an administrator adds the bot to a server."""
        return discord.utils.oauth_url(
            self.application_id or 0, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
        )

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Keep what is stored of a server the bot was added to again."""
        await self.services.departures.back(guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that the bot was removed; a server that is merely unavailable does not come here."""
        await self.services.departures.left(guild.id)

    async def on_ready(self) -> None:
        """Greet the operator once; Discord says ready again after every lost session."""
        if not self._greeted:
            self._greeted = True
            log.info("logged in as %s, in %d servers", self.user, len(self.guilds))
            log.info("invite link: %s", self.invite_link)
        await self.services.departures.seen([guild.id for guild in self.guilds])

    def is_stale(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether it is too late to answer, as for what is replayed after a lost connection.

        Measured against the youngest of the last ones, not against our clock: that may be seconds off Discord's.
        """
        age = discord.utils.utcnow() - interaction.created_at
        self._ages.append(age)
        return age - min(self._ages) > STALE

    def serves(self, guild_id: int | None) -> bool:
        """Whether the operator lets the bot work in this server."""
        return not self.settings.guilds or guild_id in self.settings.guilds

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Tell listeners of an event; what somebody typed or chose is made readable before anybody looks at it.

        Commands, controls and forms run in tasks of their own, which begin only after this.
        """
        if event_name == "interaction":
            interaction: discord.Interaction[Any] = args[0]
            interaction.data = readable_data(interaction.data)
        super().dispatch(event_name, *args, **kwargs)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what an event listener died of."""
        log.error("event %s failed", event_method, exc_info=sys.exc_info())

    def presence(self) -> str:
        """Return the line that shows the queue under the bot's name; one language serves everybody there."""
        lang = shared_language(guild.preferred_locale.value for guild in self.guilds)
        return presence(self.services.jobs.active(), lang)

    async def _show_presence(self) -> None:
        await self.wait_until_ready()
        shown = None
        while not self.is_closed():
            text = self.presence()
            if text != shown:
                try:
                    await self.change_presence(activity=discord.CustomActivity(name=text))
                    shown = text
                except DISCORD_ERRORS:
                    log.debug("presence not shown", exc_info=True)
            await asyncio.sleep(INTERVAL)
