"""How far a job is: what a run's events add up to, and one frozen value a display can draw."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bot.comfy import (
    Cached,
    Event,
    NodeOutput,
    NodeStarted,
    Output,
    Preview,
    Progress,
    Step,
    Succeeded,
)
from bot.jobs.model.job import Job, JobOutput
from bot.workflows.graph.graph import AnyGraph, node_title


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


HEAVIEST = 10_000
"""No node weighs more, whatever its `steps` say."""


class Tracker:
    """Adds up the events of one run. Nodes weigh 1, those that count steps as much as their steps."""

    def __init__(self, graph: AnyGraph, *, delivered: Iterable[str] = ()) -> None:
        self._graph = graph
        self._delivered = frozenset(delivered)
        self._weights = {node_id: _weight(node["inputs"].get("steps")) for node_id, node in graph.items()}
        self._done: set[str] = set()
        self._partly: dict[str, float] = {}
        self._pace: tuple[str, float, float] | None = None
        self._seconds_per_step: float | None = None
        self._node: str | None = None
        self.fraction: float | None = None
        """0 to 1, never going back."""
        self.step: int | None = None
        self.steps: int | None = None
        self.preview: Preview | None = None
        self.outputs: tuple[Output, ...] = ()

    @property
    def node_title(self) -> str | None:
        """Title of the node at work."""
        return None if self._node is None else node_title(self._graph, self._node)

    @property
    def remaining(self) -> float | None:
        """Seconds this run still takes, judged by the speed of its steps; None before there is one."""
        if self._seconds_per_step is None:
            return None
        left = sum(
            weight * (1.0 - self._partly.get(node, 0.0))
            for node, weight in self._weights.items()
            if node not in self._done and weight > 1
        )
        return left * self._seconds_per_step

    def hear(self, event: Event, now: float) -> bool:
        """Take an event in; returns whether there is anything new to show."""
        match event:
            case Cached(nodes=nodes):
                self._done.update(self._key(node) for node in nodes)
            case NodeStarted(display_node=node):
                self._begin(self._key(node))
            case Progress():
                self._overview(event)
            case Step(node=node, value=value, maximum=maximum):
                self._count(self._key(node), value, maximum, now)
            case NodeOutput(node=node, outputs=outputs):
                self._finish(self._key(node))
                self._collect(outputs)
                self.preview = None  # what it grew into is there now
            case Preview():
                self.preview = event
                return True
            case Succeeded():
                self._done.update(self._weights)
            case _:
                return False
        self._add_up()
        return True

    def _key(self, node: str) -> str:
        return node if node in self._weights else node.split(".")[0]

    def _begin(self, node: str) -> None:
        if node == self._node:
            return
        if self._node is not None:
            self._finish(self._node)
        self._node, self.step, self.steps = node, None, None

    def _finish(self, node: str) -> None:
        self._done.add(node)

    def _overview(self, event: Progress) -> None:
        for node_id, progress in event.nodes.items():
            node = self._key(progress.display_node or node_id)
            if progress.state == "finished" and node == node_id:
                self._finish(node)
            elif node not in self._done:
                self._part(node, progress.value, progress.max)

    def _count(self, node: str, value: float, maximum: float, now: float) -> None:
        self._begin(node)
        if not (math.isfinite(value) and math.isfinite(maximum) and maximum > 0):
            return
        self._done.discard(node)
        self._part(node, value, maximum)
        self.step, self.steps = int(value), int(maximum)
        if self._weights.get(node, 1) == 1 and maximum > 1:
            self._weights[node] = _weight(int(maximum))
        if self._pace is None or self._pace[0] != node or value <= self._pace[1]:
            self._pace = (node, value, now)
        else:
            self._seconds_per_step = (now - self._pace[2]) / (value - self._pace[1])

    def _part(self, node: str, value: float, maximum: float) -> None:
        if math.isfinite(value) and math.isfinite(maximum) and maximum > 0:
            self._partly[node] = min(1.0, max(0.0, value / maximum))

    def _collect(self, outputs: Iterable[Output]) -> None:
        known = set(self.outputs)
        fresh = (output for output in deliverable(outputs, self._delivered) if output not in known)
        self.outputs = (*self.outputs, *fresh)

    def _add_up(self) -> None:
        total = sum(self._weights.values())
        if not total:
            return
        done = sum(
            weight * (1.0 if node in self._done else self._partly.get(node, 0.0))
            for node, weight in self._weights.items()
        )
        self.fraction = max(self.fraction or 0.0, min(1.0, done / total))


def deliverable(outputs: Iterable[Output], delivered: frozenset[str]) -> tuple[Output, ...]:
    """Return the outputs of the nodes a workflow delivers, made at run time by them (`9.0.0.1`) included.

    All of them where none comes from such a node: better too much than nothing.
    """
    everything = tuple(outputs)
    chosen = tuple(o for o in everything if o.node in delivered or o.node.split(".")[0] in delivered)
    return chosen or everything


def _weight(steps: object) -> float:
    if isinstance(steps, bool) or not isinstance(steps, int | float) or not math.isfinite(steps):
        return 1.0
    return float(min(HEAVIEST, max(1.0, steps)))
