"""Putting LoRAs on a graph's models and taking them off again, with the chain linked anew."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from bot.errors import UserError
from bot.workflows.binding.loraslot import LoraSlot, find_slots
from bot.workflows.discovery.find import find_places
from bot.workflows.graph.files import match_file, offered_files
from bot.workflows.graph.graph import Graph, consumers, free_id, link_of
from bot.workflows.graph.relink import remove_node, slot_of
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import Workflow
from bot.workflows.prompts.loras import Lora, parse_loras, resolve_loras


def put_loras(
    workflow: Workflow, graph: Graph, info: ObjectInfo | None, given: Mapping[str, Value]
) -> str | None:
    """Put the LoRAs a request names into its graph; returns what is loaded then, `None` where that is nobody's concern.

    Raises `UserError` for one the server does not have. Without any named, the graph's own stay as far as the
    server has them.
    """
    parameter = workflow.parameters.get("lora")
    if parameter is None:
        return None
    chains = LoraChains(graph, parameter.targets, info)
    picked = parameter.fixed if parameter.fixed is not None else given.get("lora")
    own = {None, *(graph[node]["inputs"].get(name) for node, name in parameter.targets if node in graph)}
    if picked is None and parameter.default not in own:
        picked = parameter.default
    if picked is None:
        chains.drop_missing()
    else:
        strength = given.get("lora_strength")
        picks = resolve_loras(parse_loras(str(picked)), offered_files(parameter, workflow, info))
        chains.put(picks, float(strength) if isinstance(strength, int | float) else None)
    loaded = chains.loaded()
    return ", ".join(str(lora) for lora in loaded) if loaded or picked is not None else None


class LoraChains:
    """The LoRA loaders of one graph, which it changes in place."""

    def __init__(self, graph: Graph, places: Iterable[tuple[str, str]], info: ObjectInfo | None) -> None:
        self._graph = graph
        self._info = info
        self._chains = find_slots(Tracer(graph, info), places)
        self._emptied: set[LoraSlot] = set()

    @property
    def _slots(self) -> list[LoraSlot]:
        return [
            slot
            for chain in self._chains
            for slot in chain
            if slot.node in self._graph and slot not in self._emptied
        ]

    def drop_missing(self) -> None:
        """Take out the LoRAs whose file the server does not have."""
        for slot in self._slots:
            offered = slot.offered(self._graph, self._info)
            file = slot.file(self._graph)
            if offered is None or not file:
                continue
            found = match_file(file, offered)
            if found is None:
                self._clear(slot)
            else:
                slot.fill(self._graph, Lora(found), None)

    def put(self, picks: Sequence[Lora], default_strength: float | None) -> None:
        """Load exactly these: loaders filled in order, more of them chained on, those left over taken out."""
        if not picks:
            for slot in self._slots:
                self._clear(slot)
        elif self._chains:
            for chain in self._chains:
                self._fill(chain, picks, default_strength)
        else:
            self._insert(picks, default_strength)

    def loaded(self) -> tuple[Lora, ...]:
        """Return what the loaders hold, each once."""
        found: dict[str, Lora] = {}
        for slot in self._slots:
            if (held := slot.held(self._graph)) is not None:
                found.setdefault(held.name, held)
        return tuple(found.values())

    def _fill(self, chain: list[LoraSlot], picks: Sequence[Lora], default: float | None) -> None:
        kept = chain[: len(picks)]
        for slot, pick in zip(kept, picks, strict=False):
            slot.fill(self._graph, pick, default)
        for spare in chain[len(picks) :]:
            self._clear(spare)
        chain[len(picks) :] = []
        for pick in picks[len(kept) :]:
            chain.append(self._another(chain, pick, default))

    def _clear(self, slot: LoraSlot) -> None:
        """Empty a slot; a loader that holds nothing any more is taken out where that can be done."""
        if slot.node not in self._graph:
            return
        slot.empty(self._graph, self._info)
        self._emptied.add(slot)
        others = [
            each for each in self._slots if each.node == slot.node and each.held(self._graph) is not None
        ]
        if not others and not slot.stays:
            remove_node(self._graph, slot.node, self._info)

    def _another(self, chain: list[LoraSlot], pick: Lora, default: float | None) -> LoraSlot:
        """Chain one more loader of the same kind behind the last, or in a loader of many use one more line."""
        last = chain[-1]
        if last.is_line:
            return last.next_line(self._graph, pick, default)
        if last.stays or any(each.node == last.node for each in chain[:-1]):
            root = Tracer(self._graph, self._info).upstream(last.on, "MODEL")[-1]
            slot = self._behind(Tracer(self._graph, self._info), root, pick, default)
            if slot is None:
                raise UserError("This workflow has no model that a LoRA can be put on.").about("lora")
            return slot
        return self._append(last, pick, default)

    def _append(self, last: LoraSlot, pick: Lora, default: float | None) -> LoraSlot:
        after = last.node
        new = free_id(self._graph, f"{after}_lora")
        node = deepcopy(self._graph[after])
        for name in list(node["inputs"]):
            slot = slot_of(self._graph, after, name, self._info)
            if slot is not None and link_of(self._graph, after, name):
                node["inputs"][name] = [after, slot]
        for reader, name, slot in consumers(self._graph)[after]:
            self._graph[reader]["inputs"][name] = [new, slot]
        self._graph[new] = node
        added = LoraSlot(new, last.name, new, last.strengths)
        strengths = (pick.strength, default, 1.0)
        strength = next(each for each in strengths if each is not None)
        added.fill(self._graph, Lora(pick.name, strength, pick.clip_strength), None)
        return added

    def _insert(self, picks: Sequence[Lora], default: float | None) -> None:
        """Put a first loader behind every model loader that a sampler uses."""
        tracer = Tracer(self._graph, self._info)
        roots = list(dict.fromkeys(chain[-1] for chain in find_places(tracer)[1]))
        placed = [
            slot for root in roots if (slot := self._behind(tracer, root, picks[0], default)) is not None
        ]
        if not placed:
            raise UserError("This workflow has no model that a LoRA can be put on.").about("lora")
        for first in placed:
            chain = [first]
            self._chains.append(chain)
            for pick in picks[1:]:
                chain.append(self._append(chain[-1], pick, default))

    def _behind(self, tracer: Tracer, root: str, pick: Lora, default: float | None) -> LoraSlot | None:
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
        strengths = ("strength_model", "strength_clip") if both else ("strength_model",)
        added = LoraSlot(new, "lora_name", new, strengths)
        added.fill(self._graph, Lora(pick.name, strength, pick.clip_strength), None)
        return added


def _output_types(tracer: Tracer, node: str) -> Iterable[tuple[int, str]]:
    schema = tracer.schema(node)
    if schema is not None:
        return [(slot, kind) for slot, (_, kind) in enumerate(schema.outputs)]
    read = {slot: tracer.type_of(reader, name) for reader, name, slot in tracer.readers(node)}
    return sorted(read.items())
