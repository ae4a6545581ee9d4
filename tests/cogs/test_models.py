"""/models: folders, files, searching and turning pages."""

import asyncio

import pytest

import bot.ui.interactions.components
from bot.demo.comfyui.folders import MODEL_FOLDERS
from tests.cogs.looking import (
    CHINESE,
    ENGLISH,
    LOCALES,
    Trouble,
    answer,
    ask,
    choose,
    menu,
    named,
    press,
)
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_folders_files_and_the_way_back(shared: World) -> None:
    message = await answer(shared, shared.alice, "models")
    assert "📁 checkpoints" in shared.text(message)
    assert {option["value"] for option in menu(shared, message)["options"]} == set(MODEL_FOLDERS)
    opened = await choose(shared, shared.alice, message, "loras")
    assert "Models in loras" in opened
    assert "- demo-neon-glow.safetensors" in opened
    assert "- style/demo-soft-ink.safetensors" in opened
    assert "2 files" in opened
    assert "📁 checkpoints" in await press(shared, shared.alice, message, "Folders")
    assert "This folder is empty." in await choose(shared, shared.alice, message, "configs")


async def test_searching_one_folder_and_all_of_them(shared: World) -> None:
    for locale, lang in zip(LOCALES, (ENGLISH, CHINESE), strict=True):
        shared.locales[shared.alice.id] = locale
        said = await ask(shared, shared.alice, "models", search="DEMO vae")
        assert "vae / demo-vae.safetensors" in said
        assert "checkpoints" not in said
        assert lang.t("Models with “{search}”", search="DEMO vae") in said
        assert lang.n("One file", "{n} files", 1) in said
    shared.locales.clear()
    narrowed = await ask(shared, shared.alice, "models", folder="checkpoints", search="night")
    assert "demo-painter-night.safetensors" in narrowed
    assert "demo-painter.safetensors" not in narrowed
    assert "No matches." in await ask(shared, shared.alice, "models", search="no such model")


async def test_an_unknown_folder_is_answered_with_the_nearest(shared: World) -> None:
    said = await ask(shared, shared.alice, "models", folder="checkpoint")
    assert said == "There is no model folder “checkpoint”. Similar: checkpoints."
    for elsewhere in ("../../etc", "..", "../x", "checkpoints/../loras", "..\\loras"):
        asked = len(shared.comfyui.requests)
        assert "There is no model folder" in await ask(shared, shared.alice, "models", folder=elsewhere)
        assert {path.rpartition("/")[2] for _, path, _ in shared.comfyui.requests[asked:]} <= {"models"}


async def test_many_files_have_pages_and_odd_names_are_shown_as_they_are(shared: World) -> None:
    names = [f"*wild* @here {number:02d} " + "長" * 90 + ".safetensors" for number in range(45)]
    shared.comfyui.folders.models["many"] = names
    message = await answer(shared, shared.alice, "models", folder="many")
    assert "Page 1 of 3" in shared.text(message)
    assert r"\*wild\* \@here 00" in shared.text(message)
    assert "19" in shared.text(message)
    assert "45 files" in await press(shared, shared.alice, message, "Next")
    assert "Page 3 of 3" in await press(shared, shared.alice, message, "Next")
    assert shared.buttons(message)["Next"]["disabled"]
    searched = await answer(shared, shared.alice, "models", search="here")
    assert "Page 2 of 3" in await press(shared, shared.alice, searched, "Next")
    del shared.comfyui.folders.models["many"]


async def test_folders_are_offered_while_typing_even_when_the_server_hangs(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = await shared.alice.autocomplete(shared.channel, "models", "folder", "lo")
    assert named(offered)[0] == "loras"
    monkeypatch.setattr("cogs.models.cog.KEEP", -1.0)
    with Trouble(shared, "/models", "hang"):
        async with asyncio.timeout(1.5):
            offered = await shared.alice.autocomplete(shared.channel, "models", "folder", "vae")
    assert named(offered)[0] == "vae"


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("reset", "The image server is not answering."),
        ("hang", "The image server takes too long to answer."),
        ("garbage", "The image server answered in a way I do not understand"),
    ],
)
async def test_a_server_in_trouble_is_told_in_a_sentence(
    shared: World, monkeypatch: pytest.MonkeyPatch, action: str, sentence: str
) -> None:
    monkeypatch.setattr(bot.ui.interactions.components, "WITHIN", 0.3)
    message = await answer(shared, shared.alice, "models", folder="loras")
    with Trouble(shared, "/models*", action):
        assert (await ask(shared, shared.alice, "models")).startswith(sentence)
        pressed = await shared.alice.click(message, label="Folders")
    (told,) = pressed.followups
    assert told.ephemeral
    assert shared.text(told).startswith(sentence)
    assert "Models in loras" in shared.text(message)
