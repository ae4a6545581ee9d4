"""The proxy that the README shows opens what has an address, and nothing else."""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from bot.demo.comfyui import StandIn
from tests.test_readme import ENGLISH, blocks, told

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
FOLDER = f"discord/{'0f' * 16}"
SECRET = b"somebody else's"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[str]:
    """Serve the stand-in behind the README's block; yield the proxy's address."""
    async with StandIn(tmp_path / "comfyui") as comfyui:
        output, private = (comfyui.folders.root(kind) for kind in ("output", "input"))
        for folder in (FOLDER, f"{FOLDER}/video", f"{FOLDER}/电影 1", ""):
            (output / folder).mkdir(parents=True, exist_ok=True)
        for path in (f"{FOLDER}/a_00001_.png", f"{FOLDER}/video/b.mp4", f"{FOLDER}/电影 1/猫 2.mp4"):
            (output / path).write_bytes(b"shown")
        (output / "ComfyUI_00001_.png").write_bytes(SECRET)
        (output / FOLDER / "a.png [input]").write_bytes(SECRET)
        (private / "a_00001_.png").write_bytes(SECRET)
        (private / FOLDER).mkdir(parents=True)
        (private / FOLDER / "a_00001_.png").write_bytes(SECRET)
        port = free_port()
        (block,) = blocks(told(ENGLISH), "nginx")
        block = block.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
        block = re.sub(r"\n *ssl_[^\n]*", "", block).replace("http://127.0.0.1:8188", comfyui.url)
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}} daemon off; master_process off;\n"
            f"http {{ access_log off; client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy;\n"
            f"fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n{block} }}",
            encoding="utf-8",
        )
        assert NGINX is not None
        process = await asyncio.create_subprocess_exec(NGINX, "-c", str(config), "-p", str(tmp_path))
        try:
            await listening(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


async def listening(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30):
        while True:
            assert process.returncode is None, "nginx ended"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def view(filename: str, subfolder: str, type: str = "output") -> str:
    return URL("/view").with_query(filename=filename, subfolder=subfolder, type=type).raw_path_qs


SHOWN = [
    view("a_00001_.png", FOLDER),
    view("b.mp4", f"{FOLDER}/video"),
    view("猫 2.mp4", f"{FOLDER}/电影 1"),
    view("a_00001_.png", FOLDER).replace("/0f0f", "%2F0f0f"),
]
KEPT = [
    "/", "/queue", "/history", "/prompt", "/api/view", "/view/", "/object_info",
    view("ComfyUI_00001_.png", ""),
    view("a_00001_.png", FOLDER, "input"),
    view("a_00001_.png", FOLDER, "temp"),
    view("a_00001_.png", ""),
    view("a.png [input]", FOLDER),
    view("blake3:0f", FOLDER),
    view("ComfyUI_00001_.png", f"{FOLDER}/../.."),
    view("ComfyUI_00001_.png", f"{FOLDER}/%2e%2e/%2e%2e"),
    view("../../ComfyUI_00001_.png", FOLDER),
    f"/view?filename=a_00001_.png&subfolder={FOLDER}",
    "/view?%74ype=input&filename=a_00001_.png&subfolder=&type=outputs",
    f"/view?filename=a_00001_.png&subfolder=&subfolder={FOLDER}&type=output",
]  # fmt: skip
# Which of two, or which spelling of one, is looked at is not the same with every server: nothing is handed through.
REBUILT = [
    f"/view?TYPE=output&type=input&filename=a_00001_.png&subfolder={FOLDER}",
    f"/view?%74ype=input&{view('a_00001_.png', FOLDER).partition('?')[2]}",
    f"/view?type=output&type=input&{view('a_00001_.png', FOLDER).partition('?')[2]}",
    f"{view('a_00001_.png', FOLDER)}&channel=a&preview=webp",
]


async def test_what_has_an_address_is_shown_and_nothing_else(proxy: str) -> None:
    async with aiohttp.ClientSession() as session:
        for path in (*SHOWN, *REBUILT):
            async with session.get(URL(f"{proxy}{path}", encoded=True)) as answer:
                assert (answer.status, await answer.read()) == (200, b"shown"), path
        for path in KEPT:
            async with session.get(URL(f"{proxy}{path}", encoded=True)) as answer:
                assert answer.status in (400, 404), path
                assert SECRET not in await answer.read(), path
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            async with session.request(method, URL(f"{proxy}{SHOWN[0]}", encoded=True)) as answer:
                assert answer.status in (403, 405), method
