"""A job as the worker runs it: what it needs, what may stop it, and what history keeps of it."""

import threading
from dataclasses import dataclass, field
from typing import Any


class InterruptedJobError(Exception):
    """The job was stopped by an interrupt."""


class KilledError(Exception):
    """The server goes down in the middle of the job."""


class OutOfMemoryError(Exception):
    """The pretended graphics card is full."""


@dataclass(frozen=True, slots=True)
class Switches:
    """What stops a job from outside: an interrupt, or the end of the server."""

    interrupt: threading.Event = field(default_factory=threading.Event)
    kill: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of the queue, as it is run."""

    prompt_id: str
    graph: dict[str, Any]
    extra: dict[str, Any]
    outputs: list[str]
    out_of_memory: bool = False
    blocked: bool = False


@dataclass(slots=True)
class Result:
    """What history keeps of a run."""

    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    meta: dict[str, Any] = field(default_factory=dict[str, Any])
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    success: bool = False
