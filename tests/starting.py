"""Settings and patience for tests that start the whole bot."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.settings import ComfyUISettings, DiscordSettings, Settings, WorkflowSettings
from tests.world import ROOT

WORKFLOWS = WorkflowSettings(dir=ROOT / "workflows")


def settings(folder: Path, url: str = "http://127.0.0.1:9", token: str = "t", **changes: Any) -> Settings:
    return Settings(
        discord=DiscordSettings(token=token, shard_count=1),  # pyright: ignore[reportArgumentType]
        comfyui=ComfyUISettings(urls=(url,)),
        data_dir=folder / "data",
        workflows=WORKFLOWS,
        **changes,
    )


async def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
