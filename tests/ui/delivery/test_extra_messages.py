"""More files than one message takes: all of them, in order, once, wherever a way is open."""

from pathlib import Path
from typing import Any

import pytest

from bot.jobs.model.job import MessageRef
from bot.observe import Counters
from bot.runtime import SystemClock
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.message_api import Draft
from tests.ui.delivery.test_result_delivery import FakeJobs, FakeRoutes, deliver, done_job, token

NAMES = [f"txt2img-0-{n}.mp4" for n in range(1, 26)]


@pytest.fixture
def jobs(tmp_path: Path) -> FakeJobs:
    return FakeJobs(tmp_path)


def standing(routes: FakeRoutes) -> dict[str, list[str]]:
    """Return which files each message shows in the end, by the route of its last edit."""
    shown: dict[str, list[str]] = {}
    for route, draft in routes.sent:
        if route.startswith("delete "):
            shown.pop(f"bot {route.removeprefix('delete ')}", None)
        elif route == "token" or route.startswith("bot "):
            before = [name for name in shown.get(route, []) if name in [item.filename for item in draft.keep]]
            shown[route] = before + [upload.name for upload in draft.uploads]
    return shown


def says(routes: FakeRoutes, route: str) -> str:
    return str([draft.view.to_components() for taken, draft in routes.sent if taken == route][-1])


async def test_each_further_message_is_posted_committed_and_then_filled(jobs: FakeJobs) -> None:
    routes = FakeRoutes()
    await deliver(routes, jobs, done_job(jobs, 23), token())
    assert routes.taken == ["token", "send", "bot 500", "send", "bot 501"]
    assert {number: ref and ref.message_id for number, ref in jobs.parts.items()} == {2: 500, 3: 501}
    assert [name for names in standing(routes).values() for name in names] == NAMES[:23]
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_a_private_jobs_files_all_stay_with_the_person(jobs: FakeJobs) -> None:
    routes = FakeRoutes()
    await deliver(routes, jobs, done_job(jobs, 12, private=True), token(ephemeral=True))
    assert routes.taken == ["token", "follow up", "token"]
    routes = FakeRoutes({"follow up": [DeliveryErrorKind.TOKEN]})
    await deliver(routes, jobs, done_job(jobs, 12, private=True), token(ephemeral=True))
    assert routes.taken == ["token", "direct", "bot 500"]


@pytest.mark.parametrize(
    ("faults", "taken"),
    [
        ({"send": [DeliveryErrorKind.ACCESS]}, ["token", "follow up", "token"]),
        (
            {"send": [DeliveryErrorKind.ACCESS], "follow up": [DeliveryErrorKind.TOKEN]},
            ["token", "direct", "bot 500"],
        ),
        ({"send": [DeliveryErrorKind.LATER] * 2}, ["token", "send", "bot 500"]),
        ({"bot 500": [DeliveryErrorKind.LATER] * 2}, ["token", "send", "bot 500"]),
        ({"bot 500": [DeliveryErrorKind.MESSAGE]}, ["token", "send", "direct", "bot 501"]),
        ({"bot 500": [DeliveryErrorKind.ACCESS]}, ["token", "send", "follow up", "token"]),
        ({"bot 500": [DeliveryErrorKind.WORDS]}, ["token", "send", "token", "bot 500"]),
        ({"bot 500": [DeliveryErrorKind.SIZE]}, ["token", "send", "token", "bot 500"]),
    ],
    ids=str,
)
async def test_another_way_is_taken(
    faults: dict[str, list[DeliveryErrorKind]], taken: list[str], jobs: FakeJobs
) -> None:
    routes = FakeRoutes(faults)
    await deliver(routes, jobs, done_job(jobs, 12), token())
    assert routes.taken == taken
    assert (jobs.deliveries, jobs.reached) == (1, True)


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        (DeliveryErrorKind.ACCESS, [(41, False)]),
        (DeliveryErrorKind.MESSAGE, []),
        (DeliveryErrorKind.CHANNEL, []),
    ],
    ids=str,
)
async def test_a_further_message_that_cannot_be_filled_is_cleared_up_later(
    fault: DeliveryErrorKind, left: list[tuple[int, bool]], jobs: FakeJobs
) -> None:
    routes = FakeRoutes({"bot 41": [fault]})
    await deliver(routes, jobs, done_job(jobs, 12, parts={2: MessageRef(9, 41)}), token())
    assert routes.left == left
    assert jobs.parts[2] != MessageRef(9, 41)
    assert ("direct" in routes.taken) == (fault is DeliveryErrorKind.MESSAGE), "it is not put there again"


@pytest.mark.parametrize(
    ("fault", "left"), [(DeliveryErrorKind.ACCESS, [(41, False)]), (DeliveryErrorKind.MESSAGE, [])], ids=str
)
async def test_a_message_needed_no_more_is_cleared_up_later_where_its_place_is_closed(
    fault: DeliveryErrorKind, left: list[tuple[int, bool]], jobs: FakeJobs
) -> None:
    routes = FakeRoutes({"delete 41": [fault]})
    await deliver(routes, jobs, done_job(jobs, 2, parts={2: MessageRef(9, 41)}), token())
    assert routes.left == left
    assert jobs.parts == {2: None}


async def test_after_a_crash_the_same_messages_are_filled_again(jobs: FakeJobs) -> None:
    routes = FakeRoutes()
    job = done_job(jobs, 23, parts={2: MessageRef(9, 41), 3: MessageRef(9, 42)})
    await deliver(routes, jobs, job, token(), recovered=True)
    assert routes.taken == ["token", "bot 41", "bot 42"]


async def test_a_placeholder_posted_just_before_a_crash_is_found(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"bot 500": [DeliveryErrorKind.LATER] * 3})
    job = done_job(jobs, 12)
    wanted = iter([True, False])
    await deliver(routes, jobs, job, token(), lambda: next(wanted))  # it dies before anything is filled
    await deliver(routes, jobs, job, token(), recovered=True)
    assert routes.taken.count("send") == 1
    assert standing(routes)["bot 500"] == NAMES[10:12]


async def test_where_the_history_is_closed_once_too_often_is_better_and_counted(jobs: FakeJobs) -> None:
    routes, counters = FakeRoutes(history_closed=True), Counters()
    await deliver(routes, jobs, done_job(jobs, 12), token(), recovered=True, counters=counters)
    assert routes.taken == ["token", "send", "bot 500"]
    assert counters.value("placeholders_unsure") == 1


async def test_messages_that_are_not_needed_any_more_go(jobs: FakeJobs) -> None:
    routes = FakeRoutes()
    job = done_job(jobs, 12, parts={2: MessageRef(9, 41), 3: MessageRef(9, 42)})
    await deliver(routes, jobs, job, token(), recovered=True)
    assert routes.taken == ["token", "bot 41", "delete 42"]
    assert jobs.parts == {3: None}


async def test_the_person_is_told_what_is_late_and_when_it_came_no_more(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"send": [DeliveryErrorKind.LATER] * 4})
    told: list[str] = []

    def watching() -> bool:
        told.append(says(routes, "token") if routes.taken else "")
        return True

    await deliver(routes, jobs, done_job(jobs, 12), token(), watching)
    assert any("Discord does not take" in text and "txt2img-0-11.mp4" in text for text in told)
    assert "does not take" not in says(routes, "token")
    assert jobs.deliveries == 1


def closed(times: int) -> dict[str, list[DeliveryErrorKind]]:
    """Return a Discord in which no way is open for further files so many times."""
    return {
        "send": [DeliveryErrorKind.ACCESS] * times,
        "follow up": [DeliveryErrorKind.REFUSED] * times,
        "direct": [DeliveryErrorKind.ACCESS] * times,
    }


async def test_files_without_any_way_are_named_and_not_called_delivered(jobs: FakeJobs) -> None:
    routes, counters = FakeRoutes(closed(4)), Counters()
    job = done_job(jobs, 12)
    await deliver(routes, jobs, job, token(), lambda: len(routes.faults["send"]) > 1, counters=counters)
    assert "I could not send txt2img-0-11.mp4 and txt2img-0-12.mp4" in says(routes, "token")
    assert routes.taken == ["token", "token"], "the card is let be meanwhile"
    assert (jobs.deliveries, counters.value("deliveries", way="partly")) == (0, 1)


@pytest.mark.parametrize(
    ("then", "taken"),
    [
        ({}, ["send", "bot 500", "token"]),
        ({"bot 500": [DeliveryErrorKind.LATER, DeliveryErrorKind.LATER]}, ["send", "bot 500", "token"]),
        ({"bot 500": [DeliveryErrorKind.WORDS]}, ["send", "bot 500", "token"]),
        ({"bot 500": [DeliveryErrorKind.SIZE]}, ["send", "bot 500", "token"]),
    ],
    ids=str,
)
async def test_they_come_as_soon_as_a_way_is_open_and_nothing_twice(
    then: dict[str, list[DeliveryErrorKind]], taken: list[str], jobs: FakeJobs
) -> None:
    routes, counters = FakeRoutes(closed(3) | then), Counters()
    await deliver(routes, jobs, done_job(jobs, 12), token(), counters=counters)
    assert routes.taken == ["token", "token", *taken]
    assert standing(routes)["bot 500"] == NAMES[10:12]
    assert standing(routes)["token"] == NAMES[:10]
    assert "no way" not in says(routes, "token")
    assert (jobs.deliveries, jobs.reached, counters.value("deliveries", way="partly")) == (1, True, 0)


async def test_what_came_after_all_is_not_called_missing_because_one_edit_failed(jobs: FakeJobs) -> None:
    routes = FakeRoutes(closed(2))

    def watching() -> bool:
        if routes.taken == ["token", "token"]:
            routes.faults.update(
                {"token": [DeliveryErrorKind.LATER] * 2, "bot 400": [DeliveryErrorKind.LATER] * 2}
            )
        return True

    await deliver(routes, jobs, done_job(jobs, 12), token(), watching)
    assert standing(routes)["bot 500"] == NAMES[10:12]
    assert "no way" not in str(routes.sent[-1][1].view.to_components())
    assert routes.taken[-1] in {"token", "bot 400"}
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_a_card_deleted_meanwhile_is_not_posted_again_for_the_rest(jobs: FakeJobs) -> None:
    routes = FakeRoutes(closed(2))
    gone: list[int] = []

    def watching() -> bool:
        if routes.taken == ["token", "token"] and not gone:
            gone.append(1)
            routes.faults["token"] = [DeliveryErrorKind.MESSAGE]
        return True

    await deliver(routes, jobs, done_job(jobs, 12), token(), watching)
    assert routes.taken == ["token", "token", "send", "bot 500"]
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_after_a_day_they_are_left_to_the_history(jobs: FakeJobs) -> None:
    yesterday = SystemClock().now() - 90_000
    await deliver(FakeRoutes(closed(1)), jobs, done_job(jobs, 12, finished_at=yesterday), token())
    assert (jobs.deliveries, jobs.reached) == (1, False)


async def test_what_only_the_interaction_may_carry_follows_by_it(jobs: FakeJobs) -> None:
    routes = FakeRoutes(largest=100, by_token=5000)
    await deliver(routes, jobs, done_job(jobs, 12, size=200), token())
    assert routes.taken == ["token", "follow up", "token"]


class Remembering(FakeRoutes):
    """Answers a nonce it knows with the message that was posted under it, as Discord does, even if that is deleted."""

    def __init__(self, faults: dict[str, list[DeliveryErrorKind]]) -> None:
        super().__init__(faults)
        self.nonces: dict[str, int] = {}

    async def send(
        self, channel_id: int, view: Any, *, nonce: str, mention: int | None, seconds: float
    ) -> int:
        if nonce[:25] not in self.nonces:
            posted = await super().send(channel_id, view, nonce=nonce, mention=mention, seconds=seconds)
            self.nonces[nonce[:25]] = posted
        return self.nonces[nonce[:25]]


async def test_what_was_deleted_is_brought_directly_and_not_taken_for_the_same(jobs: FakeJobs) -> None:
    routes = Remembering(
        {"bot 500": [DeliveryErrorKind.MESSAGE] * 9, "bot 501": [DeliveryErrorKind.MESSAGE] * 9}
    )
    await deliver(routes, jobs, done_job(jobs, 12), token())
    assert routes.taken == ["token", "send", "direct", "direct", "bot 502"]
    assert "<#9> was deleted" in says(routes, "bot 502")
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_the_next_process_learns_of_a_deleted_message_too(jobs: FakeJobs) -> None:
    """The bot dies before what was in it stands elsewhere."""
    job = done_job(jobs, 12, parts={2: MessageRef(9, 41)})
    wanted = iter([True, False])
    died = FakeRoutes({"bot 41": [DeliveryErrorKind.MESSAGE], "direct": [DeliveryErrorKind.LATER]})
    await deliver(died, jobs, job, token(), lambda: next(wanted))
    assert jobs.parts == {}, "it is still known that there was one"
    routes = FakeRoutes({"bot 41": [DeliveryErrorKind.MESSAGE]})
    await deliver(routes, jobs, job, token(), recovered=True)
    assert routes.taken == ["token", "direct", "bot 500"]


async def test_a_dead_token_closes_the_way_that_was_tried_whichever_it_is(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"send": [DeliveryErrorKind.TOKEN] * 100})
    await deliver(routes, jobs, done_job(jobs, 12), token(token_expires=0.0))
    assert len(routes.faults["send"]) == 99, "it is not tried again and again without a pause"
    assert routes.taken == ["bot 400", "direct", "bot 500"]


class Losing(FakeRoutes):
    """The answer to the first edit that says something is late never comes, though the card says so then."""

    lost = False

    async def edit_by_token(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        answer = await super().edit_by_token(ref, draft, seconds=seconds)
        if not self.lost and "I keep trying" in str(draft.view.to_components()):
            self.lost = True
            raise DeliveryError(DeliveryErrorKind.LATER, "no answer")
        return answer


async def test_a_card_that_says_so_by_a_lost_answer_says_no_more_that_something_is_late(
    jobs: FakeJobs,
) -> None:
    routes = Losing({"send": [DeliveryErrorKind.LATER] * 5})
    await deliver(routes, jobs, done_job(jobs, 12), token())
    assert routes.lost
    assert standing(routes)["bot 500"] == NAMES[10:12]
    on_the_card = [draft for route, draft in routes.sent if route in {"token", "bot 400"}]
    assert "I keep trying" not in str(on_the_card[-1].view.to_components())
    assert (jobs.deliveries, jobs.reached) == (1, True)
