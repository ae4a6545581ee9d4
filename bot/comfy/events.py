"""What ComfyUI says over its WebSocket, as a closed vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.comfy.models import ExecutionError
from bot.comfy.outputs import Output


@dataclass(frozen=True, slots=True)
class Started:
    """The job runs now."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class Cached:
    """These nodes need not run: their results are known."""

    prompt_id: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """How far a node is; `state` is "running" or "finished", `display_node` the node of the submitted graph."""

    value: float
    max: float
    state: str
    display_node: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """All nodes that have begun, each with how far it is (cached ones are not among them)."""

    prompt_id: str
    nodes: Mapping[str, NodeProgress]


@dataclass(frozen=True, slots=True)
class Step:
    """A node counts its steps; it may begin anew with another maximum."""

    prompt_id: str
    node: str
    value: float
    maximum: float


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node begins (or goes on); `display_node` is the node of the submitted graph it belongs to."""

    prompt_id: str
    node: str
    display_node: str


@dataclass(frozen=True, slots=True)
class NodeOutput:
    """A node gave something to look at."""

    prompt_id: str
    node: str
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The picture as it is now; a PNG is one that a SaveImageWebsocket node gives, which is kept nowhere else."""

    prompt_id: str
    node: str
    image: bytes
    format: Literal["jpeg", "png"]


@dataclass(frozen=True, slots=True)
class ProgressText:
    """A node says how it is getting on; most servers do not say for which job."""

    prompt_id: str | None
    node: str
    text: str


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The job went well; its history is about to be written, `Finished` follows when it is."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A node failed. No ending by itself: a blocked branch says this too, and the job goes on."""

    prompt_id: str
    error: ExecutionError


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The job was told to stop, and does."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The job has ended in whatever way, and its history is written: the last frame of every job."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class Status:
    """Waiting and running jobs together."""

    queue_remaining: int


@dataclass(frozen=True, slots=True)
class ServerFlags:
    """The server's answer to our feature flags."""

    progress_text_metadata: bool


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The socket closed; events may be missed from here on."""


@dataclass(frozen=True, slots=True)
class LinkRestored:
    """The socket is open (again); ask what was missed. Jobs sent under an earlier client id get no more events."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something else; `type` is what the frame called itself, for the log."""

    type: str


JobEvent: TypeAlias = (
    Started | Cached | Progress | Step | NodeStarted | NodeOutput | Preview | ProgressText | Succeeded | Failed
    | Interrupted | Finished
)  # fmt: skip
"""What is about one job."""

Event: TypeAlias = JobEvent | Status | ServerFlags | LinkLost | LinkRestored | Unknown
"""Everything a mailbox or a subscriber can get."""
