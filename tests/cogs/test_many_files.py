"""More files than one message takes, and the bot dies at the worst moments: each file comes once, in its place."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bot.jobs.service import JobService
from bot.settings import LimitSettings
from tests import faults
from tests.cogs.pressing import delete_for_good
from tests.faults import Call, DiscordFaults
from tests.world import World

FILES = 12
NAMES = [f"txt2img-7-{number}.png" for number in range(1, FILES + 1)]


@pytest.fixture
def limits() -> LimitSettings:
    """Enough for more files than one message takes."""
    return LimitSettings(count=FILES, jobs_per_user=FILES)


class Standstill:
    """Stops whoever makes a certain call, for ever."""

    def __init__(self, wanted: Callable[[Call], bool]) -> None:
        self._wanted = wanted
        self.reached = asyncio.Event()

    async def __call__(self, call: Call) -> None:
        """Stand still at the call that is wanted."""
        if self._wanted(call):
            self.reached.set()
            await asyncio.Event().wait()


def is_part(call: Call) -> bool:
    """Whether the call is about the second message."""
    return "(part 2 of 2)" in call.text


MOMENTS: dict[str, Callable[[Call], bool]] = {
    "the card's files": lambda call: (
        call.is_edit and bool(call.sizes) and NAMES[0] in call.text and not is_part(call)
    ),
    "the second message": lambda call: call.is_post and is_part(call),
    "the second message's files": lambda call: call.is_edit and bool(call.sizes) and is_part(call),
}


async def many(world: World, **options: Any) -> Any:
    return await world.generate(prompt="a fox", seed=7, count=FILES, steps=1, **options)


def names(world: World) -> dict[int, list[str]]:
    """Return which files each message holds that stands anywhere."""
    return {
        message.id: [item["filename"] for item in message.attachments]
        for messages in world.env.backend.messages.values()
        for message in messages.values()
    }


def check_once(world: World) -> None:
    held = names(world)
    assert Counter(name for files in held.values() for name in files) == Counter(NAMES)
    assert [len(files) for files in held.values()] == [10, 2]


async def delivered(world: World) -> None:
    await world.until(lambda: not world.app.delivery.showing and not world.app.jobs.active())


async def test_all_files_come_in_order(world: World) -> None:
    message = await many(world)
    await world.done(message)
    await delivered(world)
    check_once(world)
    assert [name for files in names(world).values() for name in files] == NAMES
    assert "2 more files follow below" in world.text(message)
    assert "part 2 of 2" in world.text(world.messages()[1])
    assert "⏳" not in world.text(world.messages()[1]), "a placeholder becomes what it stood for"


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_while_uploading_doubles_and_loses_nothing(
    world: World, discord_faults: DiscordFaults, moment: str, when: str
) -> None:
    stop = Standstill(MOMENTS[moment])
    setattr(discord_faults, "before" if when == "before" else "behind", stop)
    await many(world)
    await world.until(stop.reached.is_set)
    await world.crash()
    discord_faults.before = discord_faults.behind = None
    await world.come_back()
    await delivered(world)
    check_once(world)
    assert world.app.counters.value("placeholders_unsure") == 0


async def test_a_crash_before_it_is_stored_that_all_was_delivered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def never(*_args: object, **_options: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(JobService, "delivered", never)
        await many(world)
        await world.until(reached.is_set)
        await world.crash()
    await world.come_back()
    await delivered(world)
    check_once(world)


async def test_where_the_bot_may_not_read_back_a_second_placeholder_is_counted(
    world: World, discord_faults: DiscordFaults
) -> None:
    discord_faults.decide = lambda call: (
        faults.NO_ACCESS if call.method == "GET" and call.path.endswith("/messages") else None
    )
    stop = Standstill(MOMENTS["the second message"])
    discord_faults.behind = stop
    await many(world)
    await world.until(stop.reached.is_set)
    await world.crash()
    discord_faults.behind = None
    await world.come_back()
    await delivered(world)
    held = names(world)
    assert Counter(name for files in held.values() for name in files) == Counter(NAMES)
    assert world.app.counters.value("placeholders_unsure") >= 1


@pytest.mark.parametrize(
    "failure",
    [faults.RESET_AFTER, faults.TOO_LARGE, faults.MESSAGE_GONE, faults.BLOCKED_WORDS],
    ids=lambda failure: failure.kind,
)
async def test_a_further_message_that_fails_once_comes_once(
    world: World, discord_faults: DiscordFaults, failure: faults.Failure
) -> None:
    left = [failure]
    wanted = MOMENTS["the second message's files"]
    discord_faults.decide = lambda call: left.pop() if left and wanted(call) else None
    await many(world)
    await delivered(world)
    assert discord_faults.struck == {failure.kind: 1}
    held = [files for files in names(world).values() if files]
    assert Counter(name.split(".")[0] for files in held for name in files) == Counter(
        name.split(".")[0] for name in NAMES
    )


async def test_where_the_bot_may_not_post_the_interaction_carries_the_rest(
    world: World, discord_faults: DiscordFaults
) -> None:
    discord_faults.channels[world.channel.id] = faults.NO_PERMISSION
    await many(world)
    await delivered(world)
    check_once(world)
    assert len(world.messages()) == 2


async def test_a_further_answer_whose_confirmation_was_lost_is_found_and_filled(
    world: World, discord_faults: DiscordFaults
) -> None:
    lost = [faults.RESET_AFTER]

    def decide(call: Call) -> faults.Failure | None:
        if call.is_post:
            return faults.NO_PERMISSION
        return lost.pop() if lost and call.method == "POST" and call.token and is_part(call) else None

    discord_faults.decide = decide
    await many(world)
    await delivered(world)
    check_once(world)
    assert len(world.messages()) == 2


async def test_a_private_jobs_further_files_stay_private(world: World) -> None:
    await many(world, private=True)
    await delivered(world)
    check_once(world)
    assert all(message.is_ephemeral for message in world.messages())


async def test_what_no_way_is_open_for_is_named_and_comes_after_the_next_start(
    world: World, discord_faults: DiscordFaults
) -> None:
    refused = faults.NO_PERMISSION
    discord_faults.decide = lambda call: (
        refused if "part 2 of 2" in call.text or "Your result" in call.text else None
    )
    message = await many(world)
    await world.until(lambda: "I could not send" in world.text(message))
    assert "txt2img-7-11.png and txt2img-7-12.png" in world.text(message).replace("\\", "")
    discord_faults.decide = None
    await world.crash()
    await world.come_back()
    await delivered(world)
    check_once(world)
    assert "I had no way" not in world.text(message)


async def test_the_history_shows_all_files_of_a_job_nobody_could_be_reached_with(
    world: World, discord_faults: DiscordFaults
) -> None:
    world.comfyui.hold()
    discord_faults.closed.add(world.alice.id)
    card = await many(world, private=True)
    world.env.backend.interaction_tokens.clear()
    world.comfyui.release()
    await delivered(world)
    assert {name for files in names(world).values() for name in files} <= {"preview.jpg"}
    assert world.app.counters.value("deliveries", way="history") == 1
    number = world.text(card).split("#")[1].split()[0]
    result = await world.alice.slash(world.channel, "history", job=number)
    said = world.text(result.response)
    assert "I could neither post this nor send it to you directly, so it waits here in /history." in said
    (further,) = result.followups
    assert [*world.files(result.response), *world.files(further)] == NAMES
    assert result.response.ephemeral
    assert further.ephemeral


async def test_deleting_the_card_takes_the_further_messages_with_it(world: World) -> None:
    card = await world.done(await many(world))
    await delivered(world)
    await delete_for_good(world, world.alice, card)
    await world.until(lambda: all(message.is_ephemeral for message in world.messages()))
