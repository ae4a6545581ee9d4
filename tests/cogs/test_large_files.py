"""Results larger than a place takes, through the whole bot: made smaller, or named with what is possible."""

import io
import re

import aiohttp
import pytest
from PIL import Image
from yarl import URL

from bot.ui.messages.message_api import MessageApi
from tests.cogs.pressing import restarted
from tests.world import World


def narrow(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Make every place one that takes small files only."""
    monkeypatch.setattr(MessageApi, "limit", lambda *_args: limit)
    monkeypatch.setattr(MessageApi, "limit_by_token", lambda *_args: limit)


async def test_a_picture_too_large_for_the_place_arrives_smaller_and_as_a_picture(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch, 20_000)
    message = await world.generate(prompt="a fox", seed=7, steps=1, width=512, height=512)
    await world.done(message)
    await world.until(lambda: world.files(message))
    assert [url.rsplit("/")[-1] for url in world.gallery(message)] == ["txt2img-7-1.webp"]
    ((name, data),) = world.files(message).items()
    assert name == "txt2img-7-1.webp"
    assert len(data) <= 20_000
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (512, 512))


async def test_what_cannot_be_made_small_enough_is_named_with_what_is_possible(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow(monkeypatch, 30)
    message = await world.generate(prompt="a fox", seed=7, steps=1, width=512, height=512)
    await world.done(message)
    said = world.text(message)
    assert "txt2img-7-1.png has 0." in said
    assert "can be sent here" in said
    assert world.files(message) == {}


async def test_what_is_too_large_has_an_address_that_nobody_guesses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.public_url = "https://pictures.example"
    await restarted(world)
    narrow(monkeypatch, 30)
    messages = [await world.generate(prompt="a fox", seed=7, steps=1, width=64, height=64) for _ in range(2)]
    found: list[URL] = []
    for message in messages:
        await world.done(message)
        (address,) = re.findall(r"https://pictures\.example/view[^\s>)]*", world.text(message))
        found.append(URL(address))
    # The same graph twice: neither is told from the other's address.
    first, second = (url.query["subfolder"] for url in found)
    assert first != second
    assert all(re.match("discord/[0-9a-f]{32}(/|$)", folder) for folder in (first, second))
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{world.comfyui.url}{found[0].path_qs}") as answer,
    ):
        assert answer.status == 200
        assert (await answer.read()).startswith(b"\x89PNG")


async def test_a_private_result_has_no_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.public_url = "https://pictures.example"
    await restarted(world)
    narrow(monkeypatch, 30)
    message = await world.generate(prompt="a fox", seed=7, steps=1, width=64, height=64, private=True)
    await world.done(message)
    assert "pictures.example" not in world.text(message)
    assert "can be sent here" in world.text(message)
