"""A private card that nobody can look at again: what it holds is not sent a second time, and never kept quiet about."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.model.job import Job, JobState, MessageRef
from bot.ui.delivery.ephemeral_state import EphemeralState
from bot.ui.delivery.placeholders import marker
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.media import file_name, made_as
from bot.ui.messages.message_api import Draft
from tests.ui.delivering import FakeJobs, FakeRoutes, deliver, done_job, token


@pytest.fixture
def jobs(tmp_path: Path) -> FakeJobs:
    return FakeJobs(tmp_path)


class Dying(FakeRoutes):
    """The further message fails for a while; then the token is dead."""

    async def follow_up(self, ref: MessageRef, view: Any, *, seconds: float) -> int:
        left = self.faults["follow up"]
        if left[:2] == [DeliveryErrorKind.LATER, DeliveryErrorKind.TOKEN]:
            self.faults["token"] = [DeliveryErrorKind.TOKEN] * 100
        return await super().follow_up(ref, view, seconds=seconds)


def name_of_the_first(job: Job) -> str:
    return file_name(job, job.outputs[0], 1, "mp4")


def files(routes: FakeRoutes) -> list[tuple[str, int]]:
    return [(route, len(draft.uploads)) for route, draft in routes.sent if draft.uploads]


@pytest.mark.parametrize("moments", [1, 2, 3, 4])
async def test_what_the_person_has_is_not_sent_again_when_the_token_dies(
    moments: int, jobs: FakeJobs
) -> None:
    routes = Dying({"follow up": [DeliveryErrorKind.LATER] * moments + [DeliveryErrorKind.TOKEN] * 9})
    await deliver(routes, jobs, done_job(jobs, 12, private=True), token(ephemeral=True))
    assert files(routes)[0] == ("token", 10)
    assert [each for each in files(routes) if each[0] != "token"] == [("bot 500", 2)]
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_where_nobody_said_whether_it_arrived_the_person_is_told_where_to_look(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.LATER, DeliveryErrorKind.TOKEN]})
    await deliver(routes, jobs, done_job(jobs, 2, private=True), token(ephemeral=True))
    assert files(routes) == []
    assert "look in /history" in str(routes.sent[-1][1].view.to_components())
    assert (jobs.deliveries, jobs.reached) == (1, True)


@pytest.mark.parametrize(("ephemeral", "sent"), [(True, []), (False, [("bot 400", 2)])])
async def test_what_an_earlier_process_may_have_brought_is_not_sent_again(
    ephemeral: bool, sent: list[tuple[str, int]], jobs: FakeJobs
) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.TOKEN]})
    card = token(ephemeral=ephemeral)
    job = done_job(jobs, 2, private=ephemeral, message=card)
    await deliver(routes, jobs, job, card, private=EphemeralState(job))
    assert files(routes) == sent


async def test_what_was_refused_is_sent_another_way(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [DeliveryErrorKind.TOKEN]})
    await deliver(routes, jobs, done_job(jobs, 2, private=True), token(ephemeral=True))
    assert files(routes) == [("bot 500", 2)]


async def test_a_message_that_others_see_is_never_taken_for_private(jobs: FakeJobs) -> None:
    routes = FakeRoutes(
        {
            "token": [DeliveryErrorKind.LATER, DeliveryErrorKind.TOKEN],
            "bot 400": [DeliveryErrorKind.LATER, DeliveryErrorKind.ACCESS],
        }
    )
    await deliver(routes, jobs, done_job(jobs, 2), token())
    assert files(routes)[-1] == ("bot 500", 2)


async def test_what_it_showed_before_the_end_is_not_sent_again(jobs: FakeJobs) -> None:
    routes, card, job = FakeRoutes(), token(ephemeral=True), done_job(jobs, 2, private=True)
    private = EphemeralState(job)
    with private.editing(card, [made_as(job.outputs[0])]):
        pass  # as the card showed it while the job went on
    await deliver(routes, jobs, job, card, private=private, token_dead=True)
    assert files(routes) == [("bot 500", 1)], "the second one only"
    said = str(routes.sent[-1][1].view.to_components())
    assert f"Look for {name_of_the_first(job)} in the message that only you see" in said


@pytest.mark.parametrize(
    ("trouble", "sent"),
    [
        (DeliveryError(DeliveryErrorKind.LATER, "no answer"), 1),
        (asyncio.CancelledError(), 1),
        (DeliveryError(DeliveryErrorKind.TOKEN, "dead"), 2),
        (DeliveryError(DeliveryErrorKind.WORDS, "refused"), 2),
    ],
    ids=repr,
)
async def test_what_it_may_have_shown_before_the_end_is_not_sent_again(
    trouble: BaseException, sent: int, jobs: FakeJobs
) -> None:
    routes, card, job = FakeRoutes(), token(ephemeral=True), done_job(jobs, 2, private=True)
    private = EphemeralState(job)
    with pytest.raises(type(trouble)), private.editing(card, [made_as(job.outputs[0])]):
        raise trouble
    await deliver(routes, jobs, job, card, private=private, token_dead=True)
    assert files(routes) == [("bot 500", sent)]


async def test_what_was_made_before_the_bot_came_back_may_stand_there(jobs: FakeJobs) -> None:
    card, done = token(ephemeral=True), done_job(jobs, 2, private=True)
    first = replace(done.runs[0], outputs=done.runs[0].outputs[:1])
    before = replace(done, state=JobState.RUNNING, runs=(first,), message=card)
    routes = FakeRoutes()
    await deliver(routes, jobs, done, card, private=EphemeralState(before), token_dead=True)
    assert files(routes) == [("bot 500", 1)]


class PartsFail(FakeRoutes):
    """The edits of further answers fail as told for `part`; the card's do not."""

    async def edit_by_token(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        self._try("token" if ref.message_id == 400 else "part", draft)
        return []


@pytest.mark.parametrize(
    ("faults", "sent"),
    [
        ([DeliveryErrorKind.LATER, DeliveryErrorKind.TOKEN], []),
        ([DeliveryErrorKind.TOKEN], [("bot 500", 2)]),
        ([DeliveryErrorKind.LATER], [("part", 2)]),
    ],
    ids=str,
)
async def test_what_a_further_answer_may_have_brought_is_not_sent_again(
    faults: list[DeliveryErrorKind], sent: list[tuple[str, int]], jobs: FakeJobs
) -> None:
    routes = PartsFail({"part": faults})
    await deliver(routes, jobs, done_job(jobs, 12, private=True), token(ephemeral=True))
    assert files(routes) == [("token", 10), *sent]
    said = str(routes.sent[-1][1].view.to_components())
    assert ("in the message that only you see" in said) == (not sent), (
        "where the files are not, it says where"
    )
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_what_a_further_answer_of_an_earlier_process_may_have_is_not_sent_again(jobs: FakeJobs) -> None:
    part = token(message_id=41, ephemeral=True, token_expires=0.0)
    job = done_job(jobs, 12, private=True, parts={2: part})
    routes = FakeRoutes()
    await deliver(routes, jobs, job, MessageRef(601, 40), recovered=True)
    assert files(routes) == [("bot 40", 10)]
    assert "look in /history" in str(routes.sent[-1][1].view.to_components())
    assert (jobs.deliveries, jobs.reached) == (1, True)


class Cut(FakeRoutes):
    """The process dies in the first edit of a direct message."""

    async def edit_as_bot(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        raise asyncio.CancelledError


@pytest.mark.parametrize("files_of_job", [2, 12])
async def test_what_an_earlier_process_was_in_doubt_of_is_not_sent_by_the_next(
    files_of_job: int, jobs: FakeJobs
) -> None:
    """A process died in an edit of a private card; the second turned to a direct message, and died there too."""
    card = token(ephemeral=True, token_expires=0.0)
    parts = {2: token(message_id=41, ephemeral=True, token_expires=0.0)} if files_of_job > 10 else {}
    job = done_job(jobs, files_of_job, private=True, message=card, parts=parts)
    with pytest.raises(asyncio.CancelledError):
        await deliver(Cut(), jobs, job, card, private=EphemeralState(job), recovered=True)
    assert jobs.attached[-1].channel_id == 601, "the next process knows the direct message alone"

    routes = FakeRoutes()
    second = jobs.attached[-1]
    job = replace(job, message=second, parts={}, astray=frozenset(jobs.astray | set(parts)))
    await deliver(routes, jobs, job, second, private=EphemeralState(job), recovered=True)
    assert files(routes) == []
    assert "look in /history" in str(routes.sent[0][1].view.to_components())
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_what_a_further_answer_may_have_is_stored_before_it_is_forgotten(jobs: FakeJobs) -> None:
    part = token(message_id=41, ephemeral=True, token_expires=0.0)
    job = done_job(jobs, 12, private=True, parts={2: part})
    await deliver(FakeRoutes(), jobs, job, MessageRef(601, 40), recovered=True)
    assert (jobs.astray, jobs.parts[2] is not None) == ({2}, True)


async def test_a_direct_message_found_again_does_not_settle_a_doubt(jobs: FakeJobs) -> None:
    """The answer to posting it was lost, so that the same process finds it."""

    class Lost(FakeRoutes):
        async def send(self, channel_id: int, *args: Any, **options: Any) -> int:
            sent = await super().send(channel_id, *args, **options)
            if len(self.ids) == 1:
                raise DeliveryError(DeliveryErrorKind.LATER, "lost", retry_after=0.001)
            return sent

    routes = Lost()
    card = token(ephemeral=True, token_expires=0.0)
    job = done_job(jobs, 2, private=True, message=card)
    await deliver(routes, jobs, job, card, private=EphemeralState(job), recovered=True)
    assert files(routes) == []
    assert "look in /history" in str(routes.sent[-1][1].view.to_components())


async def test_a_direct_message_of_a_process_without_doubts_gets_everything(jobs: FakeJobs) -> None:
    """It knew that its private card was refused, posted another message, and died before that was stored."""
    card = token(ephemeral=True, token_expires=0.0)
    job = done_job(jobs, 2, private=True, message=card)
    routes = FakeRoutes()
    routes.posted[601, f"'{marker(job, 1)}'"] = 77
    await deliver(routes, jobs, job, card, private=EphemeralState(job), recovered=True)
    assert files(routes) == [("bot 77", 2)]
    assert jobs.astray == set()
