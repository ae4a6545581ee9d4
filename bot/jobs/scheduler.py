"""Whose turn it is: pure, so that fairness can be shown by a table."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heapreplace

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
    queues: dict[tuple[bool, int], deque[Job]] = {}
    for job in sorted(waiting, key=_age):
        queues.setdefault((not job.request.priority, _person(job)), deque()).append(job)

    def rank(key: tuple[bool, int]) -> tuple[bool, int, float, tuple[float, int]]:
        later, person = key
        return later, load[person], last.get(person, float("-inf")), _age(queues[key][0])

    heads = [(rank(key), key) for key in queues]
    heapify(heads)
    order: list[Job] = []
    while heads:
        known, key = heads[0]
        if known != (now := rank(key)):
            # A rank only ever gets worse: whoever was first in line and still is with the new one, is.
            heapreplace(heads, (now, key))
            continue
        job = queues[key].popleft()
        turn += 1.0
        load[_person(job)] += 1
        last[_person(job)] = turn
        order.append(job)
        if queues[key]:
            heapreplace(heads, (rank(key), key))
        else:
            heappop(heads)
    return tuple(order)


def _person(job: Job) -> int:
    return job.request.requester.user_id


def _age(job: Job) -> tuple[float, int]:
    return job.created_at, job.number
