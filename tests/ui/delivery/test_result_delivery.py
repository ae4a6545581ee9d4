"""The last edit of a card, by whatever route is left."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.jobs.model.job import JobOutput, JobState, MessageRef
from bot.jobs.model.ports import StoreUnavailable
from bot.observe import Counters
from bot.runtime import SystemClock
from bot.ui.delivery_errors import DeliveryErrorKind
from tests.ui.delivering import FakeJobs, FakeRoutes, deliver, done_job, token
from tests.ui.jobs import make_job


@pytest.fixture
def jobs(tmp_path: Path) -> FakeJobs:
    return FakeJobs(tmp_path)


@pytest.mark.parametrize(
    ("faults", "taken"),
    [
        ({}, ["token"]),
        ({"token": [DeliveryErrorKind.LATER] * 5}, ["bot 400"]),
        ({"token": [DeliveryErrorKind.LATER], "bot 400": [DeliveryErrorKind.LATER] * 5}, ["token"]),
        ({"token": [DeliveryErrorKind.LATER] * 2, "bot 400": [DeliveryErrorKind.LATER] * 2}, ["token"]),
        ({"token": [DeliveryErrorKind.LATER] * 2, "bot 400": [DeliveryErrorKind.ACCESS]}, ["token"]),
        ({"token": [DeliveryErrorKind.TOKEN]}, ["bot 400"]),
        ({"token": [DeliveryErrorKind.REFUSED]}, ["bot 400"]),
        ({"token": [DeliveryErrorKind.MESSAGE]}, ["direct", "bot 500"]),
        ({"token": [DeliveryErrorKind.MESSAGE], "direct": [DeliveryErrorKind.ACCESS]}, []),
        (
            {"token": [DeliveryErrorKind.TOKEN], "bot 400": [DeliveryErrorKind.ACCESS]},
            ["mention 7", "bot 500"],
        ),
        (
            {
                "token": [DeliveryErrorKind.TOKEN],
                "bot 400": [DeliveryErrorKind.LATER, DeliveryErrorKind.LATER],
            },
            ["bot 400"],
        ),
        (
            {
                "token": [DeliveryErrorKind.TOKEN],
                "bot 400": [DeliveryErrorKind.CHANNEL],
                "mention 7": [DeliveryErrorKind.ACCESS],
            },
            ["direct", "bot 500"],
        ),
        ({"token": [DeliveryErrorKind.TOKEN], "bot 400": [DeliveryErrorKind.MESSAGE]}, ["direct", "bot 500"]),
        (
            {
                "token": [DeliveryErrorKind.TOKEN],
                "bot 400": [DeliveryErrorKind.ACCESS],
                "bot 500": [DeliveryErrorKind.MESSAGE] * 2,
            },
            ["mention 7", "direct", "bot 501"],
        ),
        (
            {
                "token": [DeliveryErrorKind.TOKEN],
                "bot 400": [DeliveryErrorKind.ACCESS],
                "mention 7": [DeliveryErrorKind.ACCESS],
                "direct": [DeliveryErrorKind.ACCESS],
            },
            [],
        ),
        ({"token": [DeliveryErrorKind.WORDS]}, ["token"]),
        ({"token": [DeliveryErrorKind.WORDS, DeliveryErrorKind.WORDS]}, ["bot 400"]),
        ({"token": [DeliveryErrorKind.SIZE] * 4}, ["token"]),
    ],
    ids=str,
)
async def test_the_ladder(
    faults: dict[str, list[DeliveryErrorKind]], taken: list[str], jobs: FakeJobs
) -> None:
    routes = FakeRoutes(faults)
    await deliver(routes, jobs, done_job(jobs), token())
    assert routes.taken == taken
    assert jobs.deliveries == 1


async def test_a_new_messages_id_is_kept_before_it_is_filled(jobs: FakeJobs) -> None:
    routes = FakeRoutes(
        {"token": [DeliveryErrorKind.MESSAGE], "bot 500": [DeliveryErrorKind.LATER, DeliveryErrorKind.LATER]}
    )
    await deliver(routes, jobs, done_job(jobs), token())
    assert [ref.message_id for ref in jobs.attached] == [500], (
        "one placeholder, filled when Discord is well again"
    )
    assert routes.taken == ["direct", "bot 500"]


async def test_a_card_that_somebody_deleted_is_not_put_there_again_and_says_why_it_comes_directly(
    jobs: FakeJobs,
) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.MESSAGE]})
    await deliver(routes, jobs, done_job(jobs), token())
    assert "<#9> was deleted" in str(routes.sent[-1][1].view.to_components())
    assert jobs.was_deleted


@pytest.mark.parametrize(("hitches", "told"), [(2, 0), (3, 1), (5, 1)])
async def test_after_three_hitches_the_card_says_once_which_files_are_still_to_come(
    hitches: int, told: int, jobs: FakeJobs
) -> None:
    routes = FakeRoutes({"bot 500": [DeliveryErrorKind.LATER] * hitches})
    await deliver(routes, jobs, done_job(jobs, 12), token())
    cards = [str(draft.view.to_components()) for route, draft in routes.sent if route == "token"]
    assert sum("I keep trying" in card for card in cards) == told
    assert ("I keep trying" in cards[-1], jobs.deliveries) == (False, 1)


async def test_what_an_earlier_process_learnt_of_a_deleted_card_still_holds(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"bot 41": [DeliveryErrorKind.ACCESS]})
    job = done_job(jobs, 12, card_deleted=True)
    await deliver(routes, jobs, job, MessageRef(601, 41), recovered=True)
    assert routes.taken == ["direct", "bot 500", "direct", "bot 501"], "further messages follow their card"
    assert "<#9> was deleted" in str(routes.sent[1][1].view.to_components())


@pytest.mark.parametrize(
    ("faults", "left"),
    [
        ({"token": [DeliveryErrorKind.TOKEN], "bot 400": [DeliveryErrorKind.ACCESS]}, [(400, True)]),
        ({"token": [DeliveryErrorKind.MESSAGE], "bot 500": [DeliveryErrorKind.ACCESS] * 2}, [(500, False)]),
        (
            {
                "token": [DeliveryErrorKind.TOKEN],
                "bot 400": [DeliveryErrorKind.ACCESS],
                "bot 500": [DeliveryErrorKind.ACCESS] * 2,
            },
            [(400, True), (500, False)],
        ),
        ({"token": [DeliveryErrorKind.TOKEN], "bot 400": [DeliveryErrorKind.MESSAGE]}, []),
    ],
    ids=str,
)
async def test_what_stays_behind_in_a_closed_place_is_cleared_up_later(
    faults: dict[str, list[DeliveryErrorKind]], left: list[tuple[int, bool]], jobs: FakeJobs
) -> None:
    routes = FakeRoutes(faults)
    await deliver(routes, jobs, done_job(jobs), token())
    assert routes.left == left


async def test_a_private_result_never_reaches_the_channel(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.TOKEN]})
    await deliver(routes, jobs, done_job(jobs, private=True), token(ephemeral=True))
    assert routes.taken == ["direct", "bot 500"]


async def test_an_old_token_is_not_even_tried(jobs: FakeJobs) -> None:
    routes = FakeRoutes()
    await deliver(routes, jobs, done_job(jobs), token(token_expires=SystemClock().now() + 20))
    assert routes.taken == ["bot 400"]


async def test_a_card_that_was_never_shown_becomes_a_new_message(jobs: FakeJobs) -> None:
    routes = FakeRoutes()
    await deliver(routes, jobs, done_job(jobs), None)
    assert routes.taken == ["mention 7", "bot 500"]


async def test_words_that_are_stopped_are_left_out(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.WORDS]})
    await deliver(routes, jobs, done_job(jobs), token())
    assert "red fox" not in str(routes.sent[0][1].view.to_components()[0]["components"][0])


async def test_when_every_size_is_refused_the_files_are_named(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.SIZE] * 4})
    await deliver(routes, jobs, done_job(jobs), token())
    draft = routes.sent[0][1]
    assert draft.uploads == ()
    assert "too large" in str(draft.view.to_components())


class Forgetful(FakeJobs):
    """The database does not answer for a while."""

    failures = 20

    async def fetch(self, output: JobOutput, *, job_id: str) -> Path:
        self.fail()
        return await super().fetch(output, job_id=job_id)

    def fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("OperationalError")


async def test_no_way_is_given_up_because_the_database_does_not_answer(tmp_path: Path) -> None:
    routes, jobs = FakeRoutes(), Forgetful(tmp_path)
    await deliver(routes, jobs, done_job(jobs, private=True), token(ephemeral=True))
    assert routes.taken == ["token"]
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_what_nobody_wants_any_more_is_let_be(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.LATER] * 50, "bot 400": [DeliveryErrorKind.LATER] * 50})
    await deliver(routes, jobs, done_job(jobs), token(), wanted=lambda: len(routes.faults["token"]) > 45)
    assert routes.taken == []
    assert jobs.deliveries == 0


async def test_who_ended_a_job_oneself_needs_no_new_message_and_was_not_out_of_reach(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.MESSAGE]})
    job = make_job(JobState.CANCELLED, cancel_requested_by=7)
    await deliver(routes, jobs, job, token())
    assert routes.taken == []
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_where_no_way_is_open_that_is_stored(jobs: FakeJobs) -> None:
    routes, counters = FakeRoutes({"direct": [DeliveryErrorKind.ACCESS]}), Counters()
    await deliver(routes, jobs, done_job(jobs, private=True), None, counters=counters)
    assert (jobs.deliveries, jobs.reached) == (1, False)
    assert counters.value("deliveries", way="history") == 1


@pytest.mark.parametrize(("files", "reached"), [(0, True), (1, False)])
async def test_who_ended_the_job_is_not_written_to_elsewhere_and_the_card_is_noted(
    files: int, reached: bool, jobs: FakeJobs
) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.TOKEN], "bot 400": [DeliveryErrorKind.ACCESS]})
    job = replace(done_job(jobs, files), state=JobState.CANCELLED, cancel_requested_by=7)
    noted: list[int] = []
    jobs.on_delivered = lambda: noted.append(len(routes.left))
    await deliver(routes, jobs, job, token())
    assert noted == [1], "before: a crash in between would leave it as it is for ever"
    assert (routes.taken, routes.left) == ([], [(400, True)])
    assert (jobs.deliveries, jobs.reached) == (1, reached), "what was made is in the history"
