"""Walking a graph the way data flows in it, with the types `/object_info` gives, or guesses where it is silent."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.workflows.graph.graph import AnyGraph, Link, class_of, consumers, is_link, node_title
from bot.workflows.graph.guess import WELL_KNOWN_SLOTS, guess_type, is_saver_name
from bot.workflows.graph.schema import InputSchema, NodeSchema, ObjectInfo
from bot.workflows.graph.switches import is_branch, switch_branch

Place = tuple[str, str]
"""A node id and the name of one of its inputs."""

_BUNDLE = re.compile(r"PIPE|CONTEXT|_CTX$")
_FURTHEST = 1_500
"""Nodes looked at from one place; graphs people draw have far shorter ways."""
_PATIENCE = 10_000


class Tracer:
    """Answers what an input is and where its value comes from; never raises for a graph that was loaded."""

    def __init__(self, graph: AnyGraph, info: ObjectInfo | None) -> None:
        self.graph = graph
        self.info = info
        # The graph is never changed under a tracer, so what was found out once holds.
        self.patience = _PATIENCE
        """Steps left for searches that could look at the whole graph from each of its nodes."""
        self._branches: dict[str, str | None] = {}
        self._types: dict[Place, str] = {}
        self._links: dict[Place, Link | None] = {}
        self.literals: dict[Place, Place | None] = {}
        """Where plain values are written, as `bot.workflows.graph.literals` has found out."""
        self.live = self._live()
        self._consumers: dict[str, list[tuple[str, str, int]]] = {node_id: [] for node_id in graph}
        for node_id in self.live:
            for name, (source, slot) in self.active_links(node_id):
                self._consumers[source].append((node_id, name, slot))

    # --- what things are

    def schema(self, node_id: str) -> NodeSchema | None:
        return (
            self.info.node(class_of(self.graph, node_id))
            if self.info is not None and node_id in self.graph
            else None
        )

    def input(self, node_id: str, name: str) -> InputSchema | None:
        schema = self.schema(node_id)
        return schema.inputs.get(name) if schema else None

    def inputs(self, node_id: str) -> Mapping[str, Any]:
        return self.graph[node_id]["inputs"]

    def title(self, node_id: str) -> str:
        return node_title(self.graph, node_id)

    def value(self, place: Place) -> object:
        return self.inputs(place[0]).get(place[1])

    def type_of(self, node_id: str, name: str) -> str:
        """Return the type an input takes: as the class says, as its source says, or as such inputs mostly do."""
        place = (node_id, name)
        if place not in self._types:
            self._types[place] = self._type_of(node_id, name)
        return self._types[place]

    def _type_of(self, node_id: str, name: str) -> str:
        known = self.input(node_id, name)
        if known is not None and known.type not in {"*", "COMFY_MATCHTYPE_V3", "COMFY_AUTOGROW_V3"}:
            return known.type
        link = self.link(node_id, name)
        if link is not None and (found := self.output_type(link)) not in {None, "*", "COMFY_MATCHTYPE_V3"}:
            return found or "*"
        return guess_type(name, self.inputs(node_id).get(name))

    def output_type(self, link: Link) -> str | None:
        schema = self.schema(link[0])
        if schema is not None:
            return schema.output_type(link[1])
        return WELL_KNOWN_SLOTS.get((class_of(self.graph, link[0]), link[1]))

    def output_name(self, link: Link) -> str:
        schema = self.schema(link[0])
        if schema is None or not 0 <= link[1] < len(schema.outputs):
            return ""
        return schema.outputs[link[1]][0].lower()

    def makes(self, node_id: str, *types: str) -> bool:
        """Tell whether a node has an output of one of the types; judged by its readers when the class is unknown."""
        schema = self.schema(node_id)
        if schema is not None:
            return any(kind in types for _, kind in schema.outputs)
        return any(self.type_of(reader, name) in types for reader, name, _ in self._consumers[node_id])

    # --- where things come from

    def link(self, node_id: str, name: str) -> Link | None:
        """Return the source of an input, looking through switches at their present position."""
        place, found = (node_id, name), None
        passed: dict[Place, None] = {}
        while place not in self._links and place not in passed:
            passed[place] = None
            found = self._raw_link(*place)
            branch = self.branch(found[0]) if found is not None else None
            if found is None or branch is None or self._raw_link(found[0], branch) is None:
                break
            place = (found[0], branch)
        else:
            found = self._links.get(place)  # known already, or a circle, which leads nowhere
        self._links |= dict.fromkeys(passed, found)
        return found

    def links_of(self, node_id: str, *types: str) -> Iterator[tuple[str, Link]]:
        """Yield the linked inputs of a node that carry one of the types, switches looked through."""
        for name in self.inputs(node_id):
            link = self.link(node_id, name)
            if link is not None and self.type_of(node_id, name) in types:
                yield name, link

    def active_links(self, node_id: str) -> Iterator[tuple[str, Link]]:
        """Yield the links of a node that are in use: of a switch, only the branch it is set to."""
        branch = self.branch(node_id)
        for name in self.inputs(node_id):
            link = self._raw_link(node_id, name)
            unused = branch is not None and name != branch and is_branch(branch, name)
            if link is not None and not unused:
                yield name, link

    def readers(self, node_id: str, slot: int | None = None) -> list[tuple[str, str, int]]:
        """Return the live readers of a node: reader, its input, the slot read."""
        found = self._consumers[node_id]
        return found if slot is None else [each for each in found if each[2] == slot]

    def upstream(self, start: str, *types: str, stop: frozenset[str] = frozenset()) -> list[str]:
        """Return the nodes reached from one against the flow over links of the types; it itself is first.

        Where a node has no link of the types, its bundles may carry them.
        """
        order, seen = [start], {start}
        for node_id in order:
            if node_id != start and node_id in stop:
                continue
            for source in self.sources(node_id, *types):
                if source not in seen and len(order) < _FURTHEST:
                    seen.add(source)
                    order.append(source)
        return order

    def sources(self, node_id: str, *types: str) -> list[str]:
        """Return the nodes one takes things of these types from: by links of the type, else by its bundles."""
        direct = [source for _, (source, _) in self.links_of(node_id, *types)]
        return direct or [source for source, _ in self.bundles(node_id)]

    def bundles(self, node_id: str) -> list[Link]:
        """Return the sources of the links that carry several things at once, as pipes and contexts do."""
        names = [name for name in self.inputs(node_id) if _BUNDLE.search(self.type_of(node_id, name))]
        return [link for name in names if (link := self.link(node_id, name)) is not None]

    def every_branch(self, node_id: str, name: str, *types: str) -> list[str]:
        """Return the nodes an input could come from against the flow, whatever the switches on the way are set to."""
        link = self._raw_link(node_id, name)
        order = [link[0]] if link else []
        seen = set(order)
        for each in order:
            switch = self.branch(each)
            for input_ in self.inputs(each):
                source = self._raw_link(each, input_)
                if source is None or source[0] in seen:
                    continue
                if self.type_of(each, input_) in types or (switch is not None and is_branch(switch, input_)):
                    seen.add(source[0])
                    order.append(source[0])
        return order

    def _raw_link(self, node_id: str, name: str) -> Link | None:
        value = self.graph[node_id]["inputs"].get(name)
        if is_link(value) and str(value[0]) in self.graph:
            return str(value[0]), int(value[1])
        return None

    def branch(self, node_id: str) -> str | None:
        """Return the input a switch passes on, `None` for a node that is no switch."""
        if node_id not in self._branches:
            self._branches[node_id] = switch_branch(self.graph, node_id)
        return self._branches[node_id]

    def _live(self) -> list[str]:
        """Return the nodes that will run, those nearest to an output first."""
        order = [node_id for node_id in self.graph if self.is_output(node_id)]
        if not order:
            order = [node_id for node_id, readers in consumers(self.graph).items() if not readers]
        seen = set(order)
        for node_id in order:
            for _, (source, _) in self.active_links(node_id):
                if source not in seen:
                    seen.add(source)
                    order.append(source)
        return order

    def is_output(self, node_id: str) -> bool:
        schema = self.schema(node_id)
        if schema is not None:
            return schema.is_output
        return is_saver_name(class_of(self.graph, node_id))
