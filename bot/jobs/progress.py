"""How far a job is, as one frozen value a display can draw."""

from dataclasses import dataclass

from bot.jobs.job import Job, JobOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A job and what is known about its progress at one moment; durations are seconds."""

    job: Job
    position: int | None = None
    """Place in line while it waits, with us or on the server: 1 is next. None when nobody knows or it does not wait."""
    ahead: int = 0
    """How many prompts are before it, those running and those of other people included."""
    wait: float | None = None
    """Estimated time until it starts."""
    fraction: float | None = None
    """0 to 1 over all runs, never going back; None before anything is known."""
    node_title: str | None = None
    step: int | None = None
    steps: int | None = None
    run: int = 0
    """Index of the run the progress belongs to."""
    elapsed: float | None = None
    """Time since it started running."""
    remaining: float | None = None
    preview: bytes | None = None
    preview_format: str = "jpeg"
    """`jpeg` or `png`."""
    outputs: tuple[JobOutput, ...] = ()
    """What is finished so far, heard before the run has ended; the job's own outputs are the final word."""
    server_up: bool = True
    """False while the job waits for a server that does not answer."""
