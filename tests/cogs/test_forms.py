"""Forms for workflows: paged, filled with what is known, nothing typed ever lost, and all of it after a restart."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.i18n import LANGUAGES
from tests.cogs.asking import forbid, picture
from tests.cogs.filling import fields, filled, opened, restarted, submit
from tests.world import ROOT, World

HAIR = """
title = { en = "Hairdresser", zh-CN = "发型师" }
command = "hair"

[parameters.model]
default = "auto"

[parameters.style]
node = "Negative prompt"
input = "text"
title = { en = "Style", zh-CN = "风格" }
choices = { "short" = "short hair", "long" = "long hair" }
default = "long"
"""


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    world = World(tmp_path, monkeypatch)
    world.workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", world.workflows)
    shutil.copy(ROOT / "workflows" / "img2img.json", world.workflows / "hair.json")
    (world.workflows / "hair.toml").write_text(HAIR, "utf-8")
    async with world:
        yield world
    assert world.outside.failures == []


async def test_a_workflow_asks_for_what_it_needs_page_by_page(world: World) -> None:
    shown = await world.alice.slash(world.channel, "generate", workflow="txt2img", seed=3)
    assert shown.modal["title"] == "Text to image (1/3)"
    assert filled(shown) == {
        "Prompt": "",
        "Aspect ratio": "",
        "How many": "",
        "Model": "",
        "More settings": False,
    }
    assert fields(shown)["Prompt"]["required"]
    assert fields(shown)["How many"]["placeholder"] == "1"
    assert [each["value"] for each in fields(shown)["How many"]["options"]] == ["1", "2", "3", "4"]
    offered = {each["value"]: each["label"] for each in fields(shown)["Model"]["options"]}
    assert "demo-painter.safetensors" in offered
    assert offered["auto"] == fields(shown)["Model"]["placeholder"] == "automatic"

    # Enough said: it is made at once.
    answer = await submit(world.alice, shown, Prompt="a fox", Aspect_ratio="16:9")
    await world.done(answer.response)
    assert "a fox" in world.text(answer.response)
    assert "Seed 3" in world.text(answer.response)

    # More wanted: a card for this person alone leads through the other pages, also after a restart.
    shown = await world.alice.slash(world.channel, "generate", workflow="txt2img")
    await restarted(world)
    first = {"Prompt": "a wolf", "Aspect ratio": "1:1", "Model": "demo-painter-night.safetensors"}
    card = (await submit(world.alice, shown, **first, How_many="2", More_settings=True)).response
    assert card.ephemeral
    assert "How many: 2" in world.text(card)
    assert "a wolf" in world.text(card)
    assert list(world.buttons(card)) == ["Next", "Generate", "Back"]
    for label in ("Next", "Generate", "Back"):
        refused = await world.bob.click(card, label=label) if not card.ephemeral else None
        assert refused is None
    shown = await opened(world.alice, card, "Next")
    page = filled(shown)
    assert page["Steps"] == ""
    assert fields(shown)["Steps"]["placeholder"] == "25"
    result = await submit(world.alice, shown, Steps="2")
    assert result.response is None or result.response.id == card.id
    assert "Steps: 2" in world.text(card)
    shown = await opened(world.alice, card, "Back")
    assert filled(shown)["Steps"] == "2"
    await restarted(world)
    shown = await opened(world.alice, card, "Next")
    assert filled(shown)["Width"] == ""
    # A side of one's own takes the place of the shape.
    await submit(world.alice, shown, Width="64", Height="64")
    answer = await world.alice.click(card, label="Generate")
    await world.done(answer.response)
    said = world.text(answer.response)
    assert "64×64" in said
    assert "Steps 2" in said
    assert "painter-night" in said
    assert not answer.response.ephemeral
    assert len(world.files(answer.response)) == 2


async def test_what_was_typed_is_never_lost_on_a_mistake(world: World) -> None:
    world.locales[world.bob.id] = "zh-CN"
    shown = await world.alice.slash(
        world.channel, "generate", workflow="txt2img", width=64, height=64, steps=2
    )
    assert filled(shown)["Aspect ratio"] == "64×64", "the sides are the shape"
    card = (await submit(world.alice, shown, Prompt="a long story", More_settings=True)).response
    await submit(world.alice, await opened(world.alice, card, "Next"), Seed="many")
    answer = await world.alice.click(card, label="Generate")
    assert answer.response.ephemeral
    assert "whole number" in world.text(answer.response)
    await restarted(world)
    shown = await opened(world.alice, answer.response, "Fix and send")
    assert filled(shown)["Seed"] == "many", "the page with the mistake"
    assert "a long story" in world.text(card)
    answer = await submit(world.alice, shown, Seed="18446744073709551615")
    await world.done(answer.response)
    assert "Seed 18446744073709551615" in world.text(answer.response)
    assert "64×64" in world.text(answer.response)

    shown = await world.bob.slash(world.channel, "generate", workflow="txt2img")
    assert shown.modal["title"].startswith("文生图")
    assert "提示词" in fields(shown)
    await forbid(world, "狐狸")
    answer = await submit(world.bob, shown, 提示词="一只狐狸", 生成几张="2")
    assert "修改后发送" in world.text(answer.response)
    shown = await opened(world.bob, answer.response, "修改后发送")
    assert (filled(shown)["提示词"], filled(shown)["生成几张"]) == ("一只狐狸", "2")
    answer = await submit(world.bob, shown)
    assert answer.response.ephemeral
    assert "狐狸" in world.text(answer.response)


async def test_what_has_no_field_and_what_no_workflow_takes_now_is_kept_too(world: World) -> None:
    first = await world.generate(prompt="a fox", extra="denoise=0.9", steps=2)
    await world.done(first)
    shown = await opened(world.alice, first, "Edit")
    card = (await submit(world.alice, shown, More_settings=True)).response
    await submit(world.alice, await opened(world.alice, card, "Next"))
    shown = await opened(world.alice, card, "Next")
    assert filled(shown)["Other settings"] == "denoise=0.9"
    await submit(world.alice, shown, Other_settings="what is this")
    answer = await world.alice.click(card, label="Generate")
    assert "I cannot read" in world.text(answer.response)
    shown = await opened(world.alice, answer.response, "Fix and send")
    assert next(iter(filled(shown).items())) == ("Other settings", "what is this")
    answer = await submit(world.alice, shown, Other_settings="denoise=1")
    await world.done(answer.response)

    # The workflow is gone for a while just when the form is sent.
    shown = await world.alice.slash(world.channel, "generate", workflow="hair", image=("a.png", picture()))
    manifest = world.workflows / "hair.toml"
    whole = manifest.read_text("utf-8")
    manifest.write_text("title = ", "utf-8")
    await world.app.library.load()
    answer = await submit(world.alice, shown, Prompt="a whole novel")
    assert "cannot be used at present" in world.text(answer.response)
    manifest.write_text(whole, "utf-8")
    await world.app.library.load()
    shown = await opened(world.alice, answer.response, "Fix and send")
    assert filled(shown)["Prompt"] == "a whole novel"


async def test_files_are_attached_in_the_form_and_kept(world: World) -> None:
    # An own command without anything opens the form; a file that is none is said, the words stay.
    shown = await world.alice.slash(world.channel, "generate", workflow="hair", steps=2)
    assert shown.modal["title"].startswith("Hairdresser")
    assert list(fields(shown))[:3] == ["Prompt", "Image", "Style"]
    assert fields(shown)["Image"]["type"] == 19
    assert fields(shown)["Image"]["required"]
    answer = await submit(
        world.alice, shown, Prompt="curls", Image=("a.png", b"no picture"), Style="short hair"
    )
    (trouble,) = answer.followups
    assert trouble.ephemeral
    assert "not a picture" in world.text(trouble)
    shown = await opened(world.alice, trouble, "Fix and send")
    assert (filled(shown)["Prompt"], filled(shown)["Style"]) == ("curls", "short hair")
    answer = await submit(world.alice, shown, Image=("a.png", picture()), More_settings=True)
    card = answer.response
    assert "Image: a.png" in world.text(card)
    await restarted(world)
    answer = await world.alice.click(card, label="Generate")
    await world.done(answer.response)
    first = world.files(answer.response)

    # Edit shows it all again; the file is kept unless another one is attached.
    shown = await opened(world.alice, answer.response, "Edit")
    assert not fields(shown)["Image"]["required"]
    assert (
        "(kept;"
        in next(each for each in shown.modal["components"] if each["label"] == "Image")["description"]
    )
    again = await submit(world.alice, shown)
    await world.done(again.response)
    assert list(world.files(again.response).values()) == list(first.values())
    shown = await opened(world.bob, again.response, "Edit")
    other = await submit(world.bob, shown, Image=("b.png", picture(colour="blue")))
    await world.done(other.response)
    assert list(world.files(other.response).values()) != list(first.values())


async def test_files_given_with_the_command_wait_for_the_form(world: World) -> None:
    shown = await world.alice.slash(
        world.channel, "generate", workflow="hair", image=("a.png", picture()), steps=2
    )
    assert "a.png (kept; attach another to replace it)" in str(shown.modal["components"])
    assert not fields(shown)["Image"]["required"]
    await restarted(world)
    answer = await submit(world.alice, shown, Prompt="curls")
    await world.done(answer.response)

    # One that is no picture after all is asked for again.
    shown = await world.alice.slash(world.channel, "generate", workflow="hair", image=("a.png", b"x" * 100))
    answer = await submit(world.alice, shown, Prompt="curls")
    (trouble,) = answer.followups
    assert "not a picture" in world.text(trouble)
    shown = await opened(world.alice, trouble, "Fix and send")
    assert fields(shown)["Image"]["required"]


async def test_a_form_is_its_openers_alone_and_grows_old(world: World) -> None:
    shown = await world.alice.slash(world.channel, "generate", workflow="txt2img")
    card = (await submit(world.alice, shown, Prompt="a wolf", More_settings=True)).response
    (button,) = [each["custom_id"] for each in world.buttons(card).values() if "make" in each["custom_id"]]
    draft = button.split(":")[2]
    with pytest.raises(Exception, match="Only the person"):
        await world.app.bot.services.drafts.of(draft, world.bob.id)
    await world.app.bot.memory.set(f"form:{draft}", None)
    answer = await world.alice.click(card, label="Generate")
    assert "has expired" in world.text(answer.response)
    assert LANGUAGES["zh-CN"].t("Generate") != "Generate"
