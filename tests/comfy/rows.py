"""Every request of the client, by name, made with a login that no error may name."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.comfy import ComfyClient, ComfyError, FileRef, ServerAddress
from tests.comfy.graphs import new_id, quick

REF = FileRef("a.png")
EVERY_ROW: dict[str, Callable[[ComfyClient], Awaitable[Any]]] = {
    "features": lambda c: c.features(refresh=True),
    "queue_remaining": lambda c: c.queue_remaining(),
    "queue": lambda c: c.queue(),
    "submit": lambda c: c.submit(quick(), prompt_id=new_id(), client_id="c"),
    "history": lambda c: c.history(max_items=3),
    "history_entry": lambda c: c.history_entry("p"),
    "locate": lambda c: c.locate("p"),
    "delete_history": lambda c: c.delete_history("p"),
    "clear_history": lambda c: c.clear_history(),
    "model_folders": lambda c: c.model_folders(),
    "models": lambda c: c.models("checkpoints"),
    "embeddings": lambda c: c.embeddings(),
    "object_info": lambda c: c.object_info(),
    "node_info": lambda c: c.node_info("KSampler"),
    "upload_image": lambda c: c.upload_image(b"x", "a.png"),
    "upload_mask": lambda c: c.upload_mask(b"x", "a.png", original=REF),
    "cancel": lambda c: c.cancel("p"),
    "delete_pending": lambda c: c.delete_pending("p"),
    "clear_pending": lambda c: c.clear_pending(),
    "interrupt": lambda c: c.interrupt("p"),
    "interrupt_everything": lambda c: c.interrupt_everything(),
    "fetch": lambda c: c.fetch(REF, max_bytes=100),
    "fetch_to": lambda c: c.fetch_to(REF, Path("/tmp") / f"never-{new_id()}", max_bytes=100),
    "free": lambda c: c.free(),
    "system_stats": lambda c: c.system_stats(),
}
SECRET_URL = "http://me:sesame@"


def secretive(url: str, session: aiohttp.ClientSession, seconds: float = 10.0) -> ComfyClient:
    """Return a client whose errors must not show its login or headers."""
    address = ServerAddress.parse(url.replace("http://", SECRET_URL), {"X-Key": "hidden"})
    return ComfyClient(address, session, timeout=seconds)


def assert_discreet(error: BaseException) -> None:
    shown = f"{error} {error!r} {error.__cause__!r}"
    for secret in ("sesame", "hidden", "/srv", "Traceback"):
        assert secret not in shown


async def failing(client: ComfyClient, row: str) -> ComfyError:
    with pytest.raises(ComfyError) as caught:
        await EVERY_ROW[row](client)
    assert_discreet(caught.value)
    return caught.value


async def known(liar_url: str, session: aiohttp.ClientSession) -> ComfyClient:
    client = secretive(liar_url, session)
    await client.features()
    return client
