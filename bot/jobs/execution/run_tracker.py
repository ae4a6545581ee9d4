"""What is known about one prompt on a server: events and looks go in, a verdict comes out. Pure."""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from bot.comfy import (
    Ended,
    Event,
    Finished,
    Gone,
    HistoryEntry,
    LinkLost,
    LinkRestored,
    Pending,
    ProgressText,
    Running,
    ServerFlags,
    Status,
    Unknown,
    Whereabouts,
)
from bot.jobs.model.failure import Reason

HISTORY_SECONDS = 2.0
"""How long after its last frame a prompt's history entry may be missing."""


@dataclass(frozen=True, slots=True)
class Over:
    """It ended as its history entry says."""

    entry: HistoryEntry


@dataclass(frozen=True, slots=True)
class Vanished:
    """The server does not know it any more; `never_started` only if that is certain."""

    never_started: bool


@dataclass(frozen=True, slots=True)
class Overdue:
    """It has to be ended for this reason; None when somebody wants it ended and the server does not answer."""

    reason: Reason | None


Verdict: TypeAlias = Over | Vanished | Overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds."""

    stall: float
    """Without progress while running, as long as progress can be heard."""
    timeout: float
    """In all while it runs; and without moving up while it waits."""
    grace: float = 10.0
    """For the server to end what it was told to end."""


class RunTracker:
    """Follows one prompt. `heard` says that the link it was sent under is up, so that its events are heard."""

    def __init__(self, now: float, patience: Patience, *, heard: bool, started: bool = False) -> None:
        self._patience = patience
        self._heard = heard
        self._cut_before_start = False
        self._misses = 0
        self._finished_at: float | None = None
        self._began = now
        self._sign = now
        self._silent_since: float | None = None
        self._wanted_at: float | None = None
        self._given_up_at: float | None = None
        self.removed = False
        """The server told that it took it out of its queue at our request."""
        self.started = started
        self.position: int | None = None
        """Place among those waiting on the server, 1 being next."""

    @property
    def answering(self) -> bool:
        """Whether the server answered when last asked."""
        return self._silent_since is None

    @property
    def expected(self) -> bool:
        """Whether its history entry should be there any moment."""
        return self._finished_at is not None and self._misses == 0

    @property
    def doubted(self) -> bool:
        """Whether it was not found when last looked for."""
        return self._misses > 0

    def hear(self, event: Event, now: float) -> bool:
        """Take an event in; returns whether to look at once."""
        match event:
            case Finished():
                self._finished_at = now
                return True
            case LinkLost():
                self._cut_before_start = self._heard and not self.started
                self._heard = False
                return False
            case LinkRestored():
                return True
            case Status() | ServerFlags() | Unknown() | ProgressText():
                return False
            case _:
                self._start(now)
                return False

    def look_failed(self, now: float) -> None:
        """Note that the server gave no answer."""
        if self._silent_since is None:
            self._silent_since = now

    def saw(self, where: Whereabouts, now: float) -> Verdict | None:
        """Take an answer of the server in; returns how it ended, if it did."""
        self._silent_since = None
        match where:
            case Ended(entry=entry):
                return Over(entry)
            case Running():
                self._present()
                if not self.started:
                    self._start(now)
            case Pending(position=position):
                self._present()
                if position != self.position:
                    self._sign = now
                self.position = position
            case Gone():
                return self._missed(now)
            case _:
                assert_never(where)
        return None

    def wanted(self, now: float) -> None:
        """Note that somebody wants it to end."""
        if self._wanted_at is None:
            self._wanted_at = now

    def give_up(self, now: float) -> None:
        """Note that the server was told to end it; after the grace it is overdue again, whatever happens."""
        self._given_up_at = now + self._patience.grace

    def due(self, now: float) -> Overdue | None:
        """Return the reason for which it must not go on, if there is one."""
        if now < self.deadline:
            return None
        if self._given_up_at is not None or (self._wanted_at is not None and not self.answering):
            return Overdue(None)
        stalled = self._heard and self.started and now - self._sign >= self._patience.stall
        return Overdue(Reason.STALLED if stalled else Reason.TIMEOUT)

    @property
    def deadline(self) -> float:
        """When `due` will have something to say, if nothing happens until then."""
        if self._given_up_at is not None:
            return self._given_up_at
        deadline = (self._began if self.started else self._sign) + self._patience.timeout
        if self.started and self._heard:
            deadline = min(deadline, self._sign + self._patience.stall)
        if self._wanted_at is not None and self._silent_since is not None:
            deadline = min(deadline, max(self._wanted_at, self._silent_since) + self._patience.grace)
        return deadline

    def _start(self, now: float) -> None:
        if not self.started:
            self.started, self.position, self._began = True, None, now
        self._sign = now

    def _present(self) -> None:
        # Seen after the link was cut: whether it started since cannot be known for certain any more.
        self._misses = 0
        self._cut_before_start = False

    def _missed(self, now: float) -> Verdict | None:
        if self._finished_at is not None and now - self._finished_at < HISTORY_SECONDS:
            return None
        self._misses += 1
        if self.removed or self._misses >= 2:
            return Vanished(self._cut_before_start and not self.started)
        return None
