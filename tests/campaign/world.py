"""The bot with its cogs in a simulated Discord, in hasty time: people press and type without waiting for it."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import discord
from simcord import _dpy_internals, interactions
from simcord.backend import serializers
from simcord.gateway import ShardRouter
from simcord.http.client import FakeHTTPClient, FakeWebhookAdapter

from bot.app import App, build
from bot.demo.comfyui import StandIn
from bot.errors import ConfigError
from bot.settings import ComfyUISettings, DiscordSettings, LimitSettings, Settings, WorkflowSettings
from bot.store import instance_lock
from bot.ui.messages.pacing import Pace
from tests.campaign import haste
from tests.campaign.doom import Doom
from tests.campaign.life import Life
from tests.campaign.messages import buttons
from tests.campaign.seams import Seams
from tests.faults import NO_ACCESS, DiscordFaults

ROOT = Path(__file__).parents[2]
LIMITS = LimitSettings(jobs_per_user=60, queue=600, wait=10**7, count=12, stall=40, job_timeout=150)
PACE = Pace(rest=(20.0, 40.0), given_up=150.0, belated=8.0, undo=20.0)
PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank")


def settings_for(folder: Path, comfyui: str) -> Settings:
    """Return the settings of every bot of a campaign."""
    return Settings(
        discord=DiscordSettings(shard_count=1),
        comfyui=ComfyUISettings(urls=(comfyui,)),
        data_dir=folder / "data",
        workflows=WorkflowSettings(dir=ROOT / "workflows"),
        limits=LIMITS,
    )


class World:
    """One Discord server, its people, one ComfyUI, and the bot in its present life."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.folder = folder
        self.dice = dice
        self.clock = haste.HastyClock()
        self.backend = haste.backend(self.clock)
        self.faults = DiscordFaults()
        self.doom = Doom()
        self.comfyui = StandIn(folder / "comfyui", step_seconds=0.0, restart_seconds=0.05)
        self.lives = 0
        self.failures: list[BaseException] = []
        self.deleted_channels: list[int] = []
        self.deleted_cards: dict[str, int] = {}
        """Unfinished jobs whose card somebody deleted, and an id that only later messages are above."""
        self.touched: set[int] = set()
        self.removed: set[str] = set()
        self.grown: set[str] = set()
        self.away = False
        """Whether the bot is not in the server at present."""
        self.life = Life()
        self.app: App | None = None
        self._stack = AsyncExitStack()
        self._feed: Callable[[str, Any], None] | None = None
        seams = Seams(self.doom)
        self.faults.before = seams.before_call
        self.faults.behind = seams.after_call
        seams.watch_posts(self.comfyui)
        self._seams = seams

    def furnish(self) -> None:
        """Make the server, its channels and its people."""
        self.guild = self.backend.create_guild("community")
        self.channels = [self.new_channel(f"art-{number}") for number in range(3)]
        rights = discord.Permissions(manage_messages=True)
        mods = self.backend.create_role(self.guild.id, "mods", permissions=rights.value)
        self.people = [self.backend.make_user(name) for name in PEOPLE]
        self.mod = self.backend.make_user("mod")
        for user in (*self.people, self.mod):
            self.backend.add_member(self.guild.id, user.id)
        self.backend.add_member_role(self.guild.id, self.mod.id, mods.id)

    def new_channel(self, name: str) -> int:
        """Open a channel; returns its id."""
        return self.backend.create_channel(self.guild.id, name).id

    async def start(self) -> None:
        """Begin a new life of the bot on the same data."""
        self.lives += 1
        _dpy_internals.set_webhook_adapter(FakeWebhookAdapter(self.backend))
        self.life = Life()
        await self.life.spawn(self._start(), name="start")

    async def _start(self) -> None:
        self._stack = AsyncExitStack()
        await self._stack.enter_async_context(instance_lock(self.settings().database_url))
        app = await self._stack.enter_async_context(
            build(self.settings(), spawn=self.life.spawn, clock=self.clock, pace=PACE, watch=False)
        )
        bot = app.bot
        self._seams.watch_commits(app)
        _dpy_internals.install_http(bot, FakeHTTPClient(self.backend, asyncio.get_running_loop()))
        _dpy_internals.set_guild_ready_timeout(bot, 0.0)
        state = _dpy_internals.get_state(bot)
        state.shard_count, state.shard_ids = 1, [0]
        router = ShardRouter(self.backend, state, bot.dispatch, 1, (0,))
        await bot.login("simulated")
        _dpy_internals.install_shards(bot, router.shards)
        router.identify(0)
        if not self.away:
            router.feed("GUILD_CREATE", serializers.guild_create_payload(self.backend, self.guild))
        self._feed = router.feed
        life = self.life
        self.backend.subscribers[:] = [lambda event, payload: life.call(router.feed, event, payload)]
        await app.start()
        self.app = app

    async def start_second(self) -> None:
        """Start another process on the same data by mistake; it must be refused."""
        try:
            async with instance_lock(self.settings().database_url, patience=0.0):
                self.failures.append(AssertionError("a second process was let in"))
        except ConfigError:
            return

    def reconnect(self) -> None:
        """Let the gateway lose its session: everything is announced anew, and the bot gets ready once more."""
        ready = {
            "v": 10, "user": dict(serializers.user_payload(self.backend.bot_user)), "guilds": [],
            "session_id": "again", "resume_gateway_url": "wss://simulated.invalid", "shard": [0, 1],
            "application": {"id": str(self.backend.application_id), "flags": 0},
        }  # fmt: skip
        self._tell("READY", ready)
        if not self.away:
            self._tell("GUILD_CREATE", serializers.guild_create_payload(self.backend, self.guild))

    def leave(self) -> None:
        """Throw the bot out of the server: all its channels are closed to it, and nobody can reach it there."""
        self.away = True
        self.touched.update(self.channels)
        self.faults.channels.update(dict.fromkeys(self.channels, NO_ACCESS))
        self._tell("GUILD_DELETE", {"id": str(self.guild.id)})

    def join(self) -> None:
        """Let the bot into the server again."""
        self.away = False
        self.faults.channels.clear()
        self._tell("GUILD_CREATE", serializers.guild_create_payload(self.backend, self.guild))

    def _tell(self, event: str, payload: Any) -> None:
        if self._feed is not None:
            self.life.call(self._feed, event, payload)

    async def crash(self) -> None:
        """Cut off everything the bot does, without any clean-up."""
        self.backend.subscribers.clear()
        self._feed = None
        await self.life.cut_off()
        await self._stack.aclose()
        self.failures += self.life.failures
        self.doom.disarm()
        self.app = None

    async def stop(self) -> None:
        """Let the bot go as SIGTERM does: it brings what is on its way to rest first."""
        if self.app is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await self.life.spawn(self.app.jobs.drain(), name="drain")
        await self.crash()

    def settings(self) -> Settings:
        """Return the settings of every life."""
        return settings_for(self.folder, self.url)

    @property
    def url(self) -> str:
        """The address of ComfyUI."""
        return self.comfyui.url

    @property
    def up(self) -> bool:
        """Whether the bot hears what people do."""
        return self.app is not None

    def unfinished(self) -> list[int]:
        """Return the numbers of the jobs that have not ended."""
        return [job.number for job in self.app.jobs.active()] if self.app is not None else []

    async def at_rest(self) -> bool:
        """Return whether no job is under way, no card is to be changed, and nothing has to be cleared up."""
        assert self.app is not None
        clearing_up = any(task.get_name().startswith("leftover ") for task in self.life.tasks)
        return not (self.app.jobs.active() or self.app.delivery.showing or clearing_up)

    # What people do

    def type(self, user: Any, channel_id: int, name: str, **options: Any) -> str | None:
        """Use a command; returns the interaction's token, or None where nobody hears."""
        spec = self.backend.commands.get(None, {}).get((name, 1))
        if spec is None or not self.up or self.away or channel_id not in self.backend.channels:
            return None
        known = {option["name"]: option["type"] for option in spec.get("options", [])}
        resolved: dict[str, Any] = {}
        given = [{"name": key, "type": known[key], "value": value} for key, value in options.items()]
        for option in given:
            if option["type"] == 11:
                option["value"] = interactions.store_interaction_attachment(
                    self.backend, channel_id, "picture.png", option["value"], resolved
                )
        data = {"id": spec["id"], "name": name, "type": 1, "options": given}
        return self._send(2, user, channel_id, data | ({"resolved": resolved} if resolved else {}))

    def press(self, user: Any, message: Any, custom_id: str) -> str | None:
        """Press a button."""
        if not self.up or (self.away and message.channel_id in self.channels):
            return None
        extra = {"message": dict(serializers.message_payload(self.backend, message))}
        data = {"custom_id": custom_id, "component_type": 2}
        return self._send(3, user, message.channel_id, data, extra, message.id)

    def _send(
        self, kind: int, user: Any, channel_id: int, data: Any, extra: Any = None, source: int | None = None
    ) -> str:
        channel = self.backend.channels[channel_id]
        record, payload = interactions.base_payload(
            self.backend, type=kind, channel_id=channel_id, guild_id=channel.guild_id, user_id=user.id,
            data=data,
        )  # fmt: skip
        payload["attachment_size_limit"] = 10 * 1024 * 1024
        payload.update(extra or {})
        record.source_message_id = source
        self.backend.emit("INTERACTION_CREATE", payload)
        return record.token

    def cards(self, user: Any) -> list[tuple[Any, list[str]]]:
        """Return the messages a person sees that have buttons, each with its buttons."""
        places = (*self.channels, self.backend.dm_channels.get(user.id, 0))
        newest = [
            message
            for place in places
            for message in list(self.backend.messages.get(place, {}).values())[-20:]
        ]
        return [
            (message, ids)
            for message in newest
            if message.visible_to(user.id) and (ids := buttons(message.components))
        ]
