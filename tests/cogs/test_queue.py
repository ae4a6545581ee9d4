"""/queue: who waits for what, as each may see it."""

import asyncio
import copy
from typing import Any

import pytest

from bot.comfy import ComfyClient
from tests.cogs.looking import CHINESE, ENGLISH, LOCALES, Trouble, answer, ask, press
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMPTY = "Nothing is running or waiting. Make something with `/imagine`!"


def client(world: World) -> ComfyClient:
    return world.app.fleet.servers[0].client


def graph(world: World) -> Any:
    made = copy.deepcopy(dict(world.app.library.get("txt2img").graph))
    for node in made.values():
        if "ckpt_name" in node["inputs"]:
            node["inputs"]["ckpt_name"] = "demo-painter.safetensors"
    return made


async def test_an_empty_queue_says_so_in_both_languages(shared: World) -> None:
    for locale, lang in zip(LOCALES, (ENGLISH, CHINESE), strict=True):
        shared.locales[shared.alice.id] = locale
        said = await ask(shared, shared.alice, "queue")
        assert lang.t(EMPTY) in said
        assert lang.t("**{running}** running, **{waiting}** waiting", running=0, waiting=0) in said
    shared.locales.clear()


async def test_everybody_sees_people_and_workflows_but_nothing_of_private_jobs(shared: World) -> None:
    shared.comfyui.hold()
    await shared.generate(prompt="a secret garden", private=True)
    await shared.until(lambda: shared.comfyui.running)
    await shared.generate(shared.bob, prompt="a bridge")
    await shared.until(lambda: len(shared.comfyui.submitted) == 2)
    await shared.generate(shared.bob, prompt="a second bridge")

    seen = await ask(shared, shared.bob, "queue")
    assert "**1** running, **2** waiting" in seen
    assert "▶️ a private job" in seen
    assert f"**1.** #2 · Text to image · <@{shared.bob.id}>" in seen
    assert "**2.** #3 · " in seen
    assert f"<@{shared.alice.id}>" not in seen
    assert "bridge" not in seen

    own = await ask(shared, shared.alice, "queue")
    assert "▶️ #1 · " in own
    assert f"<@{shared.alice.id}>" in own


async def test_jobs_from_elsewhere_are_seen_without_any_detail(shared: World) -> None:
    foreign = shared.env.create_guild("elsewhere")
    room = foreign.create_text_channel("room")
    carol = foreign.add_member(shared.env.create_user("carol"))
    await shared.until(lambda: shared.app.bot.get_guild(foreign.id))
    await carol.slash(room, "generate", prompt="a foreign thing")

    message = await answer(shared, shared.alice, "queue")
    assert "a job from another Discord server" in shared.text(message)
    assert str(carol.id) not in shared.text(message)

    before = len((await client(shared).queue()).pending)
    await client(shared).submit(
        graph(shared), prompt_id="11111111-2222-4333-8444-555555555555", client_id=None
    )
    assert len((await client(shared).queue()).pending) == before + 1
    refreshed = await press(shared, shared.alice, message, "Refresh")
    assert "a job from outside this bot" in refreshed
    assert "One of them is from outside this bot." in refreshed
    await client(shared).delete_pending("11111111-2222-4333-8444-555555555555")


async def test_a_long_queue_has_pages(shared: World) -> None:
    prompts = [f"{number:08d}-2222-4333-8444-555555555555" for number in range(15)]
    for prompt_id in prompts:
        await client(shared).submit(graph(shared), prompt_id=prompt_id, client_id=None)
    message = await answer(shared, shared.alice, "queue")
    assert "Page 1 of 2" in shared.text(message)
    assert shared.buttons(message)["Back"]["disabled"]
    turned = await press(shared, shared.alice, message, "Next")
    assert "Page 2 of 2" in turned
    assert "**12.**" in turned
    assert "▶️" not in turned.replace("▶️ Next", "")
    assert "Page 2 of 2" in await press(shared, shared.alice, message, "Refresh")
    await client(shared).delete_pending(*prompts)
    assert "Page" not in await press(shared, shared.alice, message, "Back")


@pytest.mark.parametrize("action", ["reset", "hang", "garbage"])
async def test_a_server_in_trouble_hides_only_what_it_alone_knows(
    shared: World, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr("cogs.queue.cog.WITHIN", 0.2)
    with Trouble(shared, "/queue", action):
        async with asyncio.timeout(3):
            said = await ask(shared, shared.bob, "queue")
    assert "One image server is not answering" in said
    assert "#2 · " in said


async def test_the_pause_is_told_and_banned_people_are_refused(shared: World) -> None:
    olga = shared.guild.add_member(shared.env.create_user("olga"))
    shared.app.bot.owner_id = olga.id
    shared.guild.set_command_permissions(command_id(shared, "moderation"), {olga: True})
    await olga.slash(shared.channel, "moderation pause")
    assert "New jobs are paused" in await ask(shared, shared.alice, "queue")
    await olga.slash(shared.channel, "moderation resume")
    assert "paused" not in await ask(shared, shared.alice, "queue")

    message = await answer(shared, shared.alice, "queue")
    await shared.mod.slash(shared.channel, "moderation ban", user=shared.alice)
    assert "Queue" not in await ask(shared, shared.alice, "queue")
    pressed = await shared.alice.click(message, label="Refresh")
    assert pressed.acknowledged
    await shared.mod.slash(shared.channel, "moderation unban", user=shared.alice)


def command_id(world: World, name: str) -> int:
    found = world.env.backend.find_command(name, world.guild.id)
    assert found is not None
    return int(found["id"])
