"""The last edit of a card, by whatever route is left."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.comfy import OutputKind
from bot.i18n import LANGUAGES
from bot.jobs.job import Job, JobOutput, JobState, MessageRef
from bot.observe import Counters
from bot.runtime import SystemClock
from bot.ui.faults import Fault, RouteError
from bot.ui.final import FinalDelivery
from bot.ui.means import Means
from bot.ui.pacing import Pace
from bot.ui.routes import Draft, Routes
from tests.ui.jobs import file_output, make_job, make_snapshot, with_runs

PACE = Pace(retry=(0.001,), rest=(0.001,))


@dataclass
class FakeRoutes:
    """Fails as it is told, in order and by route; keeps what was sent."""

    faults: dict[str, list[Fault]] = field(default_factory=dict)
    sent: list[tuple[str, Draft]] = field(default_factory=list)
    largest: int = 10_000
    by_token: int = 0
    posted: dict[tuple[int, str], int] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    history_closed: bool = False
    left: list[tuple[int | None, bool]] = field(default_factory=list)
    """What stays behind, and whether it is to show something instead of going."""

    def leave(self, ref: MessageRef, view: Any = None) -> None:
        self.left.append((ref.message_id, view is not None))

    def limit(self, guild_id: int | None) -> int:
        return self.largest

    def limit_by_token(self, ref: MessageRef, guild_id: int | None) -> int:
        return self.by_token or self.largest

    def _try(self, route: str, draft: Draft) -> None:
        waiting = self.faults.get(route, [])
        if waiting:
            if waiting[0] is Fault.MESSAGE:
                self.posted.clear()
            raise RouteError(waiting.pop(0), route, retry_after=0.001)
        self.sent.append((route, draft))

    async def edit_by_token(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        self._try("token", draft)
        return []

    async def edit_as_bot(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        self._try(f"bot {ref.message_id}", draft)
        return []

    async def follow_up(self, ref: MessageRef, view: Any, *, seconds: float) -> int:
        self._try("follow up", Draft(view))
        return 700 + len(self.sent)

    async def send(
        self, channel_id: int, view: Any, *, nonce: str, mention: int | None, seconds: float
    ) -> int:
        route = "direct" if channel_id == 601 else "send" if mention is None else f"mention {mention}"
        self._try(route, Draft(view))
        message_id = 500 + len(self.ids)
        self.ids.append(message_id)
        self.posted[channel_id, str(view.to_components())] = message_id
        return message_id

    async def direct_channel(self, user_id: int, *, seconds: float) -> int:
        return 601

    async def find_own(self, channel_id: int, custom_id: str, *, seconds: float) -> tuple[int | None, bool]:
        if self.history_closed:
            return None, False
        found = [id for (place, text), id in self.posted.items() if place == channel_id and custom_id in text]
        return (found or [None])[0], True

    async def delete(self, ref: MessageRef, *, seconds: float) -> None:
        self._try(f"delete {ref.message_id}", Draft(cast("Any", None)))

    @property
    def taken(self) -> list[str]:
        return [route for route, _draft in self.sent]


class FakeJobs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.attached: list[MessageRef] = []
        self.deliveries = 0
        self.reached: bool | None = None
        self.parts: dict[int, MessageRef | None] = {}

    async def attach_part(self, _job_id: str, number: int, ref: MessageRef | None) -> None:
        self.parts[number] = ref

    async def attach_message(self, _job_id: str, ref: MessageRef) -> None:
        self.attached.append(ref)

    async def delivered(self, _job_id: str, *, reached: bool) -> None:
        self.deliveries += 1
        self.reached = reached

    async def fetch(self, output: JobOutput, *, job_id: str) -> Path:
        assert output.output.file is not None
        return self.folder / output.output.file.filename


@pytest.fixture
def jobs(tmp_path: Path) -> FakeJobs:
    return FakeJobs(tmp_path)


def token(**changes: Any) -> MessageRef:
    ref = MessageRef(9, 400, "secret", SystemClock().now() + 900, application_id=1)
    return replace(ref, **changes)


def done_job(jobs: FakeJobs, files: int = 1, *, private: bool = False, size: int = 10, **changes: Any) -> Job:
    changes.setdefault("finished_at", SystemClock().now())
    job = with_runs(make_job(JobState.SUCCEEDED, **changes), 0)
    outputs = tuple(file_output(f"{n}.mp4", n, OutputKind.VIDEO) for n in range(files))
    for n in range(files):
        (jobs.folder / f"{n}.mp4").write_bytes(bytes(size))
    request = replace(job.request, private=private)
    return replace(job, request=request, runs=(replace(job.runs[0], outputs=outputs),))


async def deliver(
    routes: FakeRoutes,
    jobs: FakeJobs,
    job: Job,
    ref: MessageRef | None,
    wanted: Callable[[], bool] = lambda: True,
    **options: Any,
) -> None:
    options.setdefault("link", lambda _ref: None)
    means = Means(
        job=job,
        lang=LANGUAGES["en"],
        jobs=cast("Any", jobs),
        routes=cast("Routes", routes),
        pace=PACE,
        clock=SystemClock(),
        counters=options.pop("counters", Counters()),
        leftovers=cast("Any", routes),
    )
    await FinalDelivery(
        means, make_snapshot(job=job), ref, kept={}, token_dead=False, plain=False, wanted=wanted, **options
    ).run()


@pytest.mark.parametrize(
    ("faults", "taken"),
    [
        ({}, ["token"]),
        ({"token": [Fault.LATER] * 5}, ["bot 400"]),
        ({"token": [Fault.LATER], "bot 400": [Fault.LATER] * 5}, ["token"]),
        ({"token": [Fault.LATER] * 2, "bot 400": [Fault.LATER] * 2}, ["token"]),
        ({"token": [Fault.LATER] * 2, "bot 400": [Fault.ACCESS]}, ["token"]),
        ({"token": [Fault.TOKEN]}, ["bot 400"]),
        ({"token": [Fault.REFUSED]}, ["bot 400"]),
        ({"token": [Fault.MESSAGE]}, ["mention 7", "bot 500"]),
        ({"token": [Fault.TOKEN], "bot 400": [Fault.ACCESS]}, ["mention 7", "bot 500"]),
        ({"token": [Fault.TOKEN], "bot 400": [Fault.LATER, Fault.LATER]}, ["bot 400"]),
        (
            {"token": [Fault.TOKEN], "bot 400": [Fault.MESSAGE], "mention 7": [Fault.ACCESS]},
            ["direct", "bot 500"],
        ),
        (
            {
                "token": [Fault.TOKEN],
                "bot 400": [Fault.ACCESS],
                "mention 7": [Fault.ACCESS],
                "direct": [Fault.ACCESS],
            },
            [],
        ),
        ({"token": [Fault.WORDS]}, ["token"]),
        ({"token": [Fault.WORDS, Fault.WORDS]}, ["bot 400"]),
        ({"token": [Fault.SIZE] * 4}, ["token"]),
    ],
    ids=str,
)
async def test_the_ladder(faults: dict[str, list[Fault]], taken: list[str], jobs: FakeJobs) -> None:
    routes = FakeRoutes(faults)
    await deliver(routes, jobs, done_job(jobs), token())
    assert routes.taken == taken
    assert jobs.deliveries == 1


async def test_a_new_messages_id_is_kept_before_it_is_filled(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [Fault.MESSAGE], "bot 500": [Fault.LATER, Fault.LATER]})
    await deliver(routes, jobs, done_job(jobs), token())
    assert [ref.message_id for ref in jobs.attached] == [500], (
        "one placeholder, filled when Discord is well again"
    )
    assert routes.taken == ["mention 7", "bot 500"]


@pytest.mark.parametrize(
    ("faults", "left"),
    [
        ({"token": [Fault.TOKEN], "bot 400": [Fault.ACCESS]}, [(400, True)]),
        ({"token": [Fault.MESSAGE], "bot 500": [Fault.ACCESS] * 2}, [(500, False)]),
        (
            {"token": [Fault.TOKEN], "bot 400": [Fault.ACCESS], "bot 500": [Fault.ACCESS] * 2},
            [(400, True), (500, False)],
        ),
        ({"token": [Fault.TOKEN], "bot 400": [Fault.MESSAGE]}, []),
    ],
    ids=str,
)
async def test_what_stays_behind_in_a_closed_place_is_cleared_up_later(
    faults: dict[str, list[Fault]], left: list[tuple[int, bool]], jobs: FakeJobs
) -> None:
    routes = FakeRoutes(faults)
    await deliver(routes, jobs, done_job(jobs), token())
    assert routes.left == left


async def test_a_private_result_never_reaches_the_channel(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [Fault.TOKEN]})
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
    routes = FakeRoutes({"token": [Fault.WORDS]})
    await deliver(routes, jobs, done_job(jobs), token())
    assert "red fox" not in str(routes.sent[0][1].view.to_components()[0]["components"][0])


async def test_when_every_size_is_refused_the_files_are_named(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [Fault.SIZE] * 4})
    await deliver(routes, jobs, done_job(jobs), token())
    draft = routes.sent[0][1]
    assert draft.uploads == ()
    assert "too large" in str(draft.view.to_components())


async def test_what_nobody_wants_any_more_is_let_be(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [Fault.LATER] * 50, "bot 400": [Fault.LATER] * 50})
    await deliver(routes, jobs, done_job(jobs), token(), wanted=lambda: len(routes.faults["token"]) > 45)
    assert routes.taken == []
    assert jobs.deliveries == 0


async def test_who_ended_a_job_oneself_needs_no_new_message_and_was_not_out_of_reach(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [Fault.MESSAGE]})
    job = make_job(JobState.CANCELLED, cancel_requested_by=7)
    await deliver(routes, jobs, job, token())
    assert routes.taken == []
    assert (jobs.deliveries, jobs.reached) == (1, True)


async def test_where_no_way_is_open_that_is_stored(jobs: FakeJobs) -> None:
    routes, counters = FakeRoutes({"direct": [Fault.ACCESS]}), Counters()
    await deliver(routes, jobs, done_job(jobs, private=True), None, counters=counters)
    assert (jobs.deliveries, jobs.reached) == (1, False)
    assert counters.value("deliveries", way="history") == 1
