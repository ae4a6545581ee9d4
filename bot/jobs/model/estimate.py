"""How long things will take, judged by how long they took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from bot.jobs.model.job import Job

_AMOUNTS = ("steps", "width", "height", "length", "batch")
_MOST_TIMES = 20.0
"""No job is reckoned more than so many times longer or shorter than the usual ones: loading takes its time, too."""

_NOTHING: Mapping[str, float] = {}


@dataclass(frozen=True, slots=True)
class Usual:
    """What one run of a workflow took lately, on average."""

    seconds: float
    work: float
    """How much work it was: see `work_of`."""


def duration_of(workflow: str, timings: Mapping[str, float]) -> float | None:
    """Return the seconds one run takes: as the workflow took lately, else as the average of all; None if unknown."""
    if workflow in timings:
        return timings[workflow]
    return sum(timings.values()) / len(timings) if timings else None


def work_of(values: Mapping[str, object]) -> float:
    """Return how much work one run with these values is, in units that only compare within the same workflow."""
    amounts = (values.get(name) for name in _AMOUNTS)
    return prod(float(each) for each in amounts if isinstance(each, int | float) and each > 0)


def duration_for(job: Job, timings: Mapping[str, float], works: Mapping[str, float]) -> float | None:
    """Return the seconds one run of this very job takes: as the workflow takes, by how much work it is."""
    usual = duration_of(job.request.workflow, timings)
    work = works.get(job.request.workflow)
    if usual is None or not work:
        return usual
    return usual * min(_MOST_TIMES, max(1 / _MOST_TIMES, work_of(job.values) / work))


def line_length(waiting: Mapping[str, int], timings: Mapping[str, float], servers: int = 1) -> float | None:
    """Return the seconds until so many runs of each workflow are done; None while nothing is known."""
    if not any(waiting.values()):
        return 0.0
    if not timings:
        return None
    total = sum(runs * (duration_of(workflow, timings) or 0.0) for workflow, runs in waiting.items())
    return total / max(1, servers)


def time_left(
    job: Job, now: float, timings: Mapping[str, float], works: Mapping[str, float] = _NOTHING
) -> float | None:
    """Return the seconds a job still takes once it runs, what it has already run taken off; None if unknown."""
    each = duration_for(job, timings, works)
    if each is None:
        return None
    run = job.current_run
    spent = now - run.started_at if run is not None and run.started_at is not None else 0.0
    return max(0, job.planned - job.done_runs) * each - min(max(0.0, spent), each)


def seconds_before(
    line: Iterable[Job], now: float, timings: Mapping[str, float], works: Mapping[str, float] = _NOTHING
) -> tuple[float | None, ...]:
    """Return how long all jobs before each place of a line take together, and at last how long all of them do."""
    totals: list[float | None] = [0.0]
    for job in line:
        before, left = totals[-1], time_left(job, now, timings, works)
        totals.append(None if before is None or left is None else before + left)
    return tuple(totals)


def wait_after(
    seconds: float | None, strangers: int, timings: Mapping[str, float], servers: int = 1
) -> float | None:
    """Return the seconds until so much work, and so many prompts of other people, are done."""
    if seconds is None:
        return None
    if strangers:
        each = duration_of("", timings)
        if each is None:
            return None
        seconds += strangers * each
    return seconds / max(1, servers)
