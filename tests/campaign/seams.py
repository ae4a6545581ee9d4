"""The places where the bot may die: around commits, posted prompts and calls to Discord."""

import asyncio
from typing import Any

from bot.app import App
from bot.demo.comfyui import StandIn
from bot.store import SqlJobStore
from tests.campaign.doom import Doom, Moment
from tests.campaign.life import present
from tests.faults import Call


class Seams:
    """Lets the bot pass unless it dies there, and nobody whose life is over."""

    def __init__(self, doom: Doom) -> None:
        self._doom = doom

    async def before_call(self, call: Call) -> None:
        """Stand before a call to Discord."""
        await _alive()
        await self._doom.pass_by(Moment.BEFORE_CALL)

    async def after_call(self, call: Call) -> None:
        """Stand behind the effect of a call to Discord."""
        await self._doom.pass_by(Moment.AFTER_CALL)
        if call.sizes:
            await self._doom.pass_by(Moment.AFTER_UPLOAD)

    def watch_commits(self, app: App) -> None:
        """Stand before and behind every commit of a job."""
        store = app.jobs._store  # pyright: ignore[reportPrivateUsage] - the seam between jobs and database
        assert isinstance(store, SqlJobStore)
        for name in ("accept", "save"):
            original = getattr(store, name)

            async def around(*args: Any, original: Any = original) -> Any:
                await _alive()
                await self._doom.pass_by(Moment.BEFORE_COMMIT)
                result = await original(*args)
                await self._doom.pass_by(Moment.AFTER_COMMIT)
                return result

            setattr(store, name, around)

    def watch_posts(self, server: StandIn) -> None:
        """Stand where a server has taken a prompt."""
        doom = self._doom

        class Submitted(list[str]):
            """Notices each prompt a server takes."""

            def append(self, prompt_id: str, /) -> None:
                super().append(prompt_id)
                doom.comes(Moment.POSTED)

        server.submitted = Submitted()


async def _alive() -> None:
    """Let nobody through whose life is over: a dead process reaches nothing."""
    life = present()
    if life is not None and life.over:
        await asyncio.Future()
