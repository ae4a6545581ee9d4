"""Messages that stayed behind in a place that closed."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest

from bot.i18n import LANGUAGES
from bot.jobs.model.job import Job, JobState, MessageRef
from bot.jobs.model.leftover import Leftover
from bot.jobs.model.ports import StoreUnavailable
from bot.runtime import SystemClock, Tasks
from bot.ui.delivery_errors import DeliveryErrorKind
from bot.ui.messages.orphaned_messages import MOST, OrphanedMessages
from bot.ui.messages.pacing import Pace
from tests.jobs.samples import eventually
from tests.ui.delivering import FakeRoutes
from tests.ui.jobs import make_job

THERE = MessageRef(9, 41)
PACE = Pace(rest=(0.001,), retry=(0.001,), left_alone=60.0)


class FakeStore:
    def __init__(self, *noted: Leftover) -> None:
        self.noted = {each.message_id: each for each in noted}
        self.broken = False
        self.refusals = 0

    async def leave(self, leftover: Leftover) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("down")
        self.noted.setdefault(leftover.message_id, leftover)

    async def leftovers(self, limit: int) -> tuple[Leftover, ...]:
        return tuple(self.noted.values())[:limit]

    async def cleared(self, message_id: int) -> None:
        if self.broken:
            raise StoreUnavailable("down")
        self.noted.pop(message_id, None)


class Place:
    """A bot whose jobs and store are what the test says."""

    def __init__(
        self, job: Job | None, faults: dict[str, list[DeliveryErrorKind]] | None = None, pace: Pace = PACE
    ) -> None:
        self.job = job
        self.routes = FakeRoutes(faults or {})
        self.store = FakeStore()
        self.tasks: list[asyncio.Task[Any]] = []
        self.looks = 0
        self.leftovers = self.process(pace)

    def process(self, pace: Pace = PACE) -> OrphanedMessages:
        return OrphanedMessages(
            cast("Any", self.routes),
            cast("Any", self),
            self.store,
            pace=pace,
            clock=SystemClock(),
            spawn=self._spawn,
            language=lambda _job: LANGUAGES["en"],
        )

    async def find(self, _key: str) -> Job | None:
        self.looks += 1
        return self.job

    def _spawn(self, coroutine: Any, *, name: str) -> Any:
        self.tasks.append(Tasks().spawn(coroutine, name=name))
        return self.tasks[-1]

    async def done(self) -> list[str]:
        await asyncio.gather(*self.tasks)
        return self.routes.taken


def moved(**changes: Any) -> Job:
    """Return a job that is shown in another message by now."""
    return make_job(JobState.SUCCEEDED, message=MessageRef(601, 500), **changes)


@pytest.mark.parametrize(
    ("faults", "done"),
    [
        ({}, ["delete 41"]),
        ({"delete 41": [DeliveryErrorKind.ACCESS, DeliveryErrorKind.LATER] * 5}, ["delete 41"]),
        ({"delete 41": [DeliveryErrorKind.MESSAGE]}, []),
        ({"delete 41": [DeliveryErrorKind.ACCESS, DeliveryErrorKind.CHANNEL]}, []),
    ],
    ids=str,
)
async def test_a_placeholder_goes_when_its_place_is_open_again(
    faults: dict[str, list[DeliveryErrorKind]], done: list[str]
) -> None:
    place = Place(moved(), faults)
    await place.leftovers.leave(moved(), THERE, remove=True)
    assert await place.done() == done
    assert place.store.noted == {}


async def test_a_card_shows_how_its_job_ended() -> None:
    place = Place(moved(), {"bot 41": [DeliveryErrorKind.ACCESS, DeliveryErrorKind.WORDS]})
    await place.leftovers.leave(moved(), THERE, remove=False)
    assert await place.done() == ["bot 41"]
    (_, draft) = place.routes.sent[0]
    assert "Done" in str(draft.view.to_components())
    assert draft.uploads == draft.keep == ()


async def test_the_next_process_goes_on_at_once() -> None:
    place = Place(moved(), pace=replace(PACE, rest=(3600.0,)))
    await place.leftovers.leave(moved(), THERE, remove=True)
    place.tasks.pop().cancel()
    assert place.routes.taken == []
    await place.process(replace(PACE, rest=(3600.0,))).recover()
    assert await place.done() == ["delete 41"]
    assert place.store.noted == {}


async def test_the_message_that_shows_the_job_is_left_alone_until_another_does() -> None:
    place = Place(make_job(JobState.SUCCEEDED, message=THERE))
    await place.leftovers.leave(moved(), THERE, remove=True)
    await eventually(lambda: place.looks > 1)
    assert place.routes.taken == []
    assert 41 in place.store.noted
    place.job = moved()
    assert await place.done() == ["delete 41"]


async def test_the_message_a_job_was_delivered_in_stays() -> None:
    place = Place(make_job(JobState.SUCCEEDED, message=THERE, delivered_at=5.0))
    await place.leftovers.leave(moved(), THERE, remove=True)
    assert await place.done() == []
    assert place.store.noted == {}


async def test_a_job_its_owner_ended_is_not_shown_as_going_on_for_ever() -> None:
    ended = make_job(JobState.CANCELLED, message=THERE, delivered_at=5.0, cancel_requested_by=7)
    place = Place(ended, {"bot 41": [DeliveryErrorKind.ACCESS]})
    await place.leftovers.leave(ended, THERE, remove=False)
    assert await place.done() == ["bot 41"]
    assert "Cancelled" in str(place.routes.sent[0][1].view.to_components())


async def test_a_card_that_was_filled_after_all_stays_as_it_is() -> None:
    ended = make_job(JobState.CANCELLED, message=THERE, cancel_requested_by=7)
    place = Place(ended)
    await place.leftovers.leave(ended, THERE, remove=False)
    await eventually(lambda: place.looks > 1)
    assert place.routes.taken == [], "it may be filled yet"
    await place.leftovers.stays(THERE)
    assert place.store.noted == {}
    place.job = replace(ended, delivered_at=5.0)
    assert await place.done() == []


@pytest.mark.parametrize("remove", [True, False])
async def test_where_no_way_was_open_the_card_says_so_once_it_can(remove: bool) -> None:
    nowhere = make_job(JobState.SUCCEEDED, message=THERE, delivered_at=5.0, unreached=True)
    place = Place(nowhere, {"bot 41": [DeliveryErrorKind.ACCESS]})
    await place.leftovers.leave(nowhere, THERE, remove=remove)
    assert await place.done() == ["bot 41"]
    assert "waits here in /history" in str(place.routes.sent[0][1].view.to_components())


async def test_the_message_of_a_forgotten_job_goes() -> None:
    place = Place(None)
    await place.leftovers.leave(moved(), THERE, remove=False)
    assert await place.done() == ["delete 41"]


async def test_a_place_that_stays_closed_is_given_up_at_last() -> None:
    place = Place(moved(), {"delete 41": [DeliveryErrorKind.ACCESS] * 1000}, replace(PACE, left_alone=0.05))
    await place.leftovers.leave(moved(), THERE, remove=True)
    assert await place.done() == []
    assert place.store.noted == {}


async def test_it_stays_noted_until_the_database_works_again() -> None:
    place = Place(moved())
    place.store.broken = True
    await place.leftovers.leave(moved(), THERE, remove=True)
    await eventually(lambda: place.routes.taken)
    assert 41 in place.store.noted
    place.store.broken = False
    assert set(await place.done()) == {"delete 41"}
    assert place.store.noted == {}


@pytest.mark.parametrize("ref", [MessageRef(9), MessageRef(9, 41, ephemeral=True)])
async def test_what_cannot_be_changed_is_left(ref: MessageRef) -> None:
    place = Place(moved())
    await place.leftovers.leave(moved(), ref, remove=True)
    assert await place.done() == []
    assert place.store.noted == {}


async def test_no_more_are_tried_for_at_a_time_than_is_kind_and_all_are_noted() -> None:
    place = Place(moved(), pace=replace(PACE, rest=(3600.0,)))
    for number in range(MOST + 5):
        await place.leftovers.leave(moved(), MessageRef(9, number), remove=True)
    assert (len(place.tasks), len(place.store.noted)) == (MOST, MOST + 5)
    for task in place.tasks:
        task.cancel()


async def test_it_is_noted_when_the_database_works_again() -> None:
    place = Place(job := moved())
    place.store.refusals = 5
    await place.leftovers.leave(job, THERE, remove=True)
    assert list(place.store.noted) == [THERE.message_id]
    assert await place.done() == ["delete 41"]
