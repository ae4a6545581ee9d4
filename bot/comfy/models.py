"""What a ComfyUI server tells about itself and its jobs, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from bot.comfy.outputs import FileRef, Output
from bot.comfy.problems import Problem


class Ending(StrEnum):
    """How a job ended."""

    SUCCESS = "success"
    ERROR = "error"
    INTERRUPTED = "interrupted"


class CancelResult(StrEnum):
    """What a cancel did: took a waiting job out, told a running one to stop, or found neither."""

    REMOVED = "removed"
    INTERRUPTED = "interrupted"
    NOT_FOUND = "not_found"


class JobStatus(StrEnum):
    """A job's state in the newest servers' own words."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Features:
    """What this server can do, found out once per connection."""

    api_prefix: bool
    jobs_api: bool
    version: str | None = None
    max_upload_size: int | None = None


@dataclass(frozen=True, slots=True)
class ExecutionError:
    """Why a run failed: `message` is one line, without traceback or paths."""

    node_id: str
    node_type: str
    type: str
    message: str
    out_of_memory: bool


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A job that has ended. Times are seconds since the epoch, by the server's clock."""

    prompt_id: str
    ending: Ending
    outputs: tuple[Output, ...]
    error: ExecutionError | None
    number: float
    client_id: str | None
    extra_data: Mapping[str, Any]
    started_at: float | None
    finished_at: float | None
    graph: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What was run; empty where the server does not tell it."""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A job that waits or runs, ours or anybody's."""

    number: float
    prompt_id: str
    client_id: str | None
    extra_data: Mapping[str, Any]
    graph: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """What runs and what waits, the waiting ones in the order in which they will run."""

    running: tuple[QueueItem, ...]
    pending: tuple[QueueItem, ...]

    def position(self, prompt_id: str) -> int | None:
        """Return the place among those waiting, 1 being next; None when it does not wait."""
        for place, item in enumerate(self.pending, start=1):
            if item.prompt_id == prompt_id:
                return place
        return None

    def is_running(self, prompt_id: str) -> bool:
        """Tell whether this very job runs now."""
        return any(item.prompt_id == prompt_id for item in self.running)

    def find(self, prompt_id: str) -> QueueItem | None:
        """Return the job, running or waiting; None when it is neither."""
        for item in (*self.running, *self.pending):
            if item.prompt_id == prompt_id:
                return item
        return None


@dataclass(frozen=True, slots=True)
class Submission:
    """The server took a graph. With `problems`, it took only part of it: the bad branches will silently not run."""

    prompt_id: str
    number: float
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class JobSummary:
    """A job as the newest servers list it. Times are seconds since the epoch."""

    prompt_id: str
    status: JobStatus
    number: float
    created_at: float | None
    started_at: float | None
    finished_at: float | None
    outputs_count: int
    preview: FileRef | None
    error: ExecutionError | None


@dataclass(frozen=True, slots=True)
class JobsPage:
    """One page of the newest servers' list of jobs."""

    jobs: tuple[JobSummary, ...]
    total: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class JobDetail:
    """One job as the newest servers tell it; `entry` is its ending, None while it waits or runs."""

    summary: JobSummary
    entry: HistoryEntry | None


@dataclass(frozen=True, slots=True)
class Device:
    """A device that computes; memory in bytes."""

    name: str
    type: str
    vram_total: int
    vram_free: int


@dataclass(frozen=True, slots=True)
class SystemStats:
    """Versions and memory of a server; memory in bytes, texts empty where it does not say."""

    version: str
    python: str
    pytorch: str
    os: str
    ram_total: int
    ram_free: int
    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """The job waits; position 1 is next."""

    position: int


@dataclass(frozen=True, slots=True)
class Running:
    """The job runs now."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The job has ended, as its entry says."""

    entry: HistoryEntry


@dataclass(frozen=True, slots=True)
class Gone:
    """The server knows no such job (any more): never arrived, deleted, cleared, or the server was restarted."""


Whereabouts: TypeAlias = Pending | Running | Ended | Gone
