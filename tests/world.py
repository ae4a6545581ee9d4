"""The real bot with real services in a simulated Discord, on a stand-in ComfyUI over real sockets."""

import asyncio
import functools
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import discord
import pytest
import simcord
import simcord.actors
import simcord.http.client
from simcord.backend.cdn import CDN_BASE
from simcord.components import walk_components

from bot.app import App, build
from bot.demo.comfyui import StandIn
from bot.demo.simulated import OutsideTasks
from bot.jobs.execution.run_monitor import Pace as JobPace
from bot.registration import RegistrationPace
from bot.settings import ComfyUISettings, DiscordSettings, LimitSettings, Settings, WorkflowSettings
from bot.ui.messages.pacing import Pace
from tests.blocking import notice
from tests.migrated import lay_database
from tests.schemas import problems
from tests.steps import watch_steps

ROOT = Path(__file__).parents[1]
PACE = Pace(first=0.02, gap=0.02, retry=(0.05, 0.1), grace=0.5, opening=2.0, belated=0.1)
JOB_PACE = JobPace(poll=0.2, haste=0.02, second_look=0.1)
REGISTRATION = RegistrationPace(quiet=0.01, gap=0.01, again=0.05)
PATIENCE = 40.0
SETTLE_SECONDS = 0.005
"""How often the simulation looks whether the bot has come to rest, in place of every 50 ms."""


class World:
    """A server with a channel, two members and a moderator; the bot in it can crash and come back."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.locales: dict[int, str] = {}
        self.unlawful: list[str] = []
        """What was sent to Discord although its own description does not allow it."""
        self.blocking: list[str] = []
        """Where the bot held up the event loop with what belongs into a thread."""
        self.slow: list[str] = []
        """Steps of the bot that used its thread for too long."""
        self.comfyui = StandIn(folder / "comfyui", step_seconds=0.005)
        self.limits = LimitSettings()
        self.size_limit = 10 * 1024 * 1024
        """Bytes that an answer to an interaction may have in one file."""
        self.public_url: str | None = None
        self.guilds: tuple[int, ...] = ()
        self.dev_guild: int | None = None
        self.pace = PACE
        self.job_pace = JOB_PACE
        self.workflows = ROOT / "workflows"
        """The folder the bot reads workflows from; one of its own for tests that write there."""
        self._stack = AsyncExitStack()
        self._patch(monkeypatch)

    app: App
    env: simcord.Env
    # What an action brings is whatever the test says it must be: checked by running, not by types.
    alice: Any
    bob: Any
    mod: Any
    outside: OutsideTasks

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(lay_database, self.folder / "data")
        await self._stack.enter_async_context(self.comfyui)
        await self._build()
        self.env = simcord.Env(self.app.bot, settle_timeout=12.0)
        self.outside.attach(self.env)
        await self.env.start()
        self.guild = self.env.create_guild()
        self.channel = self.guild.create_text_channel("art")
        self.alice = self.guild.add_member(self.env.create_user("alice"))
        self.bob = self.guild.add_member(self.env.create_user("bob"))
        rights = discord.Permissions(manage_messages=True)
        self.mod = self.guild.add_member(
            self.env.create_user("mod"), roles=[self.guild.create_role("mods", permissions=rights)]
        )
        await self.app.start()
        await self.until(lambda: self.app.library.default().enabled)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.outside.close()
        await self.app.bot.close()
        await self.env.shutdown()
        await self._stack.aclose()
        assert self.unlawful == [], self.unlawful
        assert self.blocking == [], self.blocking
        assert self.slow == [], self.slow

    async def _build(self) -> None:
        self.outside = OutsideTasks()
        self.app = await self._stack.enter_async_context(
            build(
                self.settings(),
                spawn=self.outside.spawn,
                pace=self.pace,
                job_pace=self.job_pace,
                watch=False,
            )
        )

        self.app.bot.registration.pace = REGISTRATION

    def settings(self) -> Settings:
        return Settings(
            discord=DiscordSettings(shard_count=1, guilds=self.guilds, dev_guild=self.dev_guild),
            comfyui=ComfyUISettings(urls=(self.comfyui.url,), public_url=self.public_url),
            data_dir=self.folder / "data",
            workflows=WorkflowSettings(dir=self.workflows),
            limits=self.limits,
        )

    async def crash(self) -> None:
        """Cut off everything the bot was doing, without any clean-up."""
        await self.outside.close()
        # With a real process its locks on the database would be gone too.
        await self.app.database.close()

    async def come_back(self) -> None:
        """Start a new bot on the same data in the same Discord."""
        await self._build()
        self.outside.attach(self.env)
        await self.env.restart_bot(self.app.bot)
        await self.app.start()
        await self.until(lambda: self.app.library.default().enabled)

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait for something to become true; fail with what it was if it never does."""
        deadline = time.perf_counter() + seconds
        while not (found := condition()):
            assert time.perf_counter() < deadline, "waited in vain"
            assert not self.outside.failures, self.outside.failures
            await asyncio.sleep(0.01)
        return found

    def commands(self, guild_id: int | None = None) -> dict[str, dict[str, Any]]:
        """Return the commands Discord knows, by name: those for all servers, or those of one."""
        return {str(each["name"]): each for each in self.env.backend.commands.get(guild_id, {}).values()}

    def text(self, message: Any) -> str:
        """Return all texts of a message, as a person reads them; the newest state of it."""
        stored = self.stored(message)
        if stored is None:
            return ""
        parts = [stored.content]
        for component in walk_components(stored.components):
            parts += [str(component[key]) for key in ("content", "label") if component.get(key)]
        return "\n".join(parts)

    def stored(self, message: Any) -> Any:
        return self.env.backend.messages.get(message.channel_id, {}).get(message.id)

    def buttons(self, message: Any) -> dict[str, dict[str, Any]]:
        """Return the buttons of a message by their label."""
        stored = self.stored(message)
        return {
            component["label"]: component
            for component in walk_components(stored.components)
            if component.get("type") == 2
        }

    def gallery(self, message: Any) -> list[str]:
        """Return the addresses of the pictures a message shows."""
        stored = self.stored(message)
        return [
            str(item["media"]["url"])
            for component in walk_components(stored.components)
            if component.get("type") == 12
            for item in component["items"]
        ]

    def files(self, message: Any) -> dict[str, bytes]:
        """Return what is attached to a message, by name."""
        return {
            item["filename"]: self.env.backend.cdn.get(item["url"]) or b""
            for item in self.stored(message).attachments
        }

    def messages(self) -> list[Any]:
        """Return what stands in the channel, oldest first."""
        return list(self.env.backend.messages.get(self.channel.id, {}).values())

    async def generate(self, who: Any = None, **options: Any) -> Any:
        """Use the command; return the message that answers. Small and quick, unless the test says how large."""
        if not {"image", "workflow", "width", "aspect"} & options.keys():
            options |= {"width": 64, "height": 64}
        if "workflow" not in options and "steps" not in str(options.get("extra")):
            options.setdefault("steps", 3)
        result = await (who or self.alice).slash(self.channel, "generate", **options)
        assert result.acknowledged, "The application did not respond"
        return result.response

    async def working(self, **options: Any) -> Any:
        """Start a job that stays at work until `comfyui.release`; return its card once it says so."""
        self.comfyui.hold()
        message = await self.generate(prompt="a fox", **options)
        return await self.done(message, "Working")

    async def done(self, message: Any, word: str = "Done") -> Any:
        """Wait until a card says so."""
        await self.until(lambda: word in self.text(message))
        return message

    def _patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let each person have a language (the simulation knows English alone), and check what Discord is sent."""
        original = simcord.actors._interactions.base_payload

        def base_payload(*args: Any, **kwargs: Any) -> Any:
            record, payload = original(*args, **kwargs)
            payload["locale"] = self.locales.get(kwargs["user_id"], "en-US")
            payload["attachment_size_limit"] = self.size_limit
            return record, payload

        monkeypatch.setattr(simcord.actors._interactions, "base_payload", base_payload)
        settle = functools.partialmethod(simcord.Env._settle_internal, idle=SETTLE_SECONDS)
        monkeypatch.setattr(simcord.Env, "_settle_internal", settle)
        monkeypatch.setattr(discord.Asset, "BASE", CDN_BASE)
        dispatch = simcord.http.client.router.dispatch

        def checked(backend: Any, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
            self.unlawful += problems(method, path, kwargs.get("json"))
            return dispatch(backend, method, path, *args, **kwargs)

        monkeypatch.setattr(simcord.http.client.router, "dispatch", checked)
        notice(monkeypatch, self.blocking)
        self._stack.callback(watch_steps(monkeypatch, self.slow))


def custom_ids(components: Any) -> Iterator[str]:
    """Yield every custom id of a message or form."""
    for component in walk_components(components):
        if "custom_id" in component:
            yield str(component["custom_id"])
