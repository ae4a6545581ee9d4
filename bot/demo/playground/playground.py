"""Starts one bot in a simulated Discord in real time and serves the page to use it."""

from collections.abc import Mapping
from contextlib import ExitStack

from aiohttp import web
from discord.ext import commands
from simcord.backend import serializers

from bot.demo.playground.acting import Stage
from bot.demo.playground.feed import Feed
from bot.demo.playground.patches import patched
from bot.demo.playground.server import PlaygroundServer
from bot.demo.playground.world import World


class Playground:
    """A simulated Discord with one bot in it, and its page.

    The bot runs as in production: its tasks, timers and clock are the real ones, so it needs no special `Spawn`.
    It must be an `AutoShardedBot` with `shard_count=1` and must not have been logged in. Whoever made the bot
    closes it, after `stop`.
    """

    def __init__(self, *, notice: Mapping[str, str] | str = "", bot_name: str = "ComfyBot") -> None:
        self._notices = {"en-US": notice} if isinstance(notice, str) else dict(notice)
        self._bot_name = bot_name
        self._feed = Feed()
        self._world: World | None = None
        self._runner: web.AppRunner | None = None
        self._patches = ExitStack()

    async def start(self, bot: commands.AutoShardedBot, host: str = "127.0.0.1", port: int = 8080) -> str:
        """Log the bot in and serve the page; return its address.

        Port 0 takes a free one. Raises what the bot's `setup_hook` raises, and OSError when the port is taken;
        nothing is left running then.
        """
        world = World(bot, self._feed.changed, self._feed.commands_changed, self._bot_name)
        owner = serializers.user_payload(world.backend.get_user(world.operator_id))
        self._patches.enter_context(
            patched(
                frozenset({world.nsfw.id}),
                dict(owner),
                lambda: world.env.webhooks,
                self._feed.presence_changed,
            )
        )
        self._world = world
        try:
            await world.start()
            server = PlaygroundServer(world, Stage(world), self._feed, self._notices)
            self._runner = web.AppRunner(server.app(host), access_log=None, shutdown_timeout=1)
            await self._runner.setup()
            await web.TCPSite(self._runner, host, port).start()
        except BaseException:
            await self.stop()
            raise
        bound = self._runner.addresses[0]
        return f"http://{f'[{host}]' if ':' in host else host}:{bound[1]}"

    @property
    def guild_id(self) -> int:
        """The simulated server's id; only while started."""
        if self._world is None:
            raise RuntimeError("the playground has not been started")
        return self._world.guild.id

    async def stop(self) -> None:
        """Close the page, take the bot out of the simulated Discord, put SimCord back; a second call does nothing."""
        self._feed.close()
        runner, self._runner = self._runner, None
        world, self._world = self._world, None
        if runner is not None:
            await runner.cleanup()
        if world is not None:
            await world.stop()
        self._patches.close()
