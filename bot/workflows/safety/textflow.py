"""Which texts reach which inputs of a graph, in time linear in its size."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.workflows.graph.graph import Link, class_of, consumers, is_link, link_of, links
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.approvals import digest
from bot.workflows.safety.known import is_core

_TEXT = frozenset({"STRING", "COMBO"})
_PRIMITIVES = frozenset({
    "PrimitiveString", "PrimitiveStringMultiline", "PrimitiveInt", "PrimitiveFloat", "PrimitiveBoolean",
})  # fmt: skip
_SWITCH = "ComfySwitchNode"
_ANYTHING = frozenset({"*", "COMFY_MATCHTYPE_V3", "COMFY_AUTOGROW_V3", "COMFY_DYNAMICCOMBO_V3"})


class TextFlow:
    """Follows the texts of one graph; every answer is worked out once."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._origins: dict[Place, Place | None] = {}
        self._carrying: dict[str, bool] = {}
        self._digests: dict[str, str] = {}

    def origin(self, node: str, name: str) -> Place | None:
        """Return where the plain value of a linked input stands; None for what is only made while the graph runs."""
        passed: dict[Place, None] = {}
        place, found = (node, name), None
        while place not in self._origins and place not in passed:
            passed[place] = None
            value = self._tracer.inputs(place[0]).get(place[1])
            if not is_link(value):
                found = place if value is not None else None
                break
            further = self._unchanged(place)
            if further is None:
                break
            place = further
        else:
            found = self._origins.get(place)
        self._origins |= dict.fromkeys(passed, found)
        return found

    def _unchanged(self, place: Place) -> Place | None:
        """Return the input whose value comes in at another as it is; only ComfyUI's own nodes are trusted with that."""
        link = link_of(self._tracer.graph, *place)
        class_type = class_of(self._tracer.graph, link[0]) if link is not None else ""
        if link is None or not is_core(class_type, self._tracer.schema(link[0])):
            return None
        if class_type in _PRIMITIVES:
            return link[0], "value"
        setting = self._tracer.inputs(link[0]).get("switch")
        if class_type == _SWITCH and isinstance(setting, bool):
            return link[0], "on_true" if setting else "on_false"
        return None

    def carries_text(self, link: Link) -> bool:
        """Tell whether a text can come out at a link's source."""
        if not self._may_give_text(link):
            return False
        if self._tracer.output_type(link) in _ANYTHING:
            self._settle(link[0])
            return self._carrying[link[0]]
        return True

    def fed_by(self, places: Iterable[Place]) -> frozenset[str]:
        """Return the nodes that what stands at these places gets to as text, their own included."""
        reached = {node for node, _ in places if node in self._tracer.graph}
        stack, readers = list(reached), consumers(self._tracer.graph)
        while stack:
            node = stack.pop()
            for reader, _, slot in readers[node]:
                if reader not in reached and self._may_give_text((node, slot)):
                    reached.add(reader)
                    stack.append(reader)
        return frozenset(reached)

    def digest_of(self, link: Link, left_out: frozenset[Place]) -> str:
        """Return what a text that is only made on the way is known by: the nodes that make it, and their own texts.

        Numbers and what members fill in are left out, so that it stays the same from run to run.
        """
        for node in self._makers_first(link[0]):
            inputs = self._tracer.inputs(node)
            told = [self._told(node, name, inputs[name], left_out) for name in sorted(inputs)]
            self._digests[node] = digest([class_of(self._tracer.graph, node), told])
        return digest([self._digests[link[0]], link[1]])

    def _told(self, node: str, name: str, value: Any, left_out: frozenset[Place]) -> object:
        if is_link(value):
            return [name, self._digests.get(str(value[0]), ""), value[1]]
        constant = not isinstance(value, int | float) and (node, name) not in left_out
        return [name, digest(value) if constant else ""]

    def _makers_first(self, start: str) -> Iterator[str]:
        """Yield the nodes whose texts make up that of one, and it itself, those that feed others before these."""
        stack, entered = [(start, False)], set[str]()
        while stack:
            node, leaving = stack.pop()
            if leaving:
                yield node
            elif node not in entered and node not in self._digests:
                entered.add(node)
                stack.append((node, True))
                stack.extend(
                    (source, False)
                    for _, (source, slot) in links(self._tracer.graph, node)
                    if source not in entered and self._may_give_text((source, slot))
                )

    def _settle(self, start: str) -> None:
        """Work out whether a node that passes on anything may pass on a text; a circle may."""
        stack, entered = [(start, False)], set[str]()
        while stack:
            node, leaving = stack.pop()
            if node in self._carrying:
                continue
            if leaving:
                self._carrying[node] = self._takes_text(node)
            elif node not in entered:
                entered.add(node)
                stack.append((node, True))
                stack.extend((source, False) for source in self._wildcards(node) if source not in entered)

    def _wildcards(self, node: str) -> Iterator[str]:
        for _, link in links(self._tracer.graph, node):
            if self._tracer.output_type(link) in _ANYTHING:
                yield link[0]

    def _takes_text(self, node: str) -> bool:
        for name, value in self._tracer.inputs(node).items():
            known = self._tracer.input(node, name)
            if isinstance(value, str) and (known is None or known.choices is None):
                return True
        for _, link in links(self._tracer.graph, node):
            passes_on = self._tracer.output_type(link) in _ANYTHING
            if self._carrying.get(link[0], True) if passes_on else self._may_give_text(link):
                return True
        return False

    def _may_give_text(self, link: Link) -> bool:
        kind = self._tracer.output_type(link)
        return kind is None or kind in _ANYTHING or not _TEXT.isdisjoint(kind.split(","))
