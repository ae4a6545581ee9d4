"""Finding the texts a person writes: from a sampler's conditioning back to where the words stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.workflows.graph.graph import Link, class_of, is_link
from bot.workflows.graph.trace import Place, Tracer

_TEXT_NAMES = frozenset({
    "text", "prompt", "positive", "negative", "positive_prompt", "negative_prompt", "user_prompt", "caption",
    "clip_l", "clip_g", "t5xxl", "text_g", "text_l", "llama", "bert", "mt5xl", "tags", "lyrics",
})  # fmt: skip
_FURTHEST = 1_500
"""Nodes of conditioning looked at for one sampler."""
_FURTHEST_TEXT = 60
"""Nodes looked at for one text."""
_TWINS = ("wildcard_text", "populated_text")
"""Impact's wildcard nodes fill the second from the first before they run, so both must hold what was asked for."""
_NOT_WRITTEN = re.compile(
    r"delimiter|separator|^find$|regex|^key$|json_path|system|template|^option\d|^choice$|instruction|"
    r"filename|path|model|name$|^mode|^type$|description|^input_id$"
)
_TITLE_OF_MACHINERY = re.compile(r"system|trigger|template|prefix|suffix|delimiter|style", re.IGNORECASE)
_CALLED_A_TEXT = re.compile(r"text|string|prompt|value|positive|negative|caption|default", re.IGNORECASE)
_TITLE_OF_PROMPT = re.compile(r"prompt|user|positive|negative|提示", re.IGNORECASE)


@dataclass(slots=True)
class Conditioning:
    """What lies between a sampler and its texts."""

    positive: list[str] = field(default_factory=list[str])
    """Encoders of the positive text, in the order met."""
    negative: list[str] = field(default_factory=list[str])
    passed: list[str] = field(default_factory=list[str])
    """Every node on the way, encoders included."""

    def encoders(self, role: str) -> list[str]:
        return self.positive if role == "positive" else self.negative


def trace_conditioning(tracer: Tracer, node_id: str, found: Conditioning) -> None:
    """Add what feeds the conditioning inputs of a sampler or guider."""
    stack = [
        (link, "negative" if name.startswith("negative") or name == "cond2" else "positive")
        for name, link in tracer.links_of(node_id, "CONDITIONING")
    ]  # the middle conditioning of a two-scale guider, cond2, carries the unwanted words
    for role in sorted({"positive", "negative"} - {role for _, role in stack}):
        stack.extend(_bundled(tracer, node_id, role, found))
    seen: set[tuple[Link, str]] = set()
    while stack and len(seen) < _FURTHEST:
        link, role = stack.pop(0)
        if (link, role) in seen:
            continue
        seen.add((link, role))
        node = link[0]
        if "zeroout" in class_of(tracer.graph, node).lower():
            continue  # an empty negative: no words stand behind it
        found.passed.append(node)
        onward = list(_onward(tracer, link, role))
        if not onward:
            onward = _bundled(tracer, node, role, found)
        stack.extend(onward)
        if not onward and not any(True for _ in tracer.links_of(node, "CONDITIONING")):
            found.encoders(role).append(node)


def _bundled(tracer: Tracer, node_id: str, role: str, found: Conditioning) -> list[tuple[Link, str]]:
    """Return the conditioning of one role that a node's bundles carry; an encoder met on the way is added."""
    order = [link[0] for link in tracer.bundles(node_id)]
    seen = set(order)
    for node in order:  # grows while it is walked
        links = [link for name, link in tracer.links_of(node, "CONDITIONING") if name.startswith(role)]
        if links:
            return [(links[0], role)]
        if any(text.input.startswith(role) for text in encoder_texts(tracer, node)):
            found.passed.append(node)
            found.encoders(role).append(node)
            return []
        for source, _ in tracer.bundles(node):
            if source not in seen and len(order) < _FURTHEST_TEXT:
                seen.add(source)
                order.append(source)
    return []


def _onward(tracer: Tracer, link: Link, role: str) -> Iterator[tuple[Link, str]]:
    """Yield the conditioning inputs that come out at this slot, with their role."""
    sources = dict(tracer.links_of(link[0], "CONDITIONING"))
    if {"positive", "negative"} <= sources.keys():
        out = tracer.output_name(link)
        side = out if out in {"positive", "negative"} else role
        yield sources[side], side if role == "positive" else role
        return
    for name, source in sources.items():
        yield source, "negative" if name.startswith("negative") else role


@dataclass(frozen=True, slots=True)
class EncoderText:
    """A text input of an encoder, and where its words stand."""

    input: str
    place: Place


def encoder_texts(tracer: Tracer, node_id: str) -> list[EncoderText]:
    """Return the texts an encoder takes that a person would write."""
    return [
        EncoderText(name, place)
        for name in tracer.inputs(node_id)
        if is_text_input(tracer, node_id, name) and (place := text_place(tracer, node_id, name)) is not None
    ]


def twins(tracer: Tracer, place: Place) -> list[Place]:
    """Return the places that hold the same words once more: a text with wildcards beside what was made of it."""
    node_id, name = place
    if name not in _TWINS:
        return []
    return [
        (node_id, each) for each in _TWINS if each != name and isinstance(tracer.value((node_id, each)), str)
    ]


def is_text_input(tracer: Tracer, node_id: str, name: str) -> bool:
    """Tell whether an input takes words: a free text of the class, or by its name where nothing is known."""
    base = name.rsplit(".", 1)[-1].lower()
    schema = tracer.input(node_id, name)
    if schema is not None:
        if schema.type != "STRING" or _NOT_WRITTEN.search(base):
            return False
        return schema.multiline or schema.dynamic_prompts or base in _TEXT_NAMES or not schema.widget
    value = tracer.inputs(node_id).get(name)
    return base in _TEXT_NAMES and (is_link(value) or isinstance(value, str))


def text_place(tracer: Tracer, node_id: str, name: str) -> Place | None:
    """Return where the words of a text input are written: here, or at the best end of the nodes that make it."""
    value = tracer.inputs(node_id).get(name)
    if isinstance(value, str):
        return node_id, name
    link = tracer.link(node_id, name)
    if link is None:
        return None
    candidates = list(_written(tracer, link[0]))
    ranked = [(_rank(tracer, place, inline), index) for index, (place, inline) in enumerate(candidates)]
    return candidates[max(ranked)[1]][0] if ranked else None


def _written(tracer: Tracer, start: str) -> Iterator[tuple[Place, bool]]:
    """Yield every written text upstream of a text-making node, and whether it stands inline in an operation."""
    order, seen = [start], {start}
    for node_id in order:
        tracer.patience -= 1
        names = [name for name in tracer.inputs(node_id) if _is_text_part(tracer, node_id, name)]
        inline = len(tracer.inputs(node_id)) > 1 and "value" not in tracer.inputs(node_id)
        for name in names:
            link = tracer.link(node_id, name)
            if link is None:
                if isinstance(tracer.inputs(node_id).get(name), str):
                    yield (node_id, name), inline
            elif link[0] not in seen and len(order) < _FURTHEST_TEXT and tracer.patience > 0:
                seen.add(link[0])
                order.append(link[0])


def _is_text_part(tracer: Tracer, node_id: str, name: str) -> bool:
    base = name.rsplit(".", 1)[-1].lower()
    if _NOT_WRITTEN.search(base):
        return False
    kind = tracer.type_of(node_id, name)
    if kind == "STRING":
        return True
    link = tracer.link(node_id, name)
    return link is not None and kind == "*" and tracer.output_type(link) in {"STRING", "*", None}


def _rank(tracer: Tracer, place: Place, inline: bool) -> int:
    title = tracer.title(place[0])
    rank = 0 if inline else 4
    if _TITLE_OF_MACHINERY.search(title):
        rank -= 2
    if _TITLE_OF_PROMPT.search(title):
        rank += 1
    if tracer.input(*place) is None and not _CALLED_A_TEXT.match(place[1]):
        rank -= 1  # nobody says that it is a text: it may be a setting
    # Of several texts that could be meant, an empty one is the least likely.
    return 2 * rank + bool(str(tracer.value(place)).strip())


def free_texts(tracer: Tracer) -> Iterator[EncoderText]:
    """Yield the texts of nodes that take a prompt without any conditioning: services and language models."""
    for node_id in reversed(tracer.live):
        for text in encoder_texts(tracer, node_id):
            base = text.input.rsplit(".", 1)[-1].lower()
            if "prompt" in base or base in {"text", "tags", "lyrics"}:
                yield text
