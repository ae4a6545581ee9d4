"""What people attach is looked at before it costs anything, and goes again when nothing comes of it."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.errors import UserError
from bot.jobs.files.share import Share
from bot.jobs.model.ports import StoreUnavailable
from bot.settings import LimitSettings
from tests.cogs.asking import picture
from tests.world import World


def kept(world: World) -> list[str]:
    """Return what we keep of files from outside, half-written ones included."""
    folders = (world.folder / "data" / "inputs", world.folder / "data" / "work")
    return [path.name for folder in folders for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are downloaded from now on."""
    names: list[str] = []
    real = discord.Attachment.read

    async def read(self: discord.Attachment, **options: Any) -> bytes:
        names.append(self.filename)
        return await real(self, **options)

    monkeypatch.setattr(discord.Attachment, "read", read)
    return names


async def said(world: World, **options: Any) -> str:
    return world.text(await world.generate(workflow="upscale", **options))


async def refused(world: World, who: Any, **options: Any) -> str:
    result = await who.slash(world.channel, "generate", workflow="upscale", **options)
    return "\n".join(world.text(each) for each in (result.response, *result.followups) if each is not None)


@pytest.mark.parametrize("limits", [LimitSettings(jobs_per_user=1), LimitSettings(queue=1)])
async def test_limits_are_looked_at_before_anything_is_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, downloads: list[str], limits: LimitSettings
) -> None:
    world = World(tmp_path, monkeypatch)
    world.limits = limits
    async with world:
        await world.working()
        told = await refused(world, world.alice, image=("a.png", picture()))
        assert "Wait for one to finish" in told or "The queue is full" in told
        assert downloads == []
        assert kept(world) == []


async def test_what_a_refused_request_brought_is_removed(world: World, downloads: list[str]) -> None:
    real = world.app.jobs.submit

    async def full(*_args: Any, **_options: Any) -> Any:
        raise UserError("The queue is full right now. Please try again in a few minutes.")

    world.app.jobs.submit = full  # type: ignore[method-assign]  # between the check and the end, others came
    assert "The queue is full" in await refused(world, world.alice, image=("a.png", picture()))
    assert downloads == ["a.png"]
    assert kept(world) == []
    world.app.jobs.submit = real  # type: ignore[method-assign]
    card = await world.done(await world.generate(workflow="upscale", image=("a.png", picture())))
    assert len(kept(world)) == 1
    assert "is not a picture" in await refused(world, world.alice, image=("b.png", b"none"))
    assert len(kept(world)) == 1
    assert "Done" in world.text(card)


async def test_nothing_says_that_a_picture_is_received_after_something_went_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_args: Any) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(Share, "make_room", unavailable)
    assert "Something went wrong" in await refused(world, world.alice, image=("a.png", picture()))
    assert not any("Receiving" in world.text(each) for each in world.messages())
    assert kept(world) == []


async def test_a_full_disk_and_too_many_pictures_are_told_in_words(
    world: World, downloads: list[str]
) -> None:
    space = world.app.content.space
    space.most = 1000
    assert "no room here for more pictures" in await refused(world, world.alice, image=("a.png", picture()))
    assert downloads == []
    space.most = 10**9
    rate = world.app.bot.services.receiver._rate  # type: ignore[attr-defined]  # used up, as by forty downloads
    with suppress(UserError):
        while True:
            rate.take(world.alice.id)
    assert "many pictures in a short time" in await refused(world, world.alice, image=("a.png", picture()))
    message = await world.bob.send(world.channel, attachments=[("a.png", picture()), ("b.png", picture())])
    result = await world.alice.context_menu(world.channel, "Use as input", message)
    assert "many pictures in a short time" in world.text(result.response)
    assert downloads == []
    assert "Waiting" in await said(world, who=world.bob, image=("a.png", picture()))


async def test_what_would_come_out_too_large_is_refused_with_both_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice 200 x 100 is within sixteen times the pixels of a picture here; twice that, once more, is not."""
    world = World(tmp_path, monkeypatch)
    world.limits = LimitSettings(pixels=8192)
    async with world:
        world.comfyui.hold()
        card = await world.generate(workflow="upscale", image=("a.png", picture((200, 100))))
        await world.until(lambda: "200×100 → 400×200" in world.text(card))
        world.comfyui.release()
        await world.done(card)
        await world.until(lambda: not world.app.delivery.showing)
        (first,) = (await world.alice.click(card, label="Upscale")).followups or (None,)
        message = world.messages()[-1] if first is None else first
        told = world.text(message)
        assert "400 × 200 would become 800 × 400" in told
        assert "up to about 176 × 176 work" in told
        assert len(kept(world)) == 1, "the picture of the first job alone"
        too_large = ("b.png", picture((400, 200)))
        assert "would become 800 × 400" in await refused(world, world.alice, image=too_large)
