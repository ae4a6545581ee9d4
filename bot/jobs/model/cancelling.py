"""What the wish to end a job comes to."""

from enum import StrEnum


class CancelOutcome(StrEnum):
    """What a cancellation did."""

    CANCELLED = "cancelled"
    """It was still waiting with us and has ended."""
    STOPPING = "stopping"
    """The server was asked; it ends as soon as the server lets go of it."""
    FINISHED = "finished"
    """It had already ended."""
