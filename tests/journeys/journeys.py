"""The five journeys, each made several times in one simulated world that does nothing else meanwhile."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from bot.demo.comfyui.execution import OUT_OF_MEMORY
from bot.demo.comfyui.faults import FaultAction, Faults, Frame, HttpFault
from bot.demo.comfyui.job import OutOfMemoryError
from bot.jobs.execution.run_monitor import Pace as JobPace
from tests import steps
from tests.faults import Call, DiscordFaults, failing
from tests.journeys.tracer import PERSON, Function, Tracer
from tests.world import World

NAMES = ("prompt -> POST", "frame -> card", "file -> upload", "error -> sentence", "cancel -> interrupt")
REPETITIONS = 2
"""What is entered in all of them counts; one more before them fills what is kept from the first use on."""
SECONDS = 20.0
QUIET_SECONDS = 0.15
"""How long the world is left alone before a journey begins, so that what came before has ended."""

LISTENER, DISPATCHER, JOB, CARD = "listener", "jobs", "job", "card"
"""The roles of the tasks that serve the journeys, by the names the bot spawns them under.

Left out are the tasks that only happen to run meanwhile: "node" (refresh of the node classes), "old" (files and rows),
"command" (registration), "presence", "own", "families", "reminders". The dispatcher, which looks after its servers
every second, serves the first journey alone. On that one the card is left out: it draws a job that is being sent.
"""


@dataclass(slots=True)
class StepByStep(Faults):
    """A stand-in whose sampler takes the steps it is allowed, and whose frames pass only where they are wanted."""

    allowed: int = 0
    out_of_memory_now: bool = False

    def holds(self, begun: int) -> bool:
        """Tell whether the sampler is to wait; fail in the middle of the run where it is told to."""
        if self.out_of_memory_now:
            raise OutOfMemoryError(OUT_OF_MEMORY)
        if self.allowed:
            self.allowed -= 1
            return False
        return Faults.holds(self, begun)


class Arrival(HttpFault):
    """Does nothing to a request but tell of its arrival at the stand-in."""

    def __init__(self, told: Callable[[str, str], object]) -> None:
        super().__init__(("*", "*"), FaultAction.DELAY)
        self.told = told

    def applies(self, method: str, path: str) -> bool:
        self.told(method, path)
        return False


def is_post_of_prompt(method: str, path: str) -> bool:
    return (method, path) == ("POST", "/prompt")


def is_interrupt(method: str, path: str) -> bool:
    return method == "POST" and (path == "/interrupt" or fnmatchcase(path, "*/jobs/*/cancel"))


def is_end(frame: Frame) -> bool:
    return frame.kind == "executing" and '"node": null' in str(frame.payload)


def is_error(frame: Frame) -> bool:
    return frame.kind == "execution_error"


def is_preview(frame: Frame) -> bool:
    return frame.kind == "preview"


def is_step(frame: Frame) -> bool:
    return frame.kind == "progress"


class Journeys:
    """The five journeys in a world; what each entered is found in `found`, one entry for each time it was made."""

    def __init__(self, world: World, tracer: Tracer, faults: StepByStep, discord: DiscordFaults) -> None:
        self._world = world
        self._tracer = tracer
        self._faults = faults
        self._discord = discord
        # Every second the dispatcher looks after its servers; what it does for a job begins when there is one.
        world.app.jobs.on_accepted(lambda _job: tracer.admit(DISPATCHER))
        self.found: dict[str, list[tuple[Function, ...]]] = {name: [] for name in NAMES}

    async def once(self) -> None:
        """Make each journey once."""
        world = self._world
        world.comfyui.hold()
        card = await self._prompt_to_post()
        await world.done(card, "Working")
        await self._frame_to_card()
        await self._cancel_to_interrupt(card)
        await world.done(card, "Cancelled")
        await self._file_to_upload(await world.working())
        await self._error_to_sentence(await world.working())

    async def _prompt_to_post(self) -> Any:
        await self._quiet()
        with self._until_arrival(is_post_of_prompt):
            self._tracer.begin(PERSON, JOB)
            card = await self._world.generate(prompt="a fox")
            await self._ended("prompt -> POST")
        return card

    async def _frame_to_card(self) -> None:
        await self._quiet()
        # A step is told in three frames. What the first says of all nodes is left out: as a rule one edit shows all
        # three, but now and then one shows the first and another the rest.
        with self._until_edit(lambda call: bool(call.sizes)), self._with_frames(is_preview, is_step):
            self._faults.allowed = 1
            await self._ended("frame -> card")

    async def _file_to_upload(self, card: Any) -> None:
        await self._quiet()
        with self._until_edit(lambda call: bool(call.sizes)), self._with_frames(is_end):
            self._world.comfyui.release()
            await self._ended("file -> upload")
        self._world.comfyui.hold()
        await self._world.done(card)

    async def _error_to_sentence(self, card: Any) -> None:
        await self._quiet()
        with self._until_edit(lambda call: "memory" in call.text), self._with_frames(is_error, is_end):
            self._faults.out_of_memory_now = True
            await self._ended("error -> sentence")
        self._faults.out_of_memory_now = False
        await self._world.done(card, "memory")

    async def _cancel_to_interrupt(self, card: Any) -> None:
        await self._quiet()
        with self._until_arrival(is_interrupt):
            self._tracer.begin(PERSON, JOB)
            await self._world.alice.click(card, label="Cancel")
            await self._ended("cancel -> interrupt")

    async def _quiet(self) -> None:
        """Wait until the cards of jobs that have ended are at rest."""
        active = len(self._world.app.jobs.active())
        await self._world.until(lambda: len(self._world.app.delivery.showing) == active)
        await asyncio.sleep(QUIET_SECONDS)

    async def _ended(self, name: str) -> None:
        self.found[name].append(await self._tracer.functions(SECONDS))

    @contextmanager
    def _until_arrival(self, wanted: Callable[[str, str], bool]) -> Iterator[None]:
        """End the journey when the stand-in gets such a request."""
        arrival = Arrival(lambda method, path: self._tracer.end() if wanted(method, path) else None)
        self._faults.http.append(arrival)
        try:
            yield
        finally:
            self._faults.http.remove(arrival)

    @contextmanager
    def _until_edit(self, wanted: Callable[[Call], bool]) -> Iterator[None]:
        """End the journey when Discord gets such an edit of a card."""

        async def before(call: Call) -> None:
            if call.is_edit and wanted(call):
                self._tracer.end()

        self._discord.before = before
        try:
            yield
        finally:
            self._discord.before = None

    @contextmanager
    def _with_frames(self, *wanted: Callable[[Frame], bool]) -> Iterator[None]:
        """Send such frames alone; the journey begins with one of the first kind."""

        def pass_on(frame: Frame) -> tuple[Frame, ...]:
            if wanted[0](frame):
                self._tracer.begin(LISTENER, JOB, CARD)
            return (frame,) if any(each(frame) for each in wanted) else ()

        self._faults.frames = pass_on
        try:
            yield
        finally:
            self._faults.frames = None


@contextmanager
def _no_logging() -> Iterator[None]:
    """Log nothing: whether a line is put into words depends on who listens."""
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


async def measure(folder: Path) -> dict[str, tuple[Function, ...]]:
    """Return which functions each journey enters every time it is made, in the order of the first time."""
    tracer, faults = Tracer(), StepByStep()
    with (
        pytest.MonkeyPatch.context() as patch,
        failing(DiscordFaults()) as discord,
        tracer.installed(),
        _no_logging(),
    ):
        # Being profiled makes the same steps a few times as long, as being measured does.
        patch.setattr(steps, "MOST", steps.MEASURED)
        world = World(folder, patch)
        world.comfyui.faults = faults
        world.job_pace = JobPace(poll=SECONDS)  # runs are followed by their events alone
        async with world:
            journeys = Journeys(world, tracer, faults, discord)
            for _ in range(1 + REPETITIONS):
                await journeys.once()
        assert world.outside.failures == []
    return {name: _in_all(*every[1:]) for name, every in journeys.found.items()}


def _in_all(first: tuple[Function, ...], *others: tuple[Function, ...]) -> tuple[Function, ...]:
    return tuple(function for function in first if all(function in other for other in others))


def files(functions: tuple[Function, ...]) -> tuple[str, ...]:
    """Return the files of these functions, in the order in which they are first entered."""
    return tuple(dict.fromkeys(file for file, _ in functions))
