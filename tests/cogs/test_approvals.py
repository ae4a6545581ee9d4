"""What a pack's nodes may do is decided by operators, once: in /workflows add and in /workflows show."""

import json
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.demo.comfyui.nodes import NODES
from bot.demo.comfyui.nodes.spec import Node, text
from bot.demo.comfyui.values import Inputs, Outcome, Surroundings
from bot.errors import UserError
from bot.workflows import BindLimits, bind
from bot.workflows.graph.server_nodes import known_nodes
from tests.canvas import saved_picture
from tests.cogs.looking import CHINESE, answer, ask, press
from tests.world import ROOT, World

pytestmark = pytest.mark.asyncio(loop_scope="module")
SMALL = {"prompt": "a fox", "steps": 1, "width": 64, "height": 64}


def told(_: Surroundings, inputs: Inputs) -> Outcome:
    return Outcome((inputs["formula"],))


PACK = Node(
    "Recipe", told, {"formula": text(""), "link": text("")}, ("STRING",), "pack", "Recipe", module="custom_nodes.cook"
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world whose ComfyUI has a node pack that nobody has reviewed."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "workflows").mkdir()
    for ending in (".json", ".toml"):
        shutil.copy(ROOT / "workflows" / f"txt2img{ending}", folder / "workflows")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(NODES, PACK.name, PACK)
        world = World(folder, patch)
        world.workflows = folder / "workflows"
        async with world:
            yield world
        assert world.outside.failures == []


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def olga(shared: World) -> Any:
    """The operator."""
    olga = shared.guild.add_member(shared.env.create_user("olga"))
    shared.app.bot.owner_id = olga.id
    return olga


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def undecided(shared: World) -> None:
    """Nothing is decided when a test begins."""
    await shared.app.library.withdraw(shared.app.library.trust.approvals)


def graph(**inputs: str) -> dict[str, Any]:
    """A graph whose negative prompt comes out of the pack's node."""
    made: dict[str, Any] = json.loads((ROOT / "workflows" / "txt2img.json").read_bytes())
    for node in made.values():
        if "ckpt_name" in node["inputs"]:
            node["inputs"]["ckpt_name"] = "demo-painter.safetensors"
    sampler = next(node for node in made.values() if node["class_type"] == "KSampler")
    made[sampler["inputs"]["negative"][0]]["inputs"]["text"] = ["90", 0]
    made["90"] = {"class_type": "Recipe", "inputs": inputs, "_meta": {"title": "$spice.formula"}}
    return made


def attached(name: str, **inputs: str) -> tuple[str, bytes]:
    return name, json.dumps(graph(**inputs)).encode()


def files(world: World) -> set[str]:
    return {each.name for each in world.workflows.iterdir() if each.is_file()}


def buttons(world: World, message: Any) -> set[str]:
    return set(world.buttons(message))


async def test_a_file_with_unknown_nodes_is_saved_once_they_are_allowed(shared: World, olga: Any) -> None:
    before = files(shared)
    message = await answer(
        shared, olga, "workflows add", file=attached("spicy.json", formula="a*2", link="x.org")
    )
    said = shared.text(message)
    assert "Save spicy?" in said
    assert "This needs your approval" in said
    assert "**Recipe** (cook) · formula · “a\\*2” · runs this as code" in said
    assert "**Recipe** (cook) · link · “x.org” · calls this address" in said
    assert files(shared) == before
    assert buttons(shared, message) == {"Allow only these values", "Let members type there", "Do not save"}

    # One press allows all that was shown, and goes on with saving it.
    assert "Saved: spicy" in await press(shared, olga, message, "Allow only these values")
    assert shared.app.library.get("spicy").enabled
    assert "spice" not in shared.app.library.get("spicy").parameters
    await shared.done(await shared.generate(workflow="spicy", **SMALL))
    (entry, *_) = [
        each for each in await shared.app.policy.audit(shared.guild.id) if each.action == "approve nodes"
    ]
    assert entry.subject == "spicy"
    assert "cook/Recipe.formula" in (entry.detail or "")

    # The same again asks no more, also after a restart; another value does.
    again = attached("spicy-two.json", formula="a*2", link="x.org")
    assert "Saved: spicy-two" in await ask(shared, olga, "workflows add", file=again)
    await shared.crash()
    await shared.come_back()
    shared.app.bot.owner_id = olga.id
    assert shared.app.library.get("spicy").enabled
    other = await answer(
        shared, olga, "workflows add", file=attached("other.json", formula="b", link="x.org")
    )
    assert "formula" in shared.text(other)
    assert "link" not in shared.text(other)
    assert "Nothing was saved." in await press(shared, olga, other, "Do not save")
    assert "other.json" not in files(shared)


async def test_members_type_only_where_that_was_allowed(shared: World, olga: Any) -> None:
    message = await answer(shared, olga, "workflows add", file=attached("typed.json", formula="c", link=""))
    assert "Saved: typed" in await press(shared, olga, message, "Let members type there")
    work = shared.app.library.get("typed")
    assert work.parameters["spice"].targets == (("90", "formula"),)
    await shared.done(await shared.generate(workflow="typed", extra="spice=anything at all", **SMALL))

    # What was allowed is taken back where it is looked at, for every workflow.
    page = await answer(shared, olga, "workflows show", name="typed")
    assert "Withdraw approvals" in buttons(shared, page)
    said = await press(shared, olga, page, "Withdraw approvals")
    assert "This needs your approval" in said
    assert not shared.app.library.find("typed").enabled  # pyright: ignore[reportOptionalMemberAccess]
    assert not shared.app.library.find("spicy").enabled  # pyright: ignore[reportOptionalMemberAccess]
    refused = await shared.generate(workflow="typed", **SMALL)
    assert "cannot be used at present" in shared.text(refused)
    # Nor are jobs made of it that were accepted before.
    waiting = shared.app.library.for_job("typed")
    limits = BindLimits()
    with pytest.raises(UserError, match="needs approval"):
        bind(waiting, {"prompt": "x", "spice": "y"}, known_nodes(shared.app.fleet), limits=limits)


async def test_what_lies_in_the_folder_is_allowed_where_it_is_shown(shared: World, olga: Any) -> None:
    (shared.workflows / "lying.json").write_text(json.dumps(graph(formula="z", link="")))
    (shared.workflows / "lying.toml").write_text(
        '[parameters.mine]\nnode = "$spice.formula"\ninput = "formula"\n'
    )
    assert "needs approval" in await ask(shared, olga, "workflows reload")
    # Members see nothing, moderators see why, operators decide.
    assert "lying" not in await ask(shared, shared.alice, "workflows list")
    seen = await answer(shared, shared.mod, "workflows show", name="lying")
    assert "needs approval" in shared.text(seen)
    assert not {"Allow only these values", "Let members type there", "Withdraw approvals"} & buttons(
        shared, seen
    )
    page = await answer(shared, olga, "workflows show", name="lying")
    assert "what members type" in shared.text(page)
    # The manifest lets members fill it in, so to allow the one value is not enough.
    said = await press(shared, olga, page, "Allow only these values")
    assert "what members type" in said
    assert "Allow only these values" not in buttons(shared, page)
    said = await press(shared, olga, page, "Let members type there")
    assert "This needs your approval" not in said
    await shared.done(await shared.generate(workflow="lying", extra="mine=y", **SMALL))


async def test_only_what_was_shown_is_allowed(shared: World, olga: Any) -> None:
    file = shared.workflows / "changing.json"
    file.write_text(json.dumps(graph(formula="first", link="")))
    await ask(shared, olga, "workflows reload")
    page = await answer(shared, olga, "workflows show", name="changing")
    assert "first" in shared.text(page)
    # The file is exchanged between looking and pressing.
    file.write_text(json.dumps(graph(formula="import os", link="")))
    await ask(shared, olga, "workflows reload")
    before = shared.app.library.trust.approvals
    said = await press(shared, olga, page, "Allow only these values")
    assert "import os" in said
    assert shared.app.library.trust.approvals == before
    assert not shared.app.library.find("changing").enabled  # pyright: ignore[reportOptionalMemberAccess]


async def test_nobody_else_allows_anything(shared: World, olga: Any) -> None:
    refusal = "Only the people who run the bot can do this."
    message = await answer(shared, olga, "workflows add", file=attached("theirs.json", formula="q", link=""))
    shared.stored(message).flags &= ~64
    before = shared.app.library.trust.approvals
    for who in (shared.alice, shared.mod):
        for label in ("Allow only these values", "Let members type there"):
            pressed = await who.click(message, label=label)
            assert shared.text(pressed.response or pressed.followups[0]) == refusal
    assert shared.app.library.trust.approvals == before


async def test_what_a_picture_carries_approves_nothing(shared: World, olga: Any) -> None:
    picture = saved_picture(graph(formula="import os", link=""))
    message = await answer(shared, olga, "workflows add", file=("picture.png", picture))
    assert "This needs your approval" in shared.text(message)
    assert "picture.png" not in files(shared)
    manifest = (
        "m.toml",
        b'[parameters.mine]\nnode = "$spice.formula"\ninput = "formula"\nfixed = "import sys"\n',
    )
    fixed = await answer(shared, olga, "workflows add", file=("two.png", picture), manifest=manifest)
    assert "import sys" in shared.text(fixed)
    assert "two.png" not in files(shared)


async def test_the_list_speaks_chinese(shared: World, olga: Any) -> None:
    shared.locales[olga.id] = "zh-CN"
    message = await answer(shared, olga, "workflows add", file=attached("zh.json", formula="w", link=""))
    assert CHINESE.t("runs this as code") in shared.text(message)
    assert CHINESE.t("Allow only these values") in buttons(shared, message)
    shared.locales.clear()


async def test_decisions_that_cannot_be_kept_are_told(
    shared: World, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await answer(shared, olga, "workflows add", file=attached("full.json", formula="v", link=""))

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.workflows.safety.approval_file.os.fsync", refuse)
    pressed = await olga.click(message, label="Allow only these values")
    said = shared.text(pressed.followups[0])
    assert "The approvals cannot be written (No space left on device)" in said
