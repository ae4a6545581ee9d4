"""Presses that make jobs: the same one twice within a moment is meant once."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

WITHIN = 3.0
"""Seconds for which the same press by the same person counts as the first one."""


@dataclass(frozen=True, slots=True)
class Press:
    """Who used which control, and what was chosen in it."""

    user_id: int
    control: str
    chosen: tuple[str, ...] = ()


@dataclass(slots=True)
class Attempt:
    """What a press that is not a repetition comes to."""

    made: bool = False
    """Whether a job came of it; set by whoever makes it."""


class Presses:
    """Remembers presses while they are being carried out, and those that made a job for a moment longer.

    One that came to nothing is forgotten at once, for pressing again is what is wanted then.
    """

    def __init__(self) -> None:
        self._begun: dict[Press, float] = {}
        self._under_way: set[Press] = set()

    @contextmanager
    def carrying_out(self, press: Press, at: float) -> Generator[Attempt | None]:
        """Give an attempt to mark as successful, or None for a repetition; `at` is when it was pressed, in seconds."""
        for known, before in tuple(self._begun.items()):
            if known not in self._under_way and abs(at - before) >= WITHIN:
                del self._begun[known]
        if press in self._begun:
            yield None
            return
        attempt = Attempt()
        self._begun[press] = at
        self._under_way.add(press)
        try:
            yield attempt
        finally:
            self._under_way.discard(press)
            if not attempt.made:
                del self._begun[press]
