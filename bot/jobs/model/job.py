"""A job and the states it may pass through."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from bot.comfy import Output
from bot.jobs.model.failure import Failure
from bot.jobs.model.request import InputRef, JobId, Request
from bot.workflows.model.values import Value


class JobState(StrEnum):
    """Where a job, or one of its runs, stands."""

    QUEUED = "queued"
    """Ours, not yet sent."""
    SUBMITTING = "submitting"
    """Its prompt id is committed; whether the server has it is not known yet."""
    SUBMITTED = "submitted"
    """The server has it, it waits there."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return not NEXT[self]


ENDINGS = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.LOST})

# SUBMITTED -> SUCCEEDED: a fully cached graph may finish before we hear it start.
# RUNNING -> QUEUED: a later run of the same job waits for its turn again.
NEXT: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.SUBMITTING, JobState.FAILED, JobState.CANCELLED}),
    JobState.SUBMITTING: frozenset(
        {JobState.QUEUED, JobState.SUBMITTED, JobState.FAILED, JobState.CANCELLED, JobState.LOST}
    ),
    JobState.SUBMITTED: ENDINGS | {JobState.QUEUED, JobState.RUNNING},
    JobState.RUNNING: ENDINGS | {JobState.QUEUED},
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.LOST: frozenset(),
}


class InvalidTransition(RuntimeError):  # noqa: N818 - names what happened, like the rest of the vocabulary
    """A job was moved where it cannot go; a bug of ours, never the person's."""


def _check(name: str, before: JobState, after: JobState) -> None:
    if after not in NEXT[before]:
        raise InvalidTransition(f"{name}: {before} -> {after}")


@dataclass(frozen=True, slots=True)
class JobOutput:
    """One thing a job made: the `index`-th of its `run`-th run."""

    run: int
    index: int
    output: Output
    kept: InputRef | None = None
    """Our own copy, once somebody fetched it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One prompt on a server. A run that is sent again is a new `attempt` with a new prompt id; the old one is kept."""

    index: int
    attempt: int
    prompt_id: str
    client_id: str | None
    """The connection it was sent under; only that connection hears its events."""
    server: str
    seed: int | None
    state: JobState = JobState.SUBMITTING
    outputs: tuple[JobOutput, ...] = ()
    submitted_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None

    def to(self, state: JobState, **changes: Any) -> Self:
        """Return the run in another state; raises InvalidTransition where the table has none."""
        _check(self.prompt_id, self.state, state)
        return replace(self, state=state, **changes)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """The message that shows the job: a channel's, or an interaction's answer while its token lives."""

    channel_id: int
    message_id: int | None = None
    token: str | None = None
    token_expires: float = 0.0
    """Seconds since the epoch."""
    ephemeral: bool = False
    application_id: int | None = None
    size_limit: int | None = None
    """How many bytes a file may have by that token."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """Who has deleted a job, and until when that may be taken back, in seconds since the epoch."""

    by: int
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request on its way; times are seconds since the epoch."""

    id: JobId
    number: int
    """Short, for people; unique in one database. 0 until accepted."""
    request: Request
    workflow_title: str
    created_at: float
    state: JobState = JobState.QUEUED
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    """Everything resolved, as bound at acceptance: seed, model, size … of the first run."""
    started_at: float | None = None
    finished_at: float | None = None
    delivered_at: float | None = None
    runs: tuple[Run, ...] = ()
    """Every attempt ever sent, oldest first."""
    planned: int = 1
    """How many runs it takes: 1, or `count` where the workflow has no batch."""
    cost: int = 1
    """How many pictures it counts as; decided when it is accepted."""
    message: MessageRef | None = None
    parts: Mapping[int, MessageRef] = field(default_factory=dict[int, MessageRef])
    """The further messages with what does not fit on the first, by their number: 2, 3 …"""
    card_deleted: bool = False
    """Somebody removed the card before the result was there: it goes to the person directly."""
    astray: frozenset[int] = frozenset()
    """The messages, by their number, whose files may stand in a private one that can no longer be looked at: those
    are not sent again, whichever process goes on. 1 is the card."""
    unreached: bool = False
    """No way to the person was open: the result waits in the history."""
    failure: Failure | None = None
    notice: Failure | None = None
    """Something to say about a job that went on all the same, such as a branch the server left out."""
    cancel_requested_by: int | None = None
    deletion: Deletion | None = None
    """Set from the moment somebody deletes it: nobody is shown it any more."""

    def to(self, state: JobState, **changes: Any) -> Self:
        """Return the job in another state; raises InvalidTransition where the table has none."""
        _check(self.id, self.state, state)
        return replace(self, state=state, **changes)

    def with_run(self, run: Run) -> Self:
        """Return the job with this run put in the place of its earlier self, or added."""
        if any(known.prompt_id == run.prompt_id for known in self.runs):
            return replace(
                self, runs=tuple(run if known.prompt_id == run.prompt_id else known for known in self.runs)
            )
        return replace(self, runs=(*self.runs, run))

    @property
    def current_run(self) -> Run | None:
        """The run that is on a server now, or may be."""
        return next((run for run in self.runs if not run.state.is_final), None)

    @property
    def done_runs(self) -> int:
        """How many of the planned runs have succeeded."""
        return sum(run.state is JobState.SUCCEEDED for run in self.runs)

    @property
    def outputs(self) -> tuple[JobOutput, ...]:
        """Everything made so far, in order."""
        return tuple(output for run in sorted(self.runs, key=lambda run: run.index) for output in run.outputs)

    @property
    def seed(self) -> int | None:
        """The seed of the first run, if the workflow has one."""
        seed = self.values.get("seed")
        return int(seed) if seed is not None else None

    @property
    def stopped_by_owner(self) -> bool:
        """Whether the person ended it, and so knows."""
        by_oneself = self.cancel_requested_by == self.request.requester.user_id
        return by_oneself and self.state is JobState.CANCELLED

    @property
    def stopped_by_moderator(self) -> bool:
        """Whether somebody else than the person who asked for it ended it."""
        by = self.cancel_requested_by
        return by not in {None, self.request.requester.user_id} and self.state is JobState.CANCELLED

    @property
    def spoiler(self) -> bool:
        """Whether its files are shown only to who wants to see them."""
        return self.request.spoiler
