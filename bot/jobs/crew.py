"""What everybody who sees jobs through works with, in one value."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.jobs.board import Board
from bot.jobs.caught import Keep
from bot.jobs.follow import Pace
from bot.jobs.health import Health
from bot.jobs.ledger import Ledger
from bot.jobs.plan import Plan
from bot.jobs.sending import Sender
from bot.runtime import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Everything a runner works with."""

    ledger: Ledger
    board: Board
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
