"""How a large film goes from the image server to Discord: `python -m tests.bench.film [--megabytes 200]`.

Prints, for every limit, how long each part took, how far the bot's own memory grew, how long its event loop stood
still at worst, and what came out. Nothing but this machine takes part.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import av
import discord
from aiohttp import web

from bot.comfy import ComfyClient, FileRef, ServerAddress
from bot.jobs.files.content import ContentStore
from bot.ui.files.media_converter import Workshop
from tests.jobs.rooms import roomy
from tests.media.encoding.samples import Looked, painting

MIB = 1024**2
PAGE = 4096
SIZE = (1920, 1080)


def make_film(path: Path, size: int) -> None:
    pictures: list[Any] = [
        av.VideoFrame.from_image(painting(SIZE, step * 9)).reformat(format="yuv420p") for step in range(10)
    ]
    with av.open(path, "w") as out:
        stream: Any = out.add_stream("libx264", rate=30, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        number = 0
        while number % 30 or not path.exists() or path.stat().st_size < size:
            frame = pictures[number // 3 % len(pictures)]
            frame.pts, frame.time_base = number, Fraction(1, 30)
            out.mux(stream.encode(frame))
            number += 1
        out.mux(stream.encode(None))


@dataclass
class Watch:
    """The worst that happened to this process."""

    began: float = 0.0
    seconds: float = 0.0
    stood_still: float = 0.0
    rss: int = 0
    first_rss: int = 0

    def __str__(self) -> str:
        return (
            f"{self.seconds:7.1f} s, memory +{(self.rss - self.first_rss) / MIB:.1f} MB, "
            f"loop stood still {self.stood_still * 1000:.0f} ms at most"
        )


@contextlib.asynccontextmanager
async def watched() -> AsyncGenerator[Watch]:
    watch = Watch(began=time.perf_counter(), first_rss=_rss())

    async def beat() -> None:
        latest = time.perf_counter()
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            watch.stood_still = max(watch.stood_still, now - latest - 0.005)
            watch.rss = max(watch.rss, _rss())
            latest = time.perf_counter()

    beating = asyncio.ensure_future(beat())
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - watch.began
        beating.cancel()


def _rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


async def serve(film: Path) -> tuple[web.AppRunner, str]:
    async def prompt(_request: web.Request) -> web.Response:
        return web.json_response({"exec_info": {"queue_remaining": 0}})

    async def view(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(film, headers={"Content-Type": "video/mp4"})

    async def sink(request: web.Request) -> web.Response:
        size = 0
        async for chunk in request.content.iter_chunked(MIB):
            size += len(chunk)
        return web.json_response({"size": size})

    app = web.Application(client_max_size=1 << 40)
    app.router.add_get("/prompt", prompt)
    app.router.add_get("/view", view)
    app.router.add_post("/upload", sink)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def upload(session: aiohttp.ClientSession, url: str, path: Path) -> None:
    """Send a file the way discord.py does."""
    file = discord.File(path, filename="film.mp4")
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("files[0]", file.fp, filename=file.filename, content_type="application/octet-stream")
    async with session.post(f"{url}/upload", data=form) as response:
        answer = await response.json()
    assert answer["size"] > (await asyncio.to_thread(path.stat)).st_size
    file.close()


async def run(folder: Path, megabytes: int, limits: list[int]) -> None:
    film = folder / "film.mp4"
    began = time.perf_counter()
    await asyncio.to_thread(make_film, film, megabytes * MIB)
    before = await asyncio.to_thread(Looked, film)
    sys.stdout.write(
        f"film: {film.stat().st_size / MIB:.1f} MB, {before.size}, {before.seconds:.1f} s, made in "
        f"{time.perf_counter() - began:.0f} s\n"
    )
    runner, url = await serve(film)
    content, shop = ContentStore(folder / "outputs"), Workshop(folder / "smaller", space=roomy(folder))
    async with aiohttp.ClientSession() as session:
        client = ComfyClient(ServerAddress.parse(url, None), session)
        partial = content.partial("film")
        async with watched() as watch:
            await client.fetch_to(FileRef("film.mp4"), partial, max_bytes=1 << 40)
            ref = await asyncio.to_thread(content.adopt, partial, "mp4")
        sys.stdout.write(f"fetched:                {watch}\n")
        async with watched() as watch:
            await upload(session, url, content.path(ref))
        sys.stdout.write(f"uploaded as it is:      {watch}\n")
        for limit in limits:
            async with watched() as watch:
                made = await shop.smaller(content.path(ref), int(limit * MIB * 0.98))
            sys.stdout.write(f"made for {limit:4d} MB:       {watch}\n")
            if made is None:
                sys.stdout.write("                        nothing fits\n")
                continue
            after = await asyncio.to_thread(Looked, made)
            sys.stdout.write(
                f"                        {made.stat().st_size / MIB:.2f} MB, {after.size}, {after.fps:.3g} fps, "
                f"{after.seconds:.1f} s, {'+'.join(after.codecs)}\n"
            )
            async with watched() as watch:
                await upload(session, url, made)
            sys.stdout.write(f"uploaded:               {watch}\n")
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--limits", type=int, nargs="*", default=[10, 50, 100])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="film-") as folder:
        asyncio.run(run(Path(folder), chosen.megabytes, chosen.limits))


if __name__ == "__main__":
    main()
