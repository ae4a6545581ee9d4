"""What a card's buttons make again is exactly what was asked for, whatever it was resolved to."""

import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from bot.jobs.model.job import Job
from bot.jobs.model.request import JobId
from bot.settings import LimitSettings
from bot.users.profile import Defaults
from tests.cogs.asking import picture
from tests.cogs.filling import filled, opened, submit
from tests.cogs.pressing import press
from tests.world import ROOT, World, custom_ids

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHOTO = ("photo.png", picture())
SMALL = {"width": 64, "height": 64, "steps": 2}
ASKED: dict[str, dict[str, Any]] = {
    "prompt": {**SMALL},
    "workflow": {"workflow": "txt2img", **SMALL},
    "image": {"image": PHOTO, "steps": 2},
    "image2": {"workflow": "pair", "image": PHOTO, "image2": ("b.png", picture(colour="blue")), "steps": 2},
    "mask": {"image": PHOTO, "mask": ("mask.png", picture(colour="white")), "steps": 2},
    "aspect": {"aspect": "16:9", "width": 128, "steps": 2},
    "negative_prompt": {"negative_prompt": "rain", **SMALL},
    "model": {"model": "demo-painter-night.safetensors", **SMALL},
    "lora": {"lora": "demo-neon-glow:0.5", **SMALL},
    "seed": {"seed": 7, **SMALL},
    "count": {"count": 2, **SMALL},
    "steps": {**SMALL, "steps": 4},
    "cfg": {"cfg": 3.25, **SMALL},
    "sampler": {"sampler": "euler", **SMALL},
    "scheduler": {"scheduler": "simple", **SMALL},
    "denoise": {"denoise": 0.75, **SMALL},
    "width": {"width": 128, "aspect": "2:3", "steps": 2},
    "height": {"height": 128, "aspect": "2:3", "steps": 2},
    "priority": {"priority": True, **SMALL},
    "private": {"private": True, **SMALL},
    "extra": {"extra": "batch=2", **SMALL},
}
PAIR = '[parameters.model]\ndefault = "auto"\n[parameters.image2]\nnode = "Second"\ninput = "image"\n'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        world = World(folder, patch)
        world.workflows = folder / "workflows"
        shutil.copytree(ROOT / "workflows", world.workflows)
        graph = json.loads((world.workflows / "img2img.json").read_text("utf-8"))
        graph["90"] = {"class_type": "LoadImage", "inputs": {"image": "b.png"}, "_meta": {"title": "Second"}}
        graph["91"] = {"class_type": "PreviewImage", "inputs": {"images": ["90", 0]}}
        (world.workflows / "pair.json").write_text(json.dumps(graph), "utf-8")
        (world.workflows / "pair.toml").write_text(PAIR, "utf-8")
        world.limits = LimitSettings(jobs_per_user=20)
        async with world:
            yield world
        assert world.outside.failures == []


async def job_of(world: World, card: Any) -> Job:
    """Return the job whose card this is, once it is done."""
    await world.done(card)
    ids = custom_ids(world.stored(card).components)
    return await world.app.jobs.get(
        JobId(next(each.split(":")[2] for each in ids if each.startswith("job:again:")))
    )


def asked(job: Job, *, seed: bool = True) -> tuple[Any, ...]:
    """Return what a job was asked for, but for who asked and how fast."""
    request = job.request
    values = {name: value for name, value in request.values.items() if seed or name != "seed"}
    return values, request.inputs, request.count, request.private, request.workflow


async def test_edit_with_nothing_changed_makes_the_same(world: World) -> None:
    card = await world.generate(prompt="x", count=2, aspect="16:9", steps=1)
    job = await job_of(world, card)
    shown = await opened(world.alice, card, "Edit")
    assert filled(shown) == {
        "Prompt": "x", "Aspect ratio": "16:9", "How many": "2", "Model": "", "More settings": False,
    }  # fmt: skip
    same = (await submit(world.alice, shown)).response
    await world.done(same)
    assert len(world.files(same)) == 2
    assert list(world.files(same).values()) == list(world.files(card).values())
    assert "1360×768" in world.text(same)
    again = await job_of(world, same)
    assert asked(again, seed=False) == asked(job, seed=False)
    assert again.values == job.values

    # Once more, for what was resolved must not pile up; then one of the answers is changed.
    same = (await submit(world.alice, await opened(world.alice, same, "Edit"))).response
    assert len(world.files(await world.done(same))) == 2
    shown = await opened(world.alice, same, "Edit")
    one = (await submit(world.alice, shown, How_many="1", Aspect_ratio="1:1")).response
    assert len(world.files(await world.done(one))) == 1
    assert "1024×1024" in world.text(one)


async def test_several_that_were_asked_for_by_batch_are_how_many_too(world: World) -> None:
    card = await world.done(await world.generate(prompt="x", count=2, extra="batch=2, steps=1"))
    assert len(world.files(card)) == 4
    shown = await opened(world.alice, card, "Edit")
    assert filled(shown)["How many"] == "4"
    same = await world.done((await submit(world.alice, shown)).response)
    assert list(world.files(same).values()) == list(world.files(card).values())
    fewer = (await submit(world.alice, await opened(world.alice, card, "Edit"), How_many="3")).response
    assert len(world.files(await world.done(fewer))) == 3


async def test_every_option_is_tried() -> None:
    declared = (ROOT / "cogs" / "generate.py").read_text(encoding="utf-8")
    signature = declared.split("async def generate(")[1].split(") -> None")[0]
    assert ["interaction", *ASKED] == re.findall(r"^        (\w+): ", signature, re.MULTILINE)


@pytest.mark.parametrize("option", ASKED)
async def test_every_button_makes_what_was_asked_for(world: World, option: str) -> None:
    who = world.mod if option == "priority" else world.alice
    card = await world.generate(who, prompt="a fox", **ASKED[option])
    job = await job_of(world, card)
    private = job.request.private
    assert job.seed is not None

    edited = (await submit(who, await opened(who, card, "Edit"))).response
    same = await job_of(world, edited)
    assert asked(same) == asked(replace(job, request=job.request.varied(seed=job.seed)))
    assert same.values == job.values
    assert list(world.files(edited).values()) == list(world.files(card).values())
    assert edited.ephemeral == private

    where = card
    if list(ASKED).index(option) % 2:
        where = (await who.slash(world.channel, "history", job=str(job.number))).response
    pressed = await press(world, who, where, "again")
    other = await job_of(world, pressed.response)
    assert asked(other, seed=False) == asked(job, seed=False)
    assert other.seed != job.seed
    assert not other.request.priority
    assert pressed.response.ephemeral == private

    told = world.text((await press(world, who, card, "details")).response)
    command = told.split("```")[1].strip()
    files = {name: ASKED[option][name] for name in ("image", "image2", "mask") if name in ASKED[option]}
    typed = _options(command) | files
    repeated = await job_of(world, await world.generate(who, **typed))
    assert asked(repeated) == asked(same)
    assert repeated.values == job.values


async def test_the_command_makes_the_same_for_somebody_with_defaults_of_their_own(world: World) -> None:
    card = await world.done(await world.generate(prompt="a fox", workflow="txt2img", steps=1, seed=3))
    mine = Defaults(
        {"model": "demo-painter-night.safetensors", "aspect": "2:3", "negative_prompt": "rain"}, True
    )
    await world.app.bot.services.profiles.default(world.bob.id, "txt2img", mine)
    told = world.text((await press(world, world.bob, card, "details")).response)
    assert "negative_prompt:blurry, low quality, watermark model:demo-painter.safetensors" in told
    assert "width:1024 height:1024 private:False" in told
    repeated = await world.generate(world.bob, **_options(told.split("```")[1].strip()))
    assert not repeated.ephemeral
    assert list(world.files(await world.done(repeated)).values()) == list(world.files(card).values())
    await world.app.bot.services.profiles.default(world.bob.id, "txt2img", Defaults())


def _options(command: str) -> dict[str, Any]:
    """Read a command as Discord does."""
    parts = re.split(rf" ({'|'.join(ASKED)}):", command)
    assert parts[0] == "/generate"
    read: dict[str, Any] = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        if name in {"seed", "count", "steps", "width", "height"}:
            read[name] = int(text)
        elif name in {"cfg", "denoise"}:
            read[name] = float(text)
        else:
            read[name] = text == "True" if name == "private" else text
    return read
