"""Whose turn it is: pure, so that fairness can be shown by a table."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from heapq import heapify, heappop, heapreplace
from typing import Any, Generic, TypeVar

from bot.jobs.model.job import Job

Key = TypeVar("Key")
NEVER = float("-inf")


def in_order(
    waiting: Iterable[Job],
    in_flight: Iterable[Job],
    served: Mapping[int, float] | None = None,
    served_guilds: Mapping[int, float] | None = None,
) -> tuple[Job, ...]:
    """Return the waiting jobs in the order in which they will be sent.

    What operators asked for with priority comes first. Then it is the turn of the guild with the fewest jobs in flight,
    each one sent counting for the next, and of those of the one served longest ago: so every guild has its share,
    however much another asks for. Within a guild: priority first; then whoever has the fewest jobs in flight, counted
    alike; then whoever was served longest ago; then the oldest. Nobody starves: a person's second job comes after
    everybody else's first. `served` and `served_guilds` tell when that was, by user and by guild (`guild_of`).
    """
    turns = _Turns(in_flight, served or {}, served_guilds or {})
    first: list[Job] = []
    others: dict[int, list[Job]] = {}
    for job in sorted(waiting, key=_age):
        if goes_before_all(job):
            first.append(job)
        else:
            others.setdefault(guild_of(job), []).append(job)
    order: list[Job] = []
    operators = _Line(first, turns)
    while operators:
        order.append(operators.next())
    lines = {guild: _Line(jobs, turns) for guild, jobs in others.items()}
    ages = {guild: _age(jobs[0]) for guild, jobs in others.items()}
    guilds = _Ranking(lines, lambda guild: (*turns.of_guild(guild), ages[guild]))
    while guilds:
        guild = guilds.first()
        order.append(lines[guild].next())
        if not lines[guild]:
            guilds.drop(guild)
    return tuple(order)


def goes_before_all(job: Job) -> bool:
    """Whether a job goes before those of every guild, here and on the server: an operator asked for priority."""
    return job.request.priority and job.request.requester.operator


def guild_of(job: Job) -> int:
    """Return the guild whose share a job belongs to; 0 for what was asked for outside of any."""
    return job.request.requester.guild_id or 0


class _Turns:
    """Who has how many jobs in flight, and who was served when; by guild and by person."""

    def __init__(
        self, in_flight: Iterable[Job], served: Mapping[int, float], served_guilds: Mapping[int, float]
    ) -> None:
        flying = list(in_flight)
        self._loads = Counter(_person(job) for job in flying)
        self._guild_loads = Counter(guild_of(job) for job in flying)
        self._served = dict(served)
        self._guilds_served = dict(served_guilds)
        self._turn = max((*self._served.values(), *self._guilds_served.values()), default=0.0)

    def of_guild(self, guild: int) -> tuple[int, float]:
        return self._guild_loads[guild], self._guilds_served.get(guild, NEVER)

    def of_person(self, person: int) -> tuple[int, float]:
        return self._loads[person], self._served.get(person, NEVER)

    def serve(self, job: Job) -> None:
        self._turn += 1.0
        self._loads[_person(job)] += 1
        self._guild_loads[guild_of(job)] += 1
        self._served[_person(job)] = self._guilds_served[guild_of(job)] = self._turn


class _Line:
    """The waiting jobs of one guild, oldest first, as a line that may be asked for its next."""

    def __init__(self, jobs: Iterable[Job], turns: _Turns) -> None:
        self._turns = turns
        self._queues: dict[tuple[bool, int], deque[Job]] = {}
        for job in jobs:
            self._queues.setdefault((not job.request.priority, _person(job)), deque()).append(job)
        self._people = _Ranking(self._queues, self._rank)

    def __bool__(self) -> bool:
        return bool(self._people)

    def _rank(self, key: tuple[bool, int]) -> tuple[bool, int, float, tuple[float, int]]:
        later, person = key
        return later, *self._turns.of_person(person), _age(self._queues[key][0])

    def next(self) -> Job:
        key = self._people.first()
        job = self._queues[key].popleft()
        self._turns.serve(job)
        if not self._queues[key]:
            self._people.drop(key)
        return job


class _Ranking(Generic[Key]):
    """Keys by a rank that only ever gets worse: whoever was first in line and still is with the new one, is."""

    def __init__(self, keys: Iterable[Key], rank: Callable[[Key], tuple[Any, ...]]) -> None:
        self._rank = rank
        self._heap = [(rank(key), number, key) for number, key in enumerate(keys)]
        heapify(self._heap)

    def __bool__(self) -> bool:
        return bool(self._heap)

    def first(self) -> Key:
        while True:
            known, number, key = self._heap[0]
            now = self._rank(key)
            if known == now:
                return key
            heapreplace(self._heap, (now, number, key))

    def drop(self, key: Key) -> None:
        """Take out the key that is first."""
        assert self._heap[0][2] == key
        heappop(self._heap)


def _person(job: Job) -> int:
    return job.request.requester.user_id


def _age(job: Job) -> tuple[float, int]:
    return job.created_at, job.number
