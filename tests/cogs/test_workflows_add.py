"""/workflows add, remove and reload: what operators put in and take out, and everybody else does not."""

import json
import logging
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.canvas import canvas, saved_picture
from tests.cogs.looking import CHINESE, answer, ask, named, press
from tests.world import ROOT, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world with a folder of its own that holds two of the shipped workflows."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "workflows").mkdir()
    for name in ("txt2img", "img2img"):
        for ending in (".json", ".toml"):
            shutil.copy(ROOT / "workflows" / f"{name}{ending}", folder / "workflows")
    with pytest.MonkeyPatch.context() as patch:
        world = World(folder, patch)
        world.workflows = folder / "workflows"
        async with world:
            yield world
        assert world.outside.failures == []


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def olga(shared: World) -> Any:
    """The operator: a member without any right in the server who owns the application."""
    olga = shared.guild.add_member(shared.env.create_user("olga"))
    shared.app.bot.owner_id = olga.id
    return olga


def graph(**changes: Any) -> dict[str, Any]:
    """A graph the stand-in can run, with changed inputs by the name they have in some node."""
    made: dict[str, Any] = json.loads((ROOT / "workflows" / "txt2img.json").read_bytes())
    changes.setdefault("ckpt_name", "demo-painter.safetensors")
    for node in made.values():
        node["inputs"] |= {name: value for name, value in changes.items() if name in node["inputs"]}
    return made


def attached(name: str = "My Portrait!.json", **changes: Any) -> tuple[str, bytes]:
    return name, json.dumps(graph(**changes)).encode()


def files(world: World) -> set[str]:
    return {each.name for each in world.workflows.iterdir() if each.is_file()}


async def test_a_workflow_from_being_attached_to_being_put_back(
    shared: World, olga: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # It is saved under a clean name, and the answer says what was found and how to use it.
    caplog.set_level(logging.INFO, "bot.audit")
    message = await answer(shared, olga, "workflows add", file=attached(steps=7))
    said = shared.text(message)
    assert "Saved: My-Portrait" in said
    assert "`/generate workflow:My-Portrait`" in said
    assert "- **steps** · whole number" in said
    assert "default 7" in said
    assert "✅ demo-painter.safetensors" in said
    assert "My-Portrait.json" in files(shared)
    assert "add workflow" in caplog.text
    await shared.done(
        await shared.generate(prompt="a fox", workflow="My-Portrait", steps=2, width=64, height=64)
    )

    # An own command is one form away; it is written into the manifest.
    form = await olga.click(message, label="Give it a command")
    (field,) = re.findall(r'"custom_id": "(\w+)"', json.dumps(form.modal))
    taken = await olga.submit_modal(form, {field: "queue"})
    assert "There is a command /queue already" in shared.text(taken.response)
    given = await olga.submit_modal(await olga.click(message, label="Give it a command"), {field: "imagine"})
    assert "`/imagine`" in shared.text(given.response), "this one a workflow may have"
    form = await olga.click(message, label="Give it a command")
    (field,) = re.findall(r'"custom_id": "(\w+)"', json.dumps(form.modal))
    # A form that was opened before a restart is as good as any.
    await shared.crash()
    await shared.come_back()
    shared.app.bot.owner_id = olga.id
    given = await olga.submit_modal(form, {field: "/Portrait"})
    assert "`/portrait`" in shared.text(given.response)
    assert (shared.workflows / "My-Portrait.toml").read_text() == 'command = "portrait"\n'
    assert shared.app.library.get("my-portrait").command == "portrait"

    # The same name in other capitals asks; keeping both and replacing both work, nothing is lost.
    again = await answer(shared, olga, "workflows add", file=attached("x.json", steps=9), name="MY-PORTRAIT")
    assert "There is a workflow called MY-PORTRAIT already" in shared.text(again)
    assert shared.app.library.get("my-portrait").parameters["steps"].default == 7
    assert "Saved: MY-PORTRAIT-2" in await press(shared, olga, again, "Keep both, call it MY-PORTRAIT-2")
    again = await answer(shared, olga, "workflows add", file=attached("my-portrait.json", steps=11))
    assert "Saved: my-portrait" in await press(shared, olga, again, "Replace it")
    replaced = shared.app.library.get("my-portrait")
    assert (replaced.parameters["steps"].default, replaced.command) == (11, "portrait")
    old = [json.loads(each.read_text()) for each in shared.workflows.glob("removed/*/My-Portrait.json")]
    assert [each["6"]["inputs"].get("steps") or each["5"]["inputs"].get("steps") for each in old] == [7]

    # A job that waits while its workflow is taken away is made all the same.
    shared.comfyui.hold()
    await shared.generate(prompt="first", workflow="my-portrait", steps=2)
    await shared.generate(shared.bob, prompt="second", workflow="my-portrait", steps=2)
    waiting = await shared.generate(shared.mod, prompt="third", workflow="my-portrait", steps=2)
    message = await answer(shared, olga, "workflows remove", name="my-portrait")
    assert "Its command `/portrait` goes with it." in shared.text(message)
    assert "my-portrait.json" in files(shared)
    removed = await press(shared, olga, message, "Remove")
    assert re.search(r"`removed/[\d-]+`", removed)
    assert files(shared) & {"my-portrait.json", "my-portrait.toml"} == set()
    assert shared.app.library.find("my-portrait") is None
    shared.comfyui.release()
    await shared.done(waiting)
    assert (await shared.generate(prompt="fourth", workflow="my-portrait")).ephemeral

    # It is put back with its command.
    assert "my-portrait" in await press(shared, olga, message, "Restore")
    assert shared.app.library.get("my-portrait").command == "portrait"
    entries = [entry.action for entry in await shared.app.policy.audit(shared.guild.id)]
    assert entries[0] == "restore workflow"
    assert "remove workflow" in entries
    assert "replace workflow" in entries


async def test_whatever_comfyui_writes_is_taken(shared: World, olga: Any) -> None:
    drawn = json.dumps(canvas("demo-painter.safetensors")).encode()
    said = await ask(shared, olga, "workflows add", file=("Glass bottle.json", drawn))
    assert "Saved: Glass-bottle" in said
    assert "default 512" in said
    picture = saved_picture(graph(steps=4))
    said = await ask(
        shared, olga, "workflows add", file=("ComfyUI_00001_.png", picture), name="from a picture"
    )
    assert "Saved: from-a-picture" in said
    assert {"Glass-bottle.json", "from-a-picture.png"} <= files(shared)
    small = {"prompt": "a fox", "steps": 2, "width": 64, "height": 64}
    for name in ("glass-bottle", "from-a-picture"):
        await shared.done(await shared.generate(workflow=name, **small))
    page = await answer(shared, olga, "workflows show", name="Glass-bottle")
    assert [name.partition(".")[0] for name in shared.files(page)] == ["graph"]
    (described,) = [each["description"] for each in shared.stored(page).attachments]
    assert described.startswith("Graph of Glass-bottle, 7 nodes; 1 ")
    exported = await olga.click(page, label="Graph as a file")
    (data,) = shared.files(exported.response).values()
    assert json.loads(data)["3"]["inputs"]["sampler_name"] == "euler"


async def test_what_is_wrong_is_named_and_not_saved(shared: World, olga: Any) -> None:
    before = files(shared)
    for file, sentence in (
        (("broken.json", b'{"1": {'), "The file is not valid JSON"),
        (("deep.json", b"[" * 200_000), "nested too deeply"),
        (("notes.txt", b"hello"), "is no file that ComfyUI writes a workflow into"),
        (attached("out.json", filename_prefix="../../etc/x"), "leads out of ComfyUI's output folder"),
        (attached("***.json"), "name of letters or digits"),
    ):
        said = await ask(shared, olga, "workflows add", file=file)
        assert sentence in said, file[0]
    manifest = ("x.toml", b"nsfw = true\nstepz = 3\n")
    said = await ask(shared, olga, "workflows add", file=attached("fine.json"), manifest=manifest)
    assert "line 2: unknown key stepz" in said.replace("\\", "")
    assert files(shared) == before


async def test_what_only_the_server_lacks_is_saved_when_one_insists(shared: World, olga: Any) -> None:
    shared.locales[olga.id] = "zh-CN"
    big = attached("big.json", ckpt_name="big.safetensors")
    message = await answer(shared, olga, "workflows add", file=big)
    assert CHINESE.t("Save {name}?", name="big") in shared.text(message)
    assert "big.safetensors" in shared.text(message)
    instead = CHINESE.t("Use what the server has")
    other = await answer(shared, olga, "workflows add", file=big, name="instead.json")
    assert "demo-painter.safetensors" in shared.text(other)
    assert CHINESE.t("Saved: {name}", name="instead") in await press(shared, olga, other, instead)
    assert shared.app.library.get("instead").parameters["model"].default == "auto"
    assert CHINESE.t("Nothing was saved.") in await press(shared, olga, message, CHINESE.t("Do not save"))
    assert "big.json" not in files(shared)

    # The question outlives a restart of the bot.
    message = await answer(shared, olga, "workflows add", file=big)
    await shared.crash()
    await shared.come_back()
    shared.app.bot.owner_id = olga.id
    said = await press(shared, olga, message, CHINESE.t("Save anyway"))
    assert CHINESE.t("Saved: {name}", name="big") in said
    assert CHINESE.t("⚠️ It cannot be used at present.") in said
    assert not shared.app.library.find("big").enabled  # pyright: ignore[reportOptionalMemberAccess]
    shared.locales.clear()

    # Members do not see it, moderators see why, reload names it with its remedy.
    assert "big" not in await ask(shared, shared.alice, "workflows list")
    seen = await ask(shared, shared.mod, "workflows list")
    assert "❌ big.safetensors (missing)" in seen
    assert "🔴 Error: Checkpoint needs big.safetensors" in seen
    (shared.workflows / "torn.json").write_text('{"1": ')
    said = await ask(shared, olga, "workflows reload")
    assert "torn" in said.partition("New since I last looked: ")[2].partition("\n")[0]
    assert "**big** cannot be used:" in said
    assert "put it into ComfyUI's models folder" in said
    assert "**torn** cannot be used:\n🔴 Error: The file is not valid JSON" in said
    assert shared.app.library.get("txt2img").enabled
    (shared.workflows / "torn.json").unlink()
    said = await ask(shared, olga, "workflows reload")
    assert "Gone: torn" in said
    assert "New since" not in said


async def test_a_workflow_for_a_role_is_for_that_role_alone(shared: World, olga: Any) -> None:
    manifest = ("m.toml", f'roles = ["{shared.guild.id}:mods"]'.encode())
    assert "Saved: exclusive" in await ask(
        shared, olga, "workflows add", file=attached("exclusive.json"), manifest=manifest
    )
    assert "Only for: mods" in await ask(shared, shared.mod, "workflows show", name="exclusive")
    assert "exclusive" not in await ask(shared, shared.alice, "workflows list")
    offers = {
        who: named(await who.autocomplete(shared.channel, "generate", "workflow", "excl"))
        for who in (shared.alice, shared.mod)
    }
    assert [any("exclusive" in name for name in names) for names in offers.values()] == [False, True]
    refusal = "“exclusive” is for certain roles only."
    assert await ask(shared, shared.alice, "workflows show", name="exclusive") == refusal
    refused = await shared.generate(prompt="a fox", workflow="exclusive", steps=1, width=64, height=64)
    assert refusal in shared.text(refused)
    for who in (shared.mod, olga):
        small = {"prompt": "a fox", "steps": 1, "width": 64, "height": 64}
        await shared.done(await shared.generate(who, workflow="exclusive", **small))


async def test_only_operators_change_anything(shared: World, olga: Any) -> None:
    before = files(shared)
    refusal = "Only the people who run the bot can do this."
    for who in (shared.alice, shared.mod):
        assert await ask(shared, who, "workflows add", file=attached()) == refusal
        assert await ask(shared, who, "workflows remove", name="txt2img") == refusal
        assert await ask(shared, who, "workflows reload") == refusal
        offered = await who.autocomplete(shared.channel, "workflows remove", "name", "txt")
        assert named(offered) == []
        page = await answer(shared, who, "workflows show", name="txt2img")
        assert {"Remove", "Give it a command", "Graph as a file"} & shared.buttons(page).keys() == set()
    # Whoever gets hold of a button of somebody else's message is refused as well.
    question = await answer(shared, olga, "workflows remove", name="txt2img")
    shared.stored(question).flags &= ~64
    pressed = await shared.mod.click(question, label="Remove")
    assert shared.text(pressed.response or pressed.followups[0]) == refusal
    assert files(shared) == before
    assert named(await olga.autocomplete(shared.channel, "workflows remove", "name", "txt"))


async def test_without_a_server_it_is_saved_only_when_one_insists(
    shared: World, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(_bot: object) -> None:
        return None

    monkeypatch.setattr("cogs.workflows.workflow_upload.server_nodes", silent)
    for name, data in (("api.json", attached()[1]), ("canvas.json", json.dumps(canvas()).encode())):
        message = await answer(shared, olga, "workflows add", file=(name, data))
        assert "Save " in shared.text(message), shared.text(message)
        await press(shared, olga, message, "Save anyway")
        assert name in files(shared)


async def test_a_folder_that_cannot_be_written_is_told(
    shared: World, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("bot.workflows.library.workflow_files._write", refuse)
    said = await ask(shared, olga, "workflows add", file=attached("fresh.json"))
    assert "cannot be written (Read-only file system)" in said
