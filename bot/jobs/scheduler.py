"""Whose turn it is: pure, so that fairness can be shown by a table."""

from collections import Counter
from collections.abc import Iterable

from bot.jobs.job import Job


def in_order(waiting: Iterable[Job], in_flight: Iterable[Job]) -> tuple[Job, ...]:
    """Return the waiting jobs in the order in which they will be sent.

    Priority first; then whoever has the fewest jobs in flight, each one sent counting for the next; then the oldest.
    Nobody starves: a person's second job comes after everybody else's first, and never later than that.
    """
    load = Counter(_person(job) for job in in_flight)
    queues: dict[tuple[bool, int], list[Job]] = {}
    for job in sorted(waiting, key=_age):
        queues.setdefault((not job.request.priority, _person(job)), []).append(job)
    order: list[Job] = []
    while queues:
        # Ties between people go to the oldest of their foremost jobs.
        key = min(queues, key=lambda key: (key[0], load[key[1]], _age(queues[key][0])))
        job = queues[key].pop(0)
        if not queues[key]:
            del queues[key]
        load[_person(job)] += 1
        order.append(job)
    return tuple(order)


def _person(job: Job) -> int:
    return job.request.requester.user_id


def _age(job: Job) -> tuple[float, int]:
    return job.created_at, job.number
