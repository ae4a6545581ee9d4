"""One job makes outputs of every kind, more than two messages take: each comes once, in order, as soon as it is there."""

import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from simcord.components import walk_components

from bot.comfy import OutputKind
from bot.media.stripping.keep import Keep
from bot.policy import Actor
from bot.policy.metadata import MetadataRules
from bot.runtime import SystemClock
from bot.store import SqlPolicyStore
from tests.cogs.looking import check
from tests.cogs.pressing import delete_for_good
from tests.world import World

SPOKEN = "A short text about a fox."
LONG = "A long story about a fox. " * 60
SOMEBODY = "josefine"
"""Whose home the image server lies in."""
MANIFEST = """
title = "Everything"
[parameters.batch]
fixed = 13
"""


def graph() -> dict[str, Any]:
    """Savers of every kind, some of which need no sampler and are done while it still works."""
    numbers = itertools.count(1)
    made: dict[str, Any] = {}

    def node(kind: str, **inputs: Any) -> str:
        made[name := str(next(numbers))] = {"class_type": kind, "inputs": inputs}
        return name

    model = node("CheckpointLoaderSimple", ckpt_name="demo-painter.safetensors")
    words = node("CLIPTextEncode", text="", clip=[model, 1])
    empty = node("EmptyLatentImage", width=64, height=64, batch_size=13)
    plain = node("EmptyImage", width=32, height=32, batch_size=4, color=0x336699)
    node("SaveAnimatedWEBP", images=[plain, 0], filename_prefix="moving", fps=6.0, lossless=True, quality=80,
         method="default")  # fmt: skip
    node("SaveAnimatedPNG", images=[plain, 0], filename_prefix="moving", fps=6.0, compress_level=4)
    sound = node("EmptyAudio", duration=0.2, sample_rate=8000, channels=1)
    node("SaveAudio", audio=[sound, 0], filename_prefix="audio/sound")
    node("SaveAudio", audio=[sound, 0], filename_prefix="audio/echo")
    node("PreviewAny", source=SPOKEN)
    sampler = node("KSampler", seed=7, steps=2, cfg=5.0, sampler_name="euler", scheduler="normal", denoise=1.0,
                   model=[model, 0], positive=[words, 0], negative=[words, 0], latent_image=[empty, 0])  # fmt: skip
    pixels = node("VAEDecode", samples=[sampler, 0], vae=[model, 2])
    node("SaveImage", images=[pixels, 0], filename_prefix="picture")
    film = node("CreateVideo", images=[pixels, 0], fps=6.0)
    node("SaveVideo", video=[film, 0], filename_prefix="video/film", format="auto", codec="auto")
    node("SaveWEBM", images=[pixels, 0], filename_prefix="film", codec="vp9", fps=6.0, crf=40.0)
    solid = node(
        "VAEDecodeHunyuan3D", samples=[sampler, 0], vae=[model, 2], num_chunks=8000, octree_resolution=16
    )
    mesh = node("VoxelToMeshBasic", voxel=[solid, 0], threshold=0.6)
    node("SaveGLB", mesh=[mesh, 0], filename_prefix="mesh/box")
    node("SaveGLB", mesh=[mesh, 0], filename_prefix="mesh/crate")
    node("PreviewAny", source=LONG)
    node("PrimitiveString", value=f"/home/{SOMEBODY}/ComfyUI/input/cat.png")
    return made


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose one workflow makes everything."""
    world = World(tmp_path, monkeypatch)
    world.workflows = tmp_path / "workflows"
    world.workflows.mkdir()
    (world.workflows / "txt2img.json").write_text(json.dumps(graph()))
    (world.workflows / "txt2img.toml").write_text(MANIFEST)
    async with world:
        yield world
    assert world.outside.failures == []


def all_files(world: World) -> list[list[str]]:
    """Return the names of the files of each message."""
    return [list(world.files(message)) for message in world.messages()]


async def test_twenty_three_outputs_of_five_kinds(world: World) -> None:
    world.comfyui.hold()
    card = await world.generate(prompt="a fox", seed=7)

    # While the sampler works, the card shows what other nodes have finished.
    early = {"txt2img-7-2.txt", "txt2img-7-3.webp", "txt2img-7-4.png", "txt2img-7-5.flac", "txt2img-7-6.flac"}
    await world.until(lambda: world.files(card).keys() == early | {"preview.jpg"})
    assert "Working" in world.text(card)
    assert SPOKEN in world.text(card)
    check(world, card)

    world.comfyui.release()
    await world.done(card)
    await world.until(lambda: not world.app.delivery.showing and not world.app.jobs.active())
    job = await world.app.jobs.find("1")
    assert job is not None
    kinds = [made.output.kind for made in job.outputs]
    assert len(kinds) == 23
    assert set(kinds) == set(OutputKind)

    expected = [
        f"txt2img-7-{number}.{made.output.file.extension if made.output.file else 'txt'}"
        for number, made in enumerate(job.outputs, start=1)
        if made.output.text != SPOKEN
    ]
    messages = all_files(world)
    assert [name for names in messages for name in names] == expected
    assert [len(names) for names in messages] == [10, 10, 2]
    assert SPOKEN in world.text(card)
    alts: list[str] = []
    for message in world.messages():
        check(world, message)
        parts = walk_components(world.stored(message).components)
        alts += [item["description"] for part in parts if part["type"] == 12 for item in part["items"]]
        assert all(world.files(message).values()), "no file is empty"
    assert alts == ["a fox"] * (2 + 13 + 2), "what moves or stands still is shown, and described"

    files = [data for message in world.messages() for data in world.files(message).values()]
    assert not any(SOMEBODY.encode() in data for data in files), (
        "nobody learns where things lie on the server"
    )
    telling = sum(b"PrimitiveString" in data and b"cat.png" in data for data in files)
    assert telling == 13 + 2 + 2, "but the graph stays in what the stand-in writes it into"

    metadata = MetadataRules(SqlPolicyStore(world.app.database), SystemClock())
    await metadata.decide(Actor(user_id=world.mod.id, guild_id=world.guild.id, moderator=True), Keep.NOTHING)
    result = await world.alice.slash(world.channel, "history", job="1")
    again = [data for each in (result.response, *result.followups) for data in world.files(each).values()]
    assert len(again) == len(files)
    assert not any(b"PrimitiveString" in data for data in again), "unless the server wants none of it"

    copies = [world.folder / "data" / "published", world.folder / "data" / "outputs"]
    assert all(files_in(copies))
    await delete_for_good(world, world.alice, card)
    await world.until(lambda: not any(files_in(copies)))


def files_in(folders: list[Path]) -> list[list[str]]:
    return [[path.name for path in folder.rglob("*") if path.is_file()] for folder in folders]
