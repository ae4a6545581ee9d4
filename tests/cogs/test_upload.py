"""/upload: pictures and masks for workflows, in this server's own folder."""

import asyncio
import io
from typing import Any

import discord
import pytest
import simcord
from PIL import Image

from tests.cogs.looking import CHINESE, Trouble, ask
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def picture(colour: str = "red", size: tuple[int, int] = (32, 24), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


def stored(world: World, name: str) -> Image.Image:
    folder = world.comfyui.folders.root("input") / f"discord-{world.guild.id}"
    return Image.open(io.BytesIO((folder / name).read_bytes()))


def names(world: World, said: str) -> list[str]:
    return [line.strip("`").removeprefix(f"discord-{world.guild.id}/") for line in said.splitlines()[1:]]


async def upload(world: World, **options: Any) -> str:
    return await ask(world, world.mod, "upload", **options)


async def test_a_picture_is_stored_under_a_clean_name(shared: World) -> None:
    said = await upload(shared, image=("../..\\My Käse photo!.JPG", picture(form="JPEG")))
    (name,) = names(shared, said)
    assert name.endswith(".jpg")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert stored(shared, name).size == (32, 24)
    assert f"`discord-{shared.guild.id}/{name}`" in said
    shared.locales[shared.mod.id] = "zh-CN"
    said = await upload(shared, image=("a.png", picture()), name="logo")
    assert said.startswith(CHINESE.t("Stored. In workflows it is called:"))
    assert names(shared, said) == ["logo.png"]
    shared.locales.clear()


async def test_a_second_one_of_that_name_replaces_the_first_only_when_told(shared: World) -> None:
    assert names(shared, await upload(shared, image=("cat.png", picture("red")))) == ["cat.png"]
    (other,) = names(shared, await upload(shared, image=("cat.png", picture("blue"))))
    assert other != "cat.png"
    assert stored(shared, "cat.png").getpixel((0, 0)) == (255, 0, 0)
    again = await upload(shared, image=("cat.png", picture("blue")), overwrite=True)
    assert names(shared, again) == ["cat.png"]
    assert stored(shared, "cat.png").getpixel((0, 0)) == (0, 0, 255)


async def test_another_server_cannot_overwrite_it(shared: World) -> None:
    await upload(shared, image=("ours.png", picture("red")))
    foreign = shared.env.create_guild("elsewhere")
    room = foreign.create_text_channel("room")
    owner = foreign.add_member(
        shared.env.create_user("olga"),
        roles=[foreign.create_role("all", permissions=discord.Permissions.all())],
    )
    await shared.until(lambda: shared.app.bot.get_guild(foreign.id))
    result = await owner.slash(room, "upload", image=("x.png", picture("blue")), name="ours", overwrite=True)
    assert f"discord-{foreign.id}/ours.png" in shared.text(result.response)
    assert stored(shared, "ours.png").getpixel((0, 0)) == (255, 0, 0)


async def test_a_mask_alone_and_with_its_picture(shared: World) -> None:
    assert names(shared, await upload(shared, mask=("hole.png", picture("white")))) == ["hole.png"]
    assert stored(shared, "hole.png").convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    half = Image.new("L", (64, 48))
    half.paste(255, (0, 0, 32, 48))
    out = io.BytesIO()
    half.save(out, "PNG")
    both = names(
        shared, await upload(shared, image=("dog.png", picture("green")), mask=("m.png", out.getvalue()))
    )
    assert both == ["dog.png", "dog-masked.png"]
    masked = stored(shared, "dog-masked.png")
    assert masked.mode == "RGBA"
    alpha = masked.getchannel("A")
    assert (alpha.getpixel((2, 2)), alpha.getpixel((30, 2))) == (0, 255)


async def test_what_cannot_be_stored_is_refused_with_a_reason(shared: World) -> None:
    assert await upload(shared) == "Please attach an `image`, a `mask`, or both."
    assert "is not a picture I can read" in await upload(shared, image=("a.png", b"not a picture"))


async def test_a_server_in_trouble_is_told(shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogs.upload.cog.WITHIN", 0.3)
    with Trouble(shared, "/upload/*", "hang"):
        async with asyncio.timeout(4):
            said = await upload(shared, image=("a.png", picture()))
    assert said.startswith("The image server takes too long to answer.")
    with Trouble(shared, "/upload/*", "status"):
        assert "reference" in await upload(shared, image=("a.png", picture()))


async def test_members_neither_see_nor_use_it(shared: World) -> None:
    with pytest.raises(simcord.SetupError, match="not visible"):
        await shared.alice.slash(shared.channel, "upload", image=("a.png", picture()))
    command = shared.env.backend.find_command("upload", shared.guild.id)
    assert command is not None
    shared.guild.set_command_permissions(int(command["id"]), {shared.bob: True})
    said = await ask(shared, shared.bob, "upload", image=("a.png", picture()))
    assert said == "Only moderators can do this."
