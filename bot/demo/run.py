"""`python -m bot demo`: the whole bot in a page in the browser, with a stand-in where no ComfyUI answers."""

import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from bot.app import App, build
from bot.comfy import ComfyClient, ComfyError, ServerAddress
from bot.demo.comfyui import StandIn
from bot.demo.comfyui.folders import USUAL_FILES
from bot.demo.playground import Playground
from bot.errors import ConfigError
from bot.observe.logs import set_up
from bot.run import stopping_on_signals
from bot.settings import Settings, load_settings

log = logging.getLogger(__name__)

USUAL = "http://127.0.0.1:8188"
PROBE_SECONDS = 2.0
STEP_SECONDS = 0.25
"""How long the stand-in paints at one step: slow enough to see it grow, fast enough to try things."""

SHIPPED, WORKFLOWS = Path(__file__).parents[2] / "workflows", "workflows"
"""The playground has copies of the workflows, so that nothing done there changes any file outside its folder."""

STAND_IN = {
    "en-US": "No ComfyUI is used here: a stand-in paints the pictures. It is not an AI model.",
    "zh-CN": "这里没有使用 ComfyUI，图片由一个替身程序绘制。它不是 AI 模型。",
    "zh-TW": "這裡沒有使用 ComfyUI，圖片由一個替身程式繪製。它不是 AI 模型。",
}


async def demo(
    host: str,
    port: int,
    comfyui: str | None,
    *,
    stand_in: bool = False,
    deadline: float | None = None,
) -> int:
    """Serve the playground until SIGTERM or SIGINT, then return 0; the deadline is as for `bot.run.run`.

    With `stand_in` no ComfyUI is looked for: the stand-in paints, whatever answers at the usual address.
    Reads no `.env` and no environment; its data lives in a temporary folder that is removed at the end.
    Raises `ConfigError` when the given ComfyUI does not answer or the port is taken.
    """
    set_up("INFO", "text", secrets=[])
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(stopping_on_signals(stop, deadline))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="comfy-discord-bot-demo-")))
        url = None if stand_in else await _find(comfyui)
        notice: Mapping[str, str] = {}
        if url is None:
            painter = StandIn(folder / "comfyui", step_seconds=STEP_SECONDS)
            painter.folders.add(USUAL_FILES)
            url = await painter.start()
            stack.push_async_callback(painter.stop)
            notice = STAND_IN
        await asyncio.to_thread(shutil.copytree, SHIPPED, folder / WORKFLOWS)
        app = await stack.enter_async_context(build(settings_for(folder, url)))
        await _open(stack, app, notice, host, port)
        await stop.wait()
        log.info("stopping")
    return 0


async def _open(stack: AsyncExitStack, app: App, notice: Mapping[str, str], host: str, port: int) -> None:
    playground = Playground(notice=notice)
    stack.push_async_callback(playground.stop)
    try:
        address = await playground.start(app.bot, host, port)
    except OSError as error:
        raise ConfigError(
            f"Port {port} on {host} cannot be used: {error.strerror}. Choose another with --port."
        ) from error
    await app.start()
    source = (
        "a stand-in that paints demo pictures; it is not an AI model"
        if notice
        else app.fleet.servers[0].label
    )
    sys.stdout.write(f"\nThe playground is open at {address}\nComfyUI: {source}\nStop it with Ctrl+C.\n\n")
    sys.stdout.flush()


async def _find(url: str | None) -> str | None:
    """Return the address of a ComfyUI that answers; None when none was named and none answers."""
    try:
        address = ServerAddress.parse(url or USUAL, None)
    except ValueError as error:
        raise ConfigError("--comfyui: expected an address like http://127.0.0.1:8188") from error
    async with aiohttp.ClientSession() as session:
        try:
            await ComfyClient(address, session, timeout=PROBE_SECONDS).system_stats()
        except ComfyError as error:
            if url is None:
                return None
            raise ConfigError(
                f"No ComfyUI answers at {address.label}. Start it, or leave --comfyui out to use the stand-in."
            ) from error
    return url or USUAL


def settings_for(folder: Path, url: str) -> Settings:
    """Return the settings of a playground that keeps data and workflows in the folder and uses the ComfyUI at the address."""
    values = {
        "DISCORD_SHARD_COUNT": "1",
        "COMFYUI_URLS": url,
        "DATA_DIR": str(folder / "data"),
        "WORKFLOWS_DIR": str(folder / WORKFLOWS),
    }
    return load_settings(values, None, require_token=False)
