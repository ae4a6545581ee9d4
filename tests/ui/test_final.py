"""The last edit of a card, by whatever route is left."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.comfy import OutputKind
from bot.i18n import LANGUAGES
from bot.jobs.job import Job, JobOutput, JobState, MessageRef
from bot.runtime import SystemClock
from bot.ui.final import FinalDelivery
from bot.ui.pacing import Pace
from bot.ui.routes import Draft, Fault, RouteError, Routes
from tests.ui.jobs import file_output, make_job, make_snapshot, with_runs

PACE = Pace(retry=(0.001,))


@dataclass
class FakeRoutes:
    """Fails as it is told, in order and by route; keeps what was sent."""

    faults: dict[str, list[Fault]] = field(default_factory=dict)
    sent: list[tuple[str, Draft]] = field(default_factory=list)
    largest: int = 10_000

    def limit(self, guild_id: int | None) -> int:
        return self.largest

    def _try(self, route: str, draft: Draft) -> None:
        waiting = self.faults.get(route, [])
        if waiting:
            raise RouteError(waiting.pop(0), route, retry_after=0.001)
        self.sent.append((route, draft))

    async def edit_by_token(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        self._try("token", draft)
        return []

    async def edit_as_bot(self, ref: MessageRef, draft: Draft, *, seconds: float) -> list[Any]:
        self._try(f"bot {ref.message_id}", draft)
        return []

    async def follow_up(self, ref: MessageRef, draft: Draft, *, seconds: float) -> None:
        self._try("follow up", draft)

    async def send(
        self, channel_id: int, draft: Draft, *, nonce: str, mention: int | None, seconds: float
    ) -> Any:
        self._try("send" if mention is None else f"mention {mention}", draft)
        return SimpleNamespace(id=500, channel=SimpleNamespace(id=channel_id))

    async def send_direct(self, user_id: int, draft: Draft, *, nonce: str, seconds: float) -> Any:
        self._try("direct", draft)
        return SimpleNamespace(id=600, channel=SimpleNamespace(id=601))

    @property
    def taken(self) -> list[str]:
        return [route for route, _draft in self.sent]


class FakeJobs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.attached: list[MessageRef] = []
        self.deliveries = 0

    async def attach_message(self, _job_id: str, ref: MessageRef) -> None:
        self.attached.append(ref)

    async def delivered(self, _job_id: str) -> None:
        self.deliveries += 1

    async def fetch(self, output: JobOutput, *, job_id: str) -> Path:
        assert output.output.file is not None
        return self.folder / output.output.file.filename


@pytest.fixture
def jobs(tmp_path: Path) -> FakeJobs:
    return FakeJobs(tmp_path)


def token(**changes: Any) -> MessageRef:
    ref = MessageRef(9, 400, "secret", SystemClock().now() + 900, application_id=1)
    return replace(ref, **changes)


def done_job(jobs: FakeJobs, files: int = 1, *, private: bool = False, size: int = 10) -> Job:
    job = with_runs(make_job(JobState.SUCCEEDED), 0)
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
) -> None:
    await FinalDelivery(
        make_snapshot(job=job),
        LANGUAGES["en"],
        ref,
        jobs=cast("Any", jobs),
        routes=cast("Routes", routes),
        pace=PACE,
        clock=SystemClock(),
        link=lambda _ref: None,
        kept={},
        token_dead=False,
        plain=False,
        wanted=wanted,
    ).run()


@pytest.mark.parametrize(
    ("faults", "taken"),
    [
        ({}, ["token"]),
        ({"token": [Fault.LATER] * 5}, ["token"]),
        ({"token": [Fault.TOKEN]}, ["bot 400"]),
        ({"token": [Fault.REFUSED]}, ["bot 400"]),
        ({"token": [Fault.MESSAGE]}, ["mention 7", "bot 500"]),
        ({"token": [Fault.TOKEN], "bot 400": [Fault.ACCESS]}, ["mention 7", "bot 500"]),
        ({"token": [Fault.TOKEN], "bot 400": [Fault.LATER, Fault.LATER]}, ["bot 400"]),
        (
            {"token": [Fault.TOKEN], "bot 400": [Fault.MESSAGE], "mention 7": [Fault.ACCESS]},
            ["direct", "bot 600"],
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


async def test_a_private_result_never_reaches_the_channel(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [Fault.TOKEN]})
    await deliver(routes, jobs, done_job(jobs, private=True), token(ephemeral=True))
    assert routes.taken == ["direct", "bot 600"]


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


async def test_many_files_follow_in_order_by_the_same_kind_of_route(jobs: FakeJobs) -> None:
    routes = FakeRoutes()
    await deliver(routes, jobs, done_job(jobs, 23), token())
    assert routes.taken == ["token", "send", "send"]
    names = [upload.name for _route, draft in routes.sent for upload in draft.uploads]
    assert names == [f"txt2img-0-{n}.mp4" for n in range(1, 24)]
    routes = FakeRoutes()
    await deliver(routes, jobs, done_job(jobs, 23, private=True), token(ephemeral=True))
    assert routes.taken == ["token", "follow up", "follow up"]


async def test_a_further_message_that_fails_is_tried_by_the_other_route(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"send": [Fault.ACCESS]})
    await deliver(routes, jobs, done_job(jobs, 12), token())
    assert routes.taken == ["token", "follow up"]


async def test_what_nobody_wants_any_more_is_let_be(jobs: FakeJobs) -> None:
    routes = FakeRoutes({"token": [Fault.LATER] * 50})
    await deliver(routes, jobs, done_job(jobs), token(), wanted=lambda: len(routes.faults["token"]) > 45)
    assert routes.taken == []
    assert jobs.deliveries == 0
