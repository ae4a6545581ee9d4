"""What hostile input costs: `python -m tests.bench.hostile [name …]`.

Prints for each input how long the event loop stood still at worst, how much processor time the process used, and how
far its memory grew. Each runs in a process of its own, ended after a minute. Nothing but this machine takes part.
"""

import asyncio
import base64
import hashlib
import io
import multiprocessing
import random
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
from PIL import Image
from PIL.PngImagePlugin import PngInfo

PATIENCE = 60
MIB = 1024**2
Case = Callable[[], Awaitable[Any]]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _extra(text: str) -> None:
    from bot.ui.forms.extras import parse_extra

    with suppress(Exception):
        parse_extra(text)


def _picture(text: str, count: int = 1) -> bytes:
    info, out = PngInfo(), io.BytesIO()
    for number in range(count):
        info.add_text("parameters" if not number else f"parameters{number}", text)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


async def _parameters(text: str, count: int = 1) -> None:
    from bot.workflows.library.imprint import read_imprint

    await asyncio.to_thread(read_imprint, _picture(text, count), None)


async def _quoted(text: str) -> None:
    from bot.ui.cards.words import quoted

    quoted(text, limit=500, encoded=900)


async def _escaped(text: str) -> None:
    from bot.ui.cards.words import escape

    escape(text)


async def _wildcards() -> None:
    from bot.workflows.prompts.expand import expand
    from bot.workflows.prompts.wildcards import Wildcards

    lines = tuple(f"line {number}" for number in range(200_000))
    expand("__*__" * 800, 1, Wildcards({"big": lines}).find)


async def _words() -> None:
    from bot.policy.words import parse_words

    dice = random.Random(5)
    listed = parse_words("\n".join("".join(dice.choices("abcdefghij", k=9)) for _ in range(3000)))
    began = time.thread_time()
    listed.found(["a fox in the snow, " * 211])
    _say(f"   (without the reading of the list: {(time.thread_time() - began) * 1000:.1f} ms)")


async def _objects(unit: str, size: int) -> None:
    from bot.comfy import ComfyClient, ServerAddress

    async with _server(unit, size) as url, aiohttp.ClientSession() as session:
        client = ComfyClient(ServerAddress.parse(url), session, timeout=50)
        with suppress(Exception):
            await client.object_info()


async def _message() -> None:
    from bot.comfy import ComfyClient, LinkState, Listener, ServerAddress

    async with _server() as url, aiohttp.ClientSession() as session:
        listener = Listener(ComfyClient(ServerAddress.parse(url), session, timeout=50), delay=lambda _: 30.0)
        running = asyncio.ensure_future(listener.run())
        down = asyncio.Event()
        listener.on_link(lambda state: down.set() if state is LinkState.DOWN else None)
        await down.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


CASES: dict[str, Case] = {
    "extra: a=1, 24 line ends": lambda: _extra("a=1" + "\n" * 24 + "!"),
    "extra: 4000 commas": lambda: _extra("a=" + "," * 4000 + "!"),
    "parameters: 12 000 blanks": lambda: _parameters("x\nSteps: 1, Seed: 1, a" + " " * 12_000 + "a"),
    "parameters: 99 000 blanks": lambda: _parameters("x\nSteps: 1, Seed: 1, a" + " " * 99_000 + "a"),
    "parameters: 3000 chunks": lambda: _parameters("x\nSteps: 1, Seed: 1, a" + " " * 300 + "a", 3000),
    "a card: 12 000 line ends": lambda: _escaped("\n" * 12_000),
    "a card: a text of 1 000 000": lambda: _quoted("a*" * 500_000),
    "wildcards: 800 of 200 000 lines": _wildcards,
    "blocked words: 3000": _words,
    "object_info: 63 MB of []": lambda: _objects("[],", 63),
    "object_info: 30 MB of []": lambda: _objects("[],", 30),
    "object_info: 30 MB of names": lambda: _objects('"some folder/model.safetensors",', 30),
    "object_info: 8 MB of numbers": lambda: _objects("1.5,", 8),
    "a message of 700 MB": _message,
}


class _server:  # noqa: N801 - used as a function
    """A ComfyUI that says too much, in a process of its own."""

    def __init__(self, unit: str = "", size: int = 0) -> None:
        self._what = unit, str(size)

    async def __aenter__(self) -> str:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.hostile", "--serve", *self._what, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def __aexit__(self, *_error: object) -> None:
        self._process.kill()
        await self._process.wait()


async def _serve(unit: bytes, size: int) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split()[1].partition("?")[0]
            if path.endswith("/ws"):
                await _speak(head, writer)
            else:
                body = b'{"exec_info": {"queue_remaining": 0}}' if path == "/prompt" else b"{}"
                if path.endswith("object_info"):
                    body = b'{"x":{"x":[' + unit * (size * MIB // len(unit)) + b"0]}}"
                status = b"200 OK" if path == "/prompt" or len(body) > MIB else b"404 Not Found"
                length = str(len(body)).encode()
                writer.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: " + length)
                writer.write(b"\r\nContent-Type: application/json\r\n\r\n" + body)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    _say(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        await server.serve_forever()


async def _speak(head: str, writer: asyncio.StreamWriter) -> None:
    key = next(
        line.partition(":")[2].strip()
        for line in head.splitlines()
        if line.lower().startswith("sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
    writer.write(b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
    greeting = b'{"type":"status","data":{"status":{"exec_info":{"queue_remaining":0}}}}'
    writer.write(bytes((0x81, len(greeting))) + greeting)
    writer.write(b"\x82\x7f" + (700 * MIB).to_bytes(8, "big"))
    for _ in range(700):
        writer.write(bytes(MIB))
        await writer.drain()


async def _measured(case: Case) -> tuple[float, float]:
    """Return how long the loop stood still at worst, and the processor seconds of the process."""
    worst, ended = 0.0, False

    async def beat() -> None:
        nonlocal worst
        while not ended:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - began - 0.005)

    beating = asyncio.ensure_future(beat())
    await asyncio.sleep(0.05)
    worst, used = 0.0, time.process_time()
    await case()
    await asyncio.sleep(0.02)
    ended = True
    await beating
    return worst, time.process_time() - used


def _run(name: str) -> None:
    import bot.comfy
    import bot.policy.words
    import bot.ui.cards.words
    import bot.ui.forms.extras
    import bot.workflows.library.imprint
    import bot.workflows.prompts.wildcards  # noqa: F401 - what is imported already costs no memory of the input's

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worst, used = asyncio.run(_measured(CASES[name]))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    _say(f"{name:34} stood still {worst:6.2f} s, processor {used:6.2f} s, memory +{grown:5.0f} MB")


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(_serve(sys.argv[2].encode(), int(sys.argv[3])))
        return
    for name in sys.argv[1:] or CASES:
        process = multiprocessing.get_context("spawn").Process(target=_run, args=(name,))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            _say(f"{name:34} not done after {PATIENCE} s")


if __name__ == "__main__":
    main()
