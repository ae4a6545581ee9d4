"""What the values of a graph may do, and into which inputs members may type; what nobody knows is asked about."""

from collections.abc import Iterator
from typing import cast

from bot.workflows.convert.prefixes import PREFIX
from bot.workflows.graph.graph import Link, class_of, consumers, is_link, link_of, upstream
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.approvals import Question, Trust, Use, beginning, digest
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.safety.harmless import (
    is_file_in_folder,
    is_lora_line,
    is_plain_name,
    only_calculates,
    only_fills_in,
)
from bot.workflows.safety.known import (
    COMFYUI,
    evaluates,
    is_reviewed,
    is_reviewed_name,
    names_files,
    only_shows,
    pack_of,
)
from bot.workflows.safety.textflow import TextFlow
from bot.workflows.safety.uses import asks_for_key, is_prompt_name, use_of

_NUMBERS = frozenset({"INT", "FLOAT", "BOOLEAN"})
"""Inputs of these types are made numbers by ComfyUI before a class sees them."""
_DATA = frozenset({
    "IMAGE", "MASK", "LATENT", "MODEL", "CLIP", "VAE", "CONDITIONING", "CONTROL_NET", "CLIP_VISION", "AUDIO", "VIDEO",
    "CLIP_VISION_OUTPUT", "STYLE_MODEL", "UPSCALE_MODEL", "NOISE", "SAMPLER", "SIGMAS", "GUIDER", "MESH", "HOOKS",
})  # fmt: skip
"""What is no text whatever comes in; other types are a pack's own, and may be anything."""


class Judge:
    """Judges one graph on one server. `words` are the inputs that discovery found to take a person's prompt.

    Fails closed: what a class of ComfyUI's own does is known; of any other class only choices its server lists,
    numbers, its own defaults, prompts and inputs that somebody has looked at are harmless.
    """

    def __init__(self, tracer: Tracer, words: frozenset[Place], trust: Trust) -> None:
        self._tracer = tracer
        self._words = words
        self._trust = trust
        self._server = tracer.info.server if tracer.info is not None else ""
        self._flow = TextFlow(tracer)
        self._packs: dict[str, str] = {}
        self._readers: dict[str, list[tuple[str, str, int]]] | None = None

    # --- values

    def questions(self, *, filled: frozenset[Place] = frozenset()) -> Iterator[Question]:
        """Yield what has to be asked before the graph may run, each thing once, in no more time than reading it takes.

        `filled` are the places that members type texts into.
        """
        told: set[Question] = set()
        for question in self._asked(filled):
            if question not in told and not self._trust.permits(question, self._server):
                told.add(question)
                yield question

    def _asked(self, filled: frozenset[Place]) -> Iterator[Question]:
        """Yield every question there is, answered or not."""
        fed = self._flow.fed_by(filled)
        for node in self._running():
            schema = self._tracer.schema(node)
            if (question := self._of_class(node)) is not None:
                yield question
            names = dict.fromkeys(
                [*self._tracer.inputs(node), *(schema.inputs if schema is not None else ())]
            )
            for name in names:
                if (question := self._of_input(node, name, fed, filled)) is not None:
                    yield question

    def _running(self) -> list[str]:
        """Return the nodes that ComfyUI may run: whatever feeds an output, by links of whatever name."""
        tracer = self._tracer
        if tracer.info is None:
            return list(tracer.graph)
        ends = [node for node in tracer.graph if tracer.schema(node) is None or tracer.is_output(node)]
        return upstream(tracer.graph, ends)

    def _of_class(self, node: str) -> Question | None:
        schema = self._tracer.schema(node)
        return self._ask(node, "", "", Use.MONEY) if schema is not None and schema.paid else None

    def _of_input(
        self, node: str, name: str, fed: frozenset[str], filled: frozenset[Place]
    ) -> Question | None:
        """Return the question about what one input gets, `None` where that is harmless."""
        value = self._tracer.inputs(node).get(name)
        if self._is_key(node, name):
            return self._ask(node, name, value if not is_link(value) else "", Use.KEY)
        if value is None or self._takes_any_text(node, name):
            return None
        if not is_link(value):
            return self._of_value(node, name, value, typed=(node, name) in filled)
        origin = self._flow.origin(node, name)
        if origin is not None:
            return self._of_value(node, name, self._tracer.value(origin), typed=origin in filled)
        link = link_of(self._tracer.graph, node, name)
        if link is None or not self._takes_made_text(node, name, link):
            return None
        made = self._flow.digest_of(link, filled)
        shown = f"→ {self._tracer.title(link[0])}"
        return self._ask(node, name, made, self._use(node, name), shown=shown, typed=link[0] in fed)

    def _of_value(self, node: str, name: str, value: object, *, typed: bool) -> Question | None:
        if value is None or isinstance(value, bool | int | float):
            return None
        if not typed and self._is_harmless(node, name, value):
            return None
        if typed and self._is_listed(node, name, value):
            return None
        return self._ask(node, name, value, self._use(node, name), typed=typed)

    def _is_harmless(self, node: str, name: str, value: object) -> bool:
        class_type = class_of(self._tracer.graph, node)
        known = self._tracer.input(node, name)
        if known is not None and (value == known.default or self._type(node, name) in _NUMBERS):
            return True
        if isinstance(value, str) and not value.strip():
            return True
        if self._pack(node) == COMFYUI:
            return _is_harmless_in_core(class_type, name, value)
        if isinstance(value, str):
            pack = self._pack(node) if self._is_known(node) else None
            names_files = name == PREFIX or is_reviewed_name(pack, class_type, name)
            return self._is_listed(node, name, value) or (names_files and is_plain_name(value))
        return is_lora_line(value) or self._is_listed(node, name, value)

    def _is_listed(self, node: str, name: str, value: object) -> bool:
        """Tell whether a value is one of those the server lists, or a file of the folder it lists."""
        known = self._tracer.input(node, name)
        if known is None or (known.choices is None and known.upload is None):
            return isinstance(value, str) and self._is_listed_onward(node, value)
        inner = cast(dict[str, object], value).get("__value__") if isinstance(value, dict) else value
        several = cast(list[object], inner) if isinstance(inner, list) else [inner]
        return all(
            isinstance(each, str | int | float)
            and (str(each) in (known.choices or ()) or is_file_in_folder(str(each)))
            for each in several
        )

    def _is_listed_onward(self, node: str, value: str) -> bool:
        """Tell whether a text is one of the choices of an input that the node feeds, as where a node names a setting."""
        if self._readers is None:
            self._readers = consumers(self._tracer.graph)
        fed = {
            (class_of(self._tracer.graph, reader), name): reader for reader, name, _ in self._readers[node]
        }
        found = (self._tracer.input(reader, name) for (_, name), reader in fed.items())
        return any(each is not None and value in (each.choices or ()) for each in found)

    # --- inputs

    def may_fill(self, place: Place, parameter: Parameter) -> bool:
        """Tell whether an input is a safe parameter: whether members may fill it, typing whatever they like.

        Numbers, choices of the server's list and uploaded files always are; texts where any text is harmless, or
        where an operator lets members type.
        """
        node, name = place
        known = self._tracer.input(node, name)
        if parameter.type.is_numeric or parameter.type is ParameterType.BOOLEAN:
            return True
        if parameter.closed and all(self._is_choice(place, each.value) for each in parameter.choices):
            return True
        is_text = parameter.type is ParameterType.TEXT or parameter.closed
        if not is_text and (known is None or known.choices is not None or known.upload is not None):
            return True
        if self._takes_any_text(node, name) or self._type(node, name) in _NUMBERS:
            return True
        return self._trust.may_type(self.typing(place), self._server)

    def _is_choice(self, place: Place, value: object) -> bool:
        return not isinstance(value, str) or self._is_listed(*place, value)

    def typing(self, place: Place) -> Question:
        """Return the question whether members may type into an input."""
        node, name = place
        return self._ask(node, name, self._tracer.value(place), self._use(node, name), typed=True)

    def _takes_any_text(self, node: str, name: str) -> bool:
        class_type, pack = class_of(self._tracer.graph, node), self._pack(node)
        if pack == COMFYUI:
            return not (evaluates(class_type, name) or names_files(class_type, name))
        if (node, name) in self._words and is_prompt_name(self._tracer, node, name):
            known = self._tracer.input(node, name)
            return known is None or known.type == "STRING"
        return is_reviewed(pack if self._is_known(node) else None, class_type, name)

    def _takes_made_text(self, node: str, name: str, link: Link) -> bool:
        """Tell whether a text that is only made while the graph runs may come in, and means something there."""
        if not self._is_known(node):
            # A class the server lacks is refused anyway; before any server was heard, only names can be gone by.
            return self._tracer.info is None and self._tracer.type_of(node, name) in {"STRING", "*"}
        if self._type(node, name) in _NUMBERS | _DATA:
            return False
        if self._pack(node) == COMFYUI and only_shows(class_of(self._tracer.graph, node), name):
            return False
        return self._flow.carries_text(link)

    def _type(self, node: str, name: str) -> str:
        """Return the type of an input; of those that come with a choice none, as another choice may give another one."""
        known = self._tracer.input(node, name)
        return known.type if known is not None and "." not in name else ""

    def _is_key(self, node: str, name: str) -> bool:
        if self._pack(node) == COMFYUI or not asks_for_key(name):
            return False
        known = self._tracer.input(node, name)
        return known is None or known.type in {"STRING", "*"}

    def _use(self, node: str, name: str) -> Use:
        class_type = class_of(self._tracer.graph, node)
        if self._pack(node) == COMFYUI:
            return Use.CODE if evaluates(class_type, name) else Use.PATH
        return use_of(self._tracer, node, name)

    def _is_known(self, node: str) -> bool:
        return self._tracer.schema(node) is not None or self._pack(node) == COMFYUI

    def _pack(self, node: str) -> str:
        if node not in self._packs:
            self._packs[node] = pack_of(class_of(self._tracer.graph, node), self._tracer.schema(node))
        return self._packs[node]

    def _ask(
        self, node: str, name: str, value: object, use: Use, *, shown: str | None = None, typed: bool = False
    ) -> Question:
        return Question(
            pack=self._pack(node),
            class_type=class_of(self._tracer.graph, node),
            input=name,
            value=digest(value),
            shown=beginning(value) if shown is None else shown,
            use=use,
            typed=typed,
            known=self._is_known(node),
            node=node,
        )


def _is_harmless_in_core(class_type: str, name: str, value: object) -> bool:
    """Judge a value in an input of ComfyUI's own that evaluates it or takes it for the name of a file."""
    if not isinstance(value, str):
        return False
    match class_type, name:
        case "ComfyMathExpression", _:
            return only_calculates(value)
        case "StringFormat", _:
            return only_fills_in(value)
        case _:
            return not evaluates(class_type, name) and is_plain_name(value)
