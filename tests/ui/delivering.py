"""Delivering one job over routes that fail as they are told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from bot.comfy import OutputKind
from bot.i18n import LANGUAGES
from bot.jobs.model.job import Job, JobOutput, JobState, MessageRef
from bot.observe import Counters
from bot.runtime import SystemClock
from bot.ui.delivery.contexts import DeliveryContext
from bot.ui.delivery.ephemeral_state import EphemeralState
from bot.ui.delivery.late_edits import LateEdits
from bot.ui.delivery.result_delivery import ResultDelivery
from bot.ui.delivery_errors import DeliveryError, DeliveryErrorKind
from bot.ui.messages.message_api import Draft, MessageApi
from bot.ui.messages.pacing import Pace
from tests.ui.jobs import file_output, make_job, make_snapshot, with_runs

PACE = Pace(retry=(0.001,), rest=(0.001,), belated=0.01)


@dataclass
class FakeRoutes:
    """Fails as it is told, in order and by route; keeps what was sent."""

    faults: dict[str, list[DeliveryErrorKind]] = field(default_factory=dict)
    sent: list[tuple[str, Draft]] = field(default_factory=list)
    largest: int = 10_000
    by_token: int = 0
    posted: dict[tuple[int, str], int] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    history_closed: bool = False
    left: list[tuple[int | None, bool]] = field(default_factory=list)
    """What stays behind, and whether it is to show something instead of going."""

    async def leave(self, _job: Job, ref: MessageRef, *, remove: bool) -> None:
        if (ref.message_id, not remove) not in self.left:
            self.left.append((ref.message_id, not remove))

    async def stays(self, ref: MessageRef) -> None:
        self.left = [each for each in self.left if each[0] != ref.message_id]

    def limit(self, guild_id: int | None) -> int:
        return self.largest

    def limit_by_token(self, ref: MessageRef, guild_id: int | None) -> int:
        return self.by_token or self.largest

    def _try(self, route: str, draft: Draft) -> None:
        waiting = self.faults.get(route, [])
        if waiting:
            if waiting[0] is DeliveryErrorKind.MESSAGE:
                self.posted.clear()
            raise DeliveryError(waiting.pop(0), route, retry_after=0.001)
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

    async def find_own(
        self, channel_id: int, *custom_ids: str, seconds: float, sent_at: float | None = None
    ) -> tuple[int | None, bool]:
        if self.history_closed:
            return None, False
        quoted = [f"'{each}'" for each in custom_ids]
        found = [
            id
            for (place, text), id in self.posted.items()
            if place == channel_id and any(each in text for each in quoted)
        ]
        return (found or [None])[0], True

    async def controls(self, ref: MessageRef, *, by_token: bool, seconds: float) -> frozenset[str]:
        return frozenset()

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
        self.was_deleted = False
        self.parts: dict[int, MessageRef | None] = {}
        self.astray: set[int] = set()
        self.on_delivered: Callable[[], None] = lambda: None

    async def attach_part(self, _job_id: str, number: int, ref: MessageRef | None) -> None:
        self.parts[number] = ref

    async def attach_message(self, _job_id: str, ref: MessageRef) -> None:
        self.attached.append(ref)

    async def files_astray(self, _job_id: str, number: int) -> None:
        self.astray.add(number)

    async def card_deleted(self, _job_id: str) -> None:
        self.was_deleted = True

    async def delivered(self, _job_id: str, *, reached: bool) -> None:
        self.on_delivered()
        self.deliveries += 1
        self.reached = reached

    async def fetch(self, output: JobOutput, *, job_id: str) -> Path:
        assert output.output.file is not None
        return self.folder / output.output.file.filename


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
    options.setdefault("link", lambda _job, _made: None)
    options.setdefault("kept", {})
    options.setdefault("token_dead", False)
    options.setdefault("private", EphemeralState(make_job()))
    options.setdefault("belated", LateEdits(SystemClock(), PACE.belated, recovered=False))
    context = DeliveryContext(
        job=job,
        lang=LANGUAGES["en"],
        jobs=cast("Any", jobs),
        routes=cast("MessageApi", routes),
        pace=PACE,
        clock=SystemClock(),
        counters=options.pop("counters", Counters()),
        leftovers=cast("Any", routes),
    )
    await ResultDelivery(context, make_snapshot(job=job), ref, plain=False, wanted=wanted, **options).run()
