"""Addresses under which people can open what is too large for Discord."""

from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from bot.comfy import ComfyClient, FileRef, Fleet, Listener, Server, ServerAddress
from bot.runtime import SystemClock
from bot.ui.delivery import Delivery

PLACE = "https://pictures.example"


@pytest.mark.parametrize(
    ("ref", "public_url", "address"),
    [
        (FileRef("a.mp4", "films"), PLACE, f"{PLACE}/view?filename=a.mp4&subfolder=films&type=output"),
        (FileRef("a.png", "", "temp"), PLACE, f"{PLACE}/view?filename=a.png&subfolder=&type=temp"),
        (FileRef("a.mp4"), None, None),
        (FileRef("a.png", "", "ours"), PLACE, None),
    ],
    ids=str,
)
async def test_a_link_leads_to_what_the_server_has(
    ref: FileRef, public_url: str | None, address: str | None
) -> None:
    async with aiohttp.ClientSession() as session:
        client = ComfyClient(ServerAddress.parse("http://127.0.0.1:8188", None), session)
        delivery = Delivery(
            cast("Any", None),
            jobs=cast("Any", SimpleNamespace(on_accepted=lambda _callback: None)),
            fleet=Fleet(Server(client, Listener(client))),
            spawn=cast("Any", None),
            clock=SystemClock(),
            leftovers=cast("Any", None),
            public_url=public_url,
        )
        assert delivery.link(ref) == address
