"""What a picture of a graph shows: boxes with their values, and the links between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.workflows.graph.graph import class_of, is_link, links, node_title, upstream
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.model.parameter import Parameter
from bot.workflows.model.workflow import Workflow
from cogs.workflows.diagram.fonts import Lettering

MOST = 40
"""Nodes drawn at most; of a larger graph, those nearest to its outputs."""
LINES = 6
LONGEST = 120
LITERALS = (str, int, float, bool)

USUAL = {
    "model": "MODEL",
    "clip": "CLIP",
    "vae": "VAE",
    "positive": "CONDITIONING",
    "negative": "CONDITIONING",
    "conditioning": "CONDITIONING",
    "latent_image": "LATENT",
    "latent": "LATENT",
    "samples": "LATENT",
    "image": "IMAGE",
    "images": "IMAGE",
    "pixels": "IMAGE",
    "mask": "MASK",
    "audio": "AUDIO",
    "video": "VIDEO",
}
"""What usually goes into an input of that name, where no server tells."""


@dataclass(frozen=True, slots=True)
class Port:
    """A linked input: its name, the type that comes in, and the number of the box it comes from."""

    name: str
    type: str
    source: int
    slot: int


@dataclass(frozen=True, slots=True)
class Line:
    """A value in a box; `parameter` is what people call it, where they may set it."""

    name: str
    value: str
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One node."""

    title: str
    class_type: str
    """Empty where the title says it."""
    ports: tuple[Port, ...]
    lines: tuple[Line, ...]
    more: int
    """Values left out."""
    delivered: bool
    unknown: bool
    """Whether the server does not have this class."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All boxes, in an order in which they could run; a link's number is its place in it."""

    boxes: tuple[Box, ...]
    left_out: int

    def links(self) -> Iterator[tuple[int, int, Port]]:
        """Yield source, target and port of every link drawn."""
        for target, box in enumerate(self.boxes):
            for port in box.ports:
                yield port.source, target, port


def scene(
    workflow: Workflow, info: ObjectInfo | None, lettering: Lettering, *, everything: bool, most: int = MOST
) -> Scene:
    """Describe a workflow's graph; values that people cannot set are shown only with `everything`."""
    graph = workflow.graph
    ends = [output.node for output in workflow.outputs if output.node in graph] or list(graph)
    near = upstream(graph, ends)
    chosen = _in_order(graph, near[:most])
    numbers = {node: number for number, node in enumerate(chosen)}
    teller = _Teller(workflow, info, lettering, numbers, everything=everything)
    return Scene(tuple(teller.box(node) for node in chosen), len(near) - len(chosen))


def _in_order(graph: Mapping[str, dict[str, Any]], nodes: list[str]) -> list[str]:
    """Sort nodes so that each stands after what it reads from; a circle is cut somewhere."""
    wanted, done, order = set(nodes), set[str](), list[str]()
    for start in reversed(nodes):
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                order.append(node)
            elif node not in done:
                done.add(node)
                stack.append((node, True))
                sources = [source for _, (source, _) in links(graph, node) if source in wanted - done]
                stack.extend((source, False) for source in reversed(sources))
    return order


class _Teller:
    def __init__(
        self,
        workflow: Workflow,
        info: ObjectInfo | None,
        lettering: Lettering,
        numbers: Mapping[str, int],
        *,
        everything: bool,
    ) -> None:
        self._workflow = workflow
        self._graph = workflow.graph
        self._info = info
        self._lettering = lettering
        self._numbers = numbers
        self._everything = everything
        self._delivered = {output.node for output in workflow.outputs if not output.preview}
        self._owners: dict[tuple[str, str], Parameter] = {
            place: parameter
            for parameter in workflow.parameters.values()
            if everything or (parameter.fixed is None and not parameter.hidden)
            for place in parameter.targets
        }

    def box(self, node: str) -> Box:
        class_type = class_of(self._graph, node)
        schema = self._info.node(class_type) if self._info is not None else None
        own = node_title(self._graph, node)
        shown = schema.title if schema is not None and own == class_type else own
        title = self._lettering.legible(shown[:LONGEST]) or class_type
        lines = list(self._lines(node))
        lines.sort(key=lambda line: not line.parameter)
        return Box(
            title=title,
            class_type="" if title == class_type else self._lettering.legible(class_type[:LONGEST]),
            ports=tuple(self._ports(node)),
            lines=tuple(lines[:LINES]),
            more=len(lines) - len(lines[:LINES]),
            delivered=node in self._delivered,
            unknown=self._info is not None and schema is None,
        )

    def _ports(self, node: str) -> Iterator[Port]:
        for name, (source, slot) in links(self._graph, node):
            if source in self._numbers and self._numbers[source] != self._numbers[node]:
                yield Port(
                    self._lettering.legible(name[:LONGEST]),
                    self._type(source, slot, name),
                    self._numbers[source],
                    slot,
                )

    def _type(self, source: str, slot: int, name: str) -> str:
        schema = self._info.node(class_of(self._graph, source)) if self._info is not None else None
        told = schema.output_type(slot) if schema is not None else None
        return self._lettering.legible((told or USUAL.get(name, ""))[:30])

    def _lines(self, node: str) -> Iterator[Line]:
        for name, value in self._graph[node]["inputs"].items():
            owner = self._owners.get((node, name))
            if is_link(value) or not isinstance(value, LITERALS):
                continue
            if owner is None and not self._everything:
                continue
            text = _value(value)
            legible = self._lettering.legible(text) if text else "–"
            yield Line(
                self._lettering.legible(name[:LONGEST]),
                legible or "?",
                owner.name if owner is not None else "",
            )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)[:LONGEST]
