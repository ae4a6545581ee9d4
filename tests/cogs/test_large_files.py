"""Results larger than a place takes, through the whole bot: made smaller, or named with what is possible."""

import io

import pytest
from PIL import Image

from bot.ui.routes import Routes
from tests.world import World


def narrow(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Make every place one that takes small files only."""
    monkeypatch.setattr(Routes, "limit", lambda *_args: limit)
    monkeypatch.setattr(Routes, "limit_by_token", lambda *_args: limit)


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
