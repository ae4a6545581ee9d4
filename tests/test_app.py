"""The whole wired up: what is missing at start is said or waited for."""

import asyncio
from pathlib import Path

import pytest

from bot.app import build
from bot.demo.comfyui import StandIn
from bot.errors import ConfigError
from bot.refresh import follow_folder
from bot.settings import WorkflowSettings
from tests.starting import settings, until
from tests.world import ROOT


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ConfigError, match="DATA_DIR"):
        async with build(settings(tmp_path)):
            pass


async def test_it_starts_while_comfyui_is_down_and_learns_when_it_comes(tmp_path: Path) -> None:
    async with StandIn(tmp_path / "comfyui") as comfyui:
        port = int(comfyui.url.rsplit(":", 1)[1])
        await comfyui.stop()
        async with build(settings(tmp_path, comfyui.url), watch=False) as app:
            assert app.fleet.pick().client.cached_object_info is None
            await app.start()
            await comfyui.start(port=port)
            await until(lambda: app.fleet.pick().client.cached_object_info is not None)
            await until(lambda: list((tmp_path / "data" / "cache").glob("object_info-*.json")))
        async with build(settings(tmp_path, comfyui.url), watch=False) as app:
            assert app.fleet.pick().client.cached_object_info is not None, "kept for the next start"


async def test_a_workflow_put_into_the_folder_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    chosen = settings(tmp_path).model_copy(update={"workflows": WorkflowSettings(dir=folder)})
    async with build(chosen, watch=False) as app:
        assert app.library.names() == ()
        watching = app.spawn(follow_folder(app.library), name="watching")
        async with asyncio.timeout(20):
            while not app.library.names():  # the watch may not have begun when the file is written first
                (folder / "mine.json").write_bytes((ROOT / "workflows" / "txt2img.json").read_bytes())
                done, _ = await asyncio.wait((watching,), timeout=0.1)
                assert not done
        watching.cancel()
        assert app.library.names() == ("mine",)
