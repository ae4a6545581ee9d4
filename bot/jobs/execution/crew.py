"""What everybody who sees jobs through works with, in one value."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.jobs.execution.health import Health
from bot.jobs.execution.run_monitor import Pace
from bot.jobs.execution.sending import Sender
from bot.jobs.execution.websocket_images import Keep
from bot.jobs.progress.snapshots import SnapshotPublisher
from bot.jobs.queue.plan import Plan
from bot.jobs.queue.repository import JobRepository
from bot.runtime import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Everything a runner works with."""

    repository: JobRepository
    snapshots: SnapshotPublisher
    sender: Sender
    plan: Plan
    health: Health
    keep: Keep
    """Keeps bytes of outputs that no server keeps."""
    clock: Clock
    pace: Pace
    stall: float
    grace: float
    draining: Callable[[], bool]
