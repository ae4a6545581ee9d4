"""What the texts of a request come to: choices made, wildcards drawn, LoRAs named in them taken out."""

import re
from collections.abc import Iterator, Mapping

from bot.errors import UserError
from bot.workflows.graph.graph import Graph
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.standard import split_name
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import Workflow
from bot.workflows.prompts.expand import Lookup, expand, varies
from bot.workflows.prompts.loras import is_none, read_lora
from bot.workflows.prompts.wildcards import Wildcards

_TAG = re.compile(r"<lora:(?P<lora>[^<>\n]{1,200})>", re.IGNORECASE)


def needs_wildcards(workflow: Workflow, values: Mapping[str, Value]) -> bool:
    """Tell whether wildcards have to be read before these values can be spoken."""
    return any("__" in text for _, text in _texts(workflow, values))


def spoken(
    workflow: Workflow, values: Mapping[str, Value], seed: object, wildcards: Wildcards
) -> dict[str, Value]:
    """Return the values that differ from those given once their texts are expanded and their LoRAs are taken out.

    The same seed, texts and wildcards always give the same. Raises `UserError` for an unknown wildcard, for what
    becomes too long, and for a LoRA in a text where the workflow takes none.
    """
    changed: dict[str, Value] = {}
    loras: list[str] = []
    for parameter, text in _texts(workflow, values):
        given = parameter.name in values
        lookup: Lookup = wildcards.find if given else wildcards.known
        made = expand(text, seed, lookup) if varies(text) else text
        if given:
            made, named = _without_loras(made)
            loras += named
        if made != text:
            changed[parameter.name] = made
    if loras:
        changed["lora"] = _joined(workflow, values.get("lora"), loras)
    return changed


def draw_rest(workflow: Workflow, graph: Graph, info: ObjectInfo | None, seed: object) -> None:
    """Make the choices in texts that are no parameter but that ComfyUI's page would expand; servers never do it."""
    taken = {place for parameter in workflow.parameters.values() for place in parameter.targets}
    for node in graph if info is not None else ():
        schema = info.node(str(graph[node]["class_type"])) if info is not None else None
        for name, value in graph[node]["inputs"].items():
            known = schema.inputs.get(name) if schema is not None else None
            if (
                known is not None
                and known.dynamic_prompts
                and isinstance(value, str)
                and (node, name) not in taken
            ):
                graph[node]["inputs"][name] = expand(value, seed, lambda _name: None)


def _texts(workflow: Workflow, values: Mapping[str, Value]) -> Iterator[tuple[Parameter, str]]:
    """Yield the texts that go to a model, given or the workflow's own; what is sung is meant as it is written."""
    for parameter in workflow.parameters.values():
        text = values.get(parameter.name, parameter.default)
        written = parameter.type is ParameterType.TEXT and parameter.multiline and parameter.fixed is None
        if written and isinstance(text, str) and split_name(parameter.name)[0] != "lyrics":
            yield parameter, text


def _without_loras(text: str) -> tuple[str, list[str]]:
    named = [each["lora"].strip() for each in _TAG.finditer(text)]
    if not named:
        return text, named
    left = _TAG.sub("", text)
    left = re.sub(r"[ \t]{2,}", " ", re.sub(r"(,[ \t]*)(?:,[ \t]*)+", r"\1", left))
    return left.strip().strip(",").strip(), named


def _joined(workflow: Workflow, given: Value | None, named: list[str]) -> str:
    if not workflow.takes("lora"):
        raise UserError(
            "{workflow} takes no LoRAs: please take {tag} out of the text.",
            workflow=workflow.name,
            tag=f"<lora:{named[0]}>",
        )
    before = [str(given)] if given is not None and not is_none(str(given)) else []
    return ", ".join([*before, *(str(read_lora(each)) for each in named)])
