"""Counts kept in the process, by name and labels, for metrics to read."""

from collections.abc import Iterator
from dataclasses import dataclass

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Count:
    """One count at the moment it was read."""

    name: str
    labels: Labels
    value: float


class Counters:
    """Counts that only grow; made once by the owner of the process and handed on, never global."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Labels], float] = {}

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Count something; labels are few and from closed sets, never ids of people."""
        if amount < 0:
            raise ValueError("a counter never goes down")
        key = (name, tuple(sorted(labels.items())))
        self._values[key] = self._values.get(key, 0) + amount

    def value(self, name: str, /, **labels: str) -> float:
        """Return the sum of all counts of that name which carry at least these labels."""
        wanted = set(labels.items())
        return sum(
            value for (known, has), value in self._values.items() if known == name and wanted <= set(has)
        )

    def __iter__(self) -> Iterator[Count]:
        for (name, labels), value in sorted(self._values.items()):
            yield Count(name, labels, value)
