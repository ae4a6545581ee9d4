"""Putting LoRAs on a graph's models and taking them off again, with the chain linked anew."""

import math
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from bot.errors import UserError
from bot.workflows.files import match_file, near_misses
from bot.workflows.find import find_places
from bot.workflows.graph import Graph, Link, consumers, link_of
from bot.workflows.schema import ObjectInfo
from bot.workflows.trace import Tracer

MAXIMUM_LORAS = 10
_STRONGEST = 10.0
_SHOWN = 5
_NONE = frozenset({"", "none", "off", "-"})


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA somebody picked; no strength means the workflow's own."""

    name: str
    strength: float | None = None


def parse_loras(text: str) -> tuple[Lora, ...]:
    """Read `name:0.8, other:0.5`; `none` and nothing mean no LoRA. Raises `UserError`."""
    found: list[Lora] = []
    for part in text.split(","):
        name, colon, number = part.strip().rpartition(":")
        strength = _strength(number) if colon else None
        lora = Lora(name.strip(), strength) if strength is not None else Lora(part.strip())
        if lora.name.casefold() not in _NONE:
            found.append(lora)
    if len(found) > MAXIMUM_LORAS:
        raise UserError("lora takes at most {limit} LoRAs at once.", limit=MAXIMUM_LORAS)
    return tuple(found)


def _strength(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or abs(value) > _STRONGEST:
        raise _bad_strength()
    return value


def _bad_strength() -> UserError:
    return UserError(
        "The strength of a LoRA is a number from {minimum} to {maximum}, such as name:0.8.",
        minimum=-10,
        maximum=10,
    )


def resolve_loras(picks: Iterable[Lora], offered: Sequence[str] | None) -> tuple[Lora, ...]:
    """Return the picks with the server's own file names; raises `UserError` naming near misses."""
    found: list[Lora] = []
    for pick in picks:
        file = pick.name if offered is None else match_file(pick.name, offered)
        if file is None and match_file(pick.name.rpartition(":")[0], offered or ()) is not None:
            raise _bad_strength()
        if file is None:
            raise unknown_lora(pick.name, offered or ())
        found.append(Lora(file, pick.strength))
    return tuple(found)


def unknown_lora(name: str, offered: Sequence[str]) -> UserError:
    if not offered:
        return UserError("The server has no LoRAs, so {value} cannot be used.", value=name)
    if len(offered) <= _SHOWN:
        return UserError(
            "The server has no LoRA called {value}. It has: {there}.", value=name, there=", ".join(offered)
        )
    near = near_misses(name, offered)
    if near:
        return UserError(
            "The server has no LoRA called {value}. Near it: {near}. It has {count} in all.",
            value=name,
            near=", ".join(near),
            count=len(offered),
        )
    return UserError(
        "The server has no LoRA called {value}. It has {count} others, such as: {some}.",
        value=name,
        count=len(offered),
        some=", ".join(offered[:_SHOWN]),
    )


class LoraSlots:
    """The LoRA loaders of one graph, which it changes in place."""

    def __init__(self, graph: Graph, slots: Iterable[tuple[str, str]], info: ObjectInfo | None) -> None:
        self._graph = graph
        self._info = info
        tracer = Tracer(graph, info)
        live = set(tracer.live)
        self._inputs = {node: name for node, name in slots if node in live}
        self._chains = _chains(tracer, self._inputs)

    def drop_missing(self) -> None:
        """Take out the loaders whose file the server does not have."""
        for node, name in self._inputs.items():
            offered = (
                self._info.choices(self._graph[node]["class_type"], name) if self._info is not None else None
            )
            if offered is None:
                continue
            file = match_file(str(self._graph[node]["inputs"].get(name)), offered)
            if file is None:
                self._remove(node)
            else:
                self._graph[node]["inputs"][name] = file
        self._inputs = {node: name for node, name in self._inputs.items() if node in self._graph}

    def put(self, picks: Sequence[Lora], default_strength: float | None) -> None:
        """Load exactly these: loaders filled in order, more of them chained on, those left over taken out."""
        if not picks:
            for node in self._inputs:
                self._remove(node)
            self._inputs = {}
        elif self._chains:
            for chain in self._chains:
                self._fill(chain, picks, default_strength)
        else:
            self._insert(picks, default_strength)

    def loaded(self) -> tuple[Lora, ...]:
        """Return what the loaders hold, each once."""
        found: dict[str, Lora] = {}
        for node, name in self._inputs.items():
            inputs = self._graph[node]["inputs"]
            strength = next((inputs[each] for each in inputs if each.startswith("strength")), None)
            file = str(inputs[name])
            found.setdefault(file, Lora(file, float(strength) if isinstance(strength, int | float) else None))
        return tuple(found.values())

    def _fill(self, chain: list[str], picks: Sequence[Lora], default: float | None) -> None:
        for spare in chain[len(picks) :]:
            self._remove(spare)
            del self._inputs[spare]
        kept = chain[: len(picks)]
        for node, pick in zip(kept, picks, strict=False):
            self._set(node, pick, default)
        last = kept[-1]
        for pick in picks[len(kept) :]:
            last = self._append(last, pick, default)

    def _set(self, node: str, pick: Lora, default: float | None) -> None:
        inputs = self._graph[node]["inputs"]
        inputs[self._inputs[node]] = pick.name
        strength = pick.strength if pick.strength is not None else default
        for each in [name for name in inputs if name.startswith("strength")]:
            if strength is not None:
                inputs[each] = strength

    def _append(self, after: str, pick: Lora, default: float | None) -> str:
        """Chain one more loader of the same kind behind one."""
        new = free_id(self._graph, f"{after}_lora")
        node = deepcopy(self._graph[after])
        for name in list(node["inputs"]):
            if (slot := self._slot_of(after, name)) is not None and link_of(self._graph, after, name):
                node["inputs"][name] = [after, slot]
        for reader, name, slot in consumers(self._graph)[after]:
            self._graph[reader]["inputs"][name] = [new, slot]
        self._graph[new] = node
        self._inputs[new] = self._inputs[after]
        strengths = (pick.strength, default, 1.0)
        self._set(new, Lora(pick.name, next(each for each in strengths if each is not None)), None)
        return new

    def _remove(self, node: str) -> None:
        """Take a loader out; who read from it reads what went into it."""
        by_slot: dict[int, Link] = {}
        for name in self._graph[node]["inputs"]:
            slot, link = self._slot_of(node, name), link_of(self._graph, node, name)
            if slot is not None and link is not None:
                by_slot[slot] = link
        for reader, name, slot in consumers(self._graph)[node]:
            if slot in by_slot:
                self._graph[reader]["inputs"][name] = list(by_slot[slot])
        if not consumers(self._graph)[node]:
            del self._graph[node]

    def _slot_of(self, node: str, name: str) -> int | None:
        """Return the output slot at which a loader gives back what one of its inputs takes."""
        schema = self._info.node(self._graph[node]["class_type"]) if self._info is not None else None
        if schema is None:
            return {"model": 0, "clip": 1}.get(name)
        known = schema.inputs.get(name)
        types = [kind for _, kind in schema.outputs]
        return types.index(known.type) if known is not None and known.type in types else None

    def _insert(self, picks: Sequence[Lora], default: float | None) -> None:
        """Put a first loader behind every model loader that a sampler uses."""
        tracer = Tracer(self._graph, self._info)
        roots = list(dict.fromkeys(chain[-1] for chain in find_places(tracer)[1]))
        placed = [
            node for root in roots if (node := self._behind(tracer, root, picks[0], default)) is not None
        ]
        if not placed:
            raise UserError("This workflow has no model that a LoRA can be put on.")
        for first in placed:
            last = first
            for pick in picks[1:]:
                last = self._append(last, pick, default)

    def _behind(self, tracer: Tracer, root: str, pick: Lora, default: float | None) -> str | None:
        slots = {kind: slot for slot, kind in _output_types(tracer, root)}
        if "MODEL" not in slots:
            return None
        both = "CLIP" in slots and (self._info is None or "LoraLoader" in self._info)
        class_type = "LoraLoader" if both else "LoraLoaderModelOnly"
        if self._info is not None and class_type not in self._info:
            return None
        new = free_id(self._graph, f"{root}_lora")
        strength = next((each for each in (pick.strength, default) if each is not None), 1.0)
        inputs: dict[str, Any] = {
            "model": [root, slots["MODEL"]],
            "lora_name": pick.name,
            "strength_model": strength,
        }
        if both:
            inputs |= {"clip": [root, slots["CLIP"]], "strength_clip": strength}
        given = {slots["MODEL"]: 0} | ({slots["CLIP"]: 1} if both else {})
        for reader, name, slot in consumers(self._graph)[root]:
            if slot in given:
                self._graph[reader]["inputs"][name] = [new, given[slot]]
        self._graph[new] = {"class_type": class_type, "inputs": inputs, "_meta": {"title": "LoRA"}}
        self._inputs[new] = "lora_name"
        return new


def free_id(graph: Graph, wanted: str) -> str:
    """Return a node id that is not taken, like the one wanted."""
    number, candidate = 2, wanted
    while candidate in graph:
        candidate, number = f"{wanted}{number}", number + 1
    return candidate


def _chains(tracer: Tracer, slots: Iterable[str]) -> list[list[str]]:
    """Group loaders by the model they sit on, each group in the order the model passes them."""
    chains: dict[str, list[str]] = {}
    paths = {node: tracer.upstream(node, "MODEL") for node in slots}
    for node in sorted(paths, key=lambda each: len(paths[each])):
        chains.setdefault(paths[node][-1], []).append(node)
    return list(chains.values())


def _output_types(tracer: Tracer, node: str) -> Iterable[tuple[int, str]]:
    schema = tracer.schema(node)
    if schema is not None:
        return [(slot, kind) for slot, (_, kind) in enumerate(schema.outputs)]
    read = {slot: tracer.type_of(reader, name) for reader, name, slot in tracer.readers(node)}
    return sorted(read.items())
