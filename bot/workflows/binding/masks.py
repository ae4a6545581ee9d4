"""How a graph without a place for a mask gets one."""

from collections.abc import Iterable, Mapping

from bot.workflows.graph.graph import Graph, class_of, free_id
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.values import Value

_LOADER = "LoadImageMask"


def put_masks(graph: Graph, given: Iterable[Parameter], values: Mapping[str, Value], tracer: Tracer) -> None:
    """Where a graph takes its mask from a picture's transparency, load the given mask as brightness instead.

    ComfyUI's `LoadImage` gives `1 - alpha` as its mask, which is nothing for a black and white picture;
    `LoadImageMask` with the red channel gives what is white.
    """
    for parameter in given:
        if parameter.type is not ParameterType.MASK:
            continue
        for node, _ in parameter.targets:
            inputs = graph[node]["inputs"]
            if inputs.get("channel") == "alpha":
                inputs["channel"] = "red"  # the given mask has no transparency
            slots = {
                slot for _, _, slot in tracer.readers(node) if tracer.output_type((node, slot)) == "MASK"
            }
            if class_of(tracer.graph, node) == _LOADER or not slots:
                continue
            if tracer.info is not None and _LOADER not in tracer.info:
                continue
            _load_apart(graph, node, str(values[parameter.name]), slots, tracer)


def _load_apart(graph: Graph, node: str, file: str, slots: set[int], tracer: Tracer) -> None:
    new = free_id(graph, f"{node}_mask")
    graph[new] = {
        "class_type": _LOADER,
        "inputs": {"image": file, "channel": "red"},
        "_meta": {"title": "Mask"},
    }
    for reader, input_, slot in tracer.readers(node):
        if slot in slots and reader in graph:
            graph[reader]["inputs"][input_] = [new, 0]
