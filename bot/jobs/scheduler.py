"""Whose turn it is: pure, so that fairness can be shown by a table."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.jobs.job import Job


def in_order(
    waiting: Iterable[Job], in_flight: Iterable[Job], served: Mapping[int, float] | None = None
) -> tuple[Job, ...]:
    """Return the waiting jobs in the order in which they will be sent.

    Priority first; then whoever has the fewest jobs in flight, each one sent counting for the next; then whoever was
    served longest ago (`served` tells when, by user); then the oldest. Nobody starves: a person's second job comes
    after everybody else's first.
    """
    load = Counter(_person(job) for job in in_flight)
    last = dict(served or {})
    turn = max(last.values(), default=0.0)
    queues: dict[tuple[bool, int], list[Job]] = {}
    for job in sorted(waiting, key=_age):
        queues.setdefault((not job.request.priority, _person(job)), []).append(job)
    order: list[Job] = []
    while queues:
        key = min(
            queues,
            key=lambda key: (key[0], load[key[1]], last.get(key[1], float("-inf")), _age(queues[key][0])),
        )
        job = queues[key].pop(0)
        if not queues[key]:
            del queues[key]
        turn += 1.0
        load[_person(job)] += 1
        last[_person(job)] = turn
        order.append(job)
    return tuple(order)


def _person(job: Job) -> int:
    return job.request.requester.user_id


def _age(job: Job) -> tuple[float, int]:
    return job.created_at, job.number
