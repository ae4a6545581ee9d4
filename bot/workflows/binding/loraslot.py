"""The places of a graph that hold a LoRA: loaders of one, stacks of several, lines of a loader of many."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.workflows.discovery.weights import lora_stacks, lora_strengths
from bot.workflows.graph.graph import Graph
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.standard import split_name
from bot.workflows.prompts.loras import Lora, is_none

_OFF = ("Off", "off", False)
_LOADERS = ("LoraLoader", "LoraLoaderModelOnly")


@dataclass(frozen=True, slots=True)
class LoraSlot:
    """One place for a LoRA. `on` is the node that puts it on a model."""

    node: str
    name: str
    on: str
    strengths: tuple[str, ...] = ()
    is_line: bool = False
    """Whether the value is a line `{on, lora, strength}`, as loaders that grow by lines keep them."""
    stays: bool = False
    """Whether the node does more than to hold LoRAs, or can do nothing but stay: it is emptied, not taken out."""

    def file(self, graph: Graph) -> str:
        """Return the file it names, empty where it holds none."""
        inputs = graph[self.node]["inputs"]
        value = inputs.get(self.name)
        if any(inputs[switch] in _OFF for switch in self._switches(graph)):
            return ""
        if self.is_line:
            line = cast(Mapping[str, Any], value)
            value = line.get("lora") if line.get("on") is not False else None
        return value if isinstance(value, str) and not is_none(value) else ""

    def held(self, graph: Graph) -> Lora | None:
        """Return the LoRA in it with its strength."""
        file = self.file(graph)
        if not file:
            return None
        inputs = graph[self.node]["inputs"]
        if self.is_line:
            return Lora(file, _number(inputs[self.name].get("strength")))
        model = [_number(inputs.get(each)) for each in self.strengths if "clip" not in each]
        clip = [_number(inputs.get(each)) for each in self.strengths if "clip" in each]
        strength = next(iter(model), None)
        differs = strength is not None and clip and clip[0] != strength
        return Lora(file, strength, clip[0] if differs else None)

    def fill(self, graph: Graph, pick: Lora, default: float | None) -> None:
        inputs = graph[self.node]["inputs"]
        strength = pick.strength if pick.strength is not None else default
        if self.is_line:
            said = {} if strength is None else {"strength": strength}
            inputs[self.name] = {**inputs[self.name], "on": True, "lora": pick.name, **said}
            return
        inputs[self.name] = pick.name
        for switch in self._switches(graph):
            inputs[switch] = "On" if isinstance(inputs[switch], str) else True
        self._count_in(graph)
        if strength is None:
            return
        for each in self.strengths:
            clip = "clip" in each and pick.clip_strength is not None
            inputs[each] = pick.clip_strength if clip else strength

    def _switches(self, graph: Graph) -> list[str]:
        """Return the inputs of a stack that switch this one of its LoRAs on and off."""
        number = self._number
        values = graph[self.node]["inputs"].items()
        return [
            name
            for name, value in values
            if number and name in {f"switch_{number}", f"enabled_{number}"} and isinstance(value, str | bool)
        ]

    def _count_in(self, graph: Graph) -> None:
        """Where a stack says how many of its LoRAs count, make this one count."""
        inputs = graph[self.node]["inputs"]
        for name in ("lora_count", "num_loras"):
            if isinstance(inputs.get(name), int) and self._number:
                inputs[name] = max(inputs[name], int(self._number))

    @property
    def _number(self) -> str:
        return re.sub(r"\D", "", self.name)[:4]

    def empty(self, graph: Graph, info: ObjectInfo | None) -> None:
        """Make it hold nothing: by the word its class has for that, else by no strength."""
        inputs = graph[self.node]["inputs"]
        if self.is_line:
            inputs[self.name] = {**inputs[self.name], "on": False}
            return
        offered = self.offered(graph, info)
        nothing = next((each for each in offered or () if is_none(each)), "None" if offered is None else None)
        if nothing is not None:
            inputs[self.name] = nothing
        for each in self.strengths:
            inputs[each] = 0.0

    def offered(self, graph: Graph, info: ObjectInfo | None) -> tuple[str, ...] | None:
        """Return the files it may hold on a server, `None` when nobody knows."""
        if info is None:
            return None
        if not self.is_line:
            return info.choices(graph[self.node]["class_type"], self.name)
        return next(
            (found for each in _LOADERS if (found := info.choices(each, "lora_name")) is not None), None
        )

    def next_line(self, graph: Graph, pick: Lora, default: float | None) -> "LoraSlot":
        """Add a line to the same loader and fill it."""
        inputs = graph[self.node]["inputs"]
        base, number = split_name(self.name)
        while f"{base}{number}" in inputs:
            number += 1
        inputs[f"{base}{number}"] = {"on": True, "lora": "", "strength": 1.0}
        added = LoraSlot(self.node, f"{base}{number}", self.on, is_line=True, stays=True)
        added.fill(graph, pick, default)
        return added


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def find_slots(tracer: Tracer, places: Iterable[tuple[str, str]]) -> list[list[LoraSlot]]:
    """Return the slots grouped by the model they sit on, each group in the order the model passes them."""
    live = set(tracer.live)
    slots = [_slot(tracer, node, name) for node, name in places if node in live]
    for node in tracer.live:
        slots += [LoraSlot(node, name, node, is_line=True, stays=True) for name in _lines(tracer, node)]
    paths = {on: tracer.upstream(on, "MODEL") for on in dict.fromkeys(slot.on for slot in slots)}
    chains: dict[str, list[LoraSlot]] = {}
    for slot in sorted(slots, key=lambda each: len(paths[each.on])):
        chains.setdefault(paths[slot.on][-1], []).append(slot)
    return list(chains.values())


def _slot(tracer: Tracer, node: str, name: str) -> LoraSlot:
    loads_itself = any(True for _ in tracer.links_of(node, "MODEL"))
    on = node if loads_itself else _stacked_on(tracer, node)
    stays = not loads_itself and tracer.makes(node, "MODEL")
    return LoraSlot(node, name, on, tuple(lora_strengths(tracer, node, name)), stays=stays)


def _stacked_on(tracer: Tracer, stack: str) -> str:
    """Return the node that puts a stack's LoRAs on a model."""
    order = [stack]
    for node in order:  # grows while it is walked
        if node != stack and any(True for _ in tracer.links_of(node, "MODEL")):
            return node
        order += [reader for reader, _, _ in tracer.readers(node) if reader not in order and stack in
                  lora_stacks(tracer, reader)]  # fmt: skip
    return stack


def _lines(tracer: Tracer, node: str) -> list[str]:
    return [
        name
        for name, value in tracer.inputs(node).items()
        if isinstance(value, dict) and isinstance(cast(dict[str, Any], value).get("lora"), str)
    ]
