"""/cancel: one's own jobs, and for moderators anybody's of the same server; never anybody else's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.jobs.model.job import Job
from tests.cogs.looking import CHINESE, ENGLISH, ask, named
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN = "I cannot find that job. Choose one from the list that opens as you type."


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def queue(shared: World) -> AsyncIterator[None]:
    """Three jobs, the first of them running for seconds, taken away again at the end."""
    shared.comfyui.hold()
    await shared.generate(prompt="first")
    await shared.until(lambda: shared.comfyui.running)
    await shared.generate(prompt="second", private=True)
    await shared.generate(shared.bob, prompt="third")
    await shared.until(lambda: len(shared.app.jobs.active()) == 3)
    yield
    shared.locales.clear()
    shared.comfyui.release()
    for job in shared.app.jobs.active():
        await shared.app.jobs.cancel(job.id, by=0)
    await shared.until(lambda: not shared.app.jobs.active())


def of(world: World, who: Any) -> list[Job]:
    return sorted(
        (job for job in world.app.jobs.active() if job.request.requester.user_id == who.id),
        key=lambda job: job.number,
    )


async def offered(world: World, who: Any, typed: str = "") -> list[dict[str, Any]]:
    return await who.autocomplete(world.channel, "cancel", "job", typed)


async def test_the_list_offers_members_their_own(shared: World) -> None:
    first, second = of(shared, shared.alice)
    assert named(await offered(shared, shared.alice)) == [
        "All my jobs (2)",
        f"#{first.number} · {first.workflow_title} · first",
        f"#{second.number} · {second.workflow_title} · second",
    ]
    assert [choice["value"] for choice in await offered(shared, shared.alice, "secnd")] == [second.id]
    assert "all" in [choice["value"] for choice in await offered(shared, shared.alice, "all")]
    assert len(await offered(shared, shared.bob)) == 1
    shared.locales[shared.alice.id] = "zh-CN"
    assert named(await offered(shared, shared.alice))[0] == CHINESE.t("All my jobs ({count})", count=2)


async def test_the_list_offers_moderators_everything_but_no_private_words(shared: World) -> None:
    names = named(await offered(shared, shared.mod))
    _, second = of(shared, shared.alice)
    assert f"#{second.number} · hidden · alice" in names
    assert not any("second" in name for name in names)
    assert names[-1] == "Everything in this server"
    assert len(names) == 4


async def test_a_waiting_job_ends_at_once_and_a_running_one_soon(shared: World) -> None:
    first, second = of(shared, shared.alice)
    (third,) = of(shared, shared.bob)
    assert f"Job #{second.number} is" in await ask(shared, shared.alice, "cancel", job=second.id)
    assert await ask(shared, shared.alice, "cancel", job=f"#{first.number}") == ENGLISH.t(
        "Job #{number} is being stopped.", number=first.number
    )
    shared.comfyui.release()
    await shared.until(lambda: not of(shared, shared.alice))
    await shared.until(lambda: not shared.app.jobs.active())
    job = await shared.app.jobs.get(third.id)
    assert job.state == "succeeded"
    shared.locales[shared.alice.id] = "zh-CN"
    assert await ask(shared, shared.alice, "cancel", job=str(first.number)) == CHINESE.t(
        "Job #{number} has already ended.", number=first.number
    )


async def test_all_means_all_of_mine(shared: World) -> None:
    assert await ask(shared, shared.alice, "cancel", job="ALL ") == "2 jobs are cancelled."
    shared.comfyui.release()
    await shared.until(lambda: not of(shared, shared.alice))
    await shared.until(lambda: not shared.app.jobs.active())
    assert await ask(shared, shared.alice, "cancel", job="all") == "There is nothing to cancel."


async def test_members_cannot_touch_others(shared: World) -> None:
    first, second = of(shared, shared.alice)
    said = await ask(shared, shared.bob, "cancel", job=first.id)
    assert said == "Only the person who asked for this, or a moderator, can do that."
    assert await ask(shared, shared.bob, "cancel", job=second.id) == UNKNOWN
    shared.locales[shared.bob.id] = "zh-CN"
    assert await ask(shared, shared.bob, "cancel", job="99999") == CHINESE.t(UNKNOWN)
    assert await ask(shared, shared.bob, "cancel", job="no such job") == CHINESE.t(UNKNOWN)
    refusal = CHINESE.t("Only moderators can cancel everything. With `all` you cancel all jobs of yours.")
    assert await ask(shared, shared.bob, "cancel", job="everything") == refusal
    assert len(of(shared, shared.alice)) == 2


async def test_moderators_end_anything_here_and_nothing_elsewhere(shared: World) -> None:
    foreign = shared.env.create_guild("elsewhere")
    room = foreign.create_text_channel("room")
    carol = foreign.add_member(shared.env.create_user("carol"))
    await shared.until(lambda: shared.app.bot.get_guild(foreign.id))
    await carol.slash(room, "generate", prompt="far away")
    (far,) = of(shared, carol)
    assert await ask(shared, shared.mod, "cancel", job=far.id) == UNKNOWN
    assert await ask(shared, shared.mod, "cancel", job="everything") == "3 jobs are cancelled."
    record = await shared.app.policy.audit(shared.guild.id)
    assert [(entry.action, entry.actor_id) for entry in record] == [("cancel", shared.mod.id)] * 3
    assert {entry.subject for entry in record} == {str(shared.alice.id), str(shared.bob.id)}
    shared.comfyui.release()
    await shared.until(lambda: not shared.app.jobs.active())
    assert (await shared.app.jobs.get(far.id)).state == "succeeded"
