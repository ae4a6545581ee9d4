"""/status: everything one wants to know of the servers, and nothing one must not."""

import asyncio

import pytest

from tests.cogs.looking import CHINESE, ENGLISH, LOCALES, Trouble, answer, ask, press
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_versions_devices_memory_queue_and_link(shared: World) -> None:
    await shared.until(lambda: shared.app.fleet.servers[0].listener.connected)
    stats = await shared.app.fleet.servers[0].client.system_stats()
    for locale, lang in zip(LOCALES, (ENGLISH, CHINESE), strict=True):
        shared.locales[shared.alice.id] = locale
        said = await ask(shared, shared.alice, "status")
        assert f"ComfyUI {stats.version}" in said
        assert lang.size(stats.devices[0].vram_total) in said
        assert lang.t("Queue: {running} running, {waiting} waiting", running=0, waiting=0) in said
        assert lang.t("No jobs are running.") in said
        assert "🟢" in said
    shared.locales.clear()


async def test_only_operators_see_the_address(shared: World) -> None:
    address = shared.app.fleet.servers[0].label.split(":")[1]
    assert address not in await ask(shared, shared.alice, "status")
    assert address not in await ask(shared, shared.mod, "status")
    olga = shared.guild.add_member(shared.env.create_user("olga"))
    shared.app.bot.owner_id = olga.id
    seen = await ask(shared, olga, "status")
    assert address in seen
    for secret in ("argv", str(shared.folder), "--listen", "password"):
        assert secret not in seen


@pytest.mark.parametrize("action", ["reset", "hang"])
async def test_a_server_in_trouble_is_shown_as_such(
    shared: World, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr("cogs.status.cog.WITHIN", 0.2)
    message = await answer(shared, shared.alice, "status")
    with Trouble(shared, "*", action):
        async with asyncio.timeout(5):
            said = await press(shared, shared.alice, message, "Refresh")
    assert "It is not answering." in said
    assert "It is not answering." not in await press(shared, shared.alice, message, "Refresh")


async def test_a_lost_link_and_jobs_on_their_way(shared: World) -> None:
    shared.comfyui.hold()
    await shared.generate(prompt="slow")
    await shared.until(lambda: shared.comfyui.running)
    said = await ask(shared, shared.alice, "status")
    assert "One job is waiting or running." in said
    assert "Queue: 1 running, 0 waiting" in said
    await shared.comfyui.stop()
    await shared.until(lambda: not shared.app.fleet.servers[0].listener.connected)
    assert "Live connection lost" in await ask(shared, shared.alice, "status")
