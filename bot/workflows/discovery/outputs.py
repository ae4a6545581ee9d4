"""Which nodes of a graph deliver something, and what kind of thing."""

from bot.comfy import OutputKind
from bot.workflows.graph.graph import class_of
from bot.workflows.graph.guess import is_saver_name
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.workflow import OutputNode

_KIND_BY_TYPE = {
    "VIDEO": OutputKind.VIDEO,
    "AUDIO": OutputKind.AUDIO,
    "MESH": OutputKind.THREE_D,
    "VOXEL": OutputKind.THREE_D,
    "SVG": OutputKind.IMAGE,
    "IMAGE": OutputKind.IMAGE,
    "MASK": OutputKind.IMAGE,
}
_FRAME_RATES = ("fps", "frame_rate")
_NOTHING_TO_SHOW = frozenset(
    {"LATENT", "MODEL", "CLIP", "VAE", "LORA_MODEL", "LOSS_MAP", "CLIP_VISION", "CONTROL_NET"}
)


def find_outputs(tracer: Tracer) -> tuple[OutputNode, ...]:
    """Return the nodes that deliver files or texts, in the graph's order; savers of weights and latents left out."""
    live = set(tracer.live)
    found: list[OutputNode] = []
    for node_id in tracer.graph:
        if (
            node_id in live
            and _delivers(tracer, node_id)
            and (kind := output_kind(tracer, node_id)) is not None
        ):
            preview = "preview" in class_of(tracer.graph, node_id).lower()
            found.append(OutputNode(node_id, kind, preview))
    return tuple(found)


def _delivers(tracer: Tracer, node_id: str) -> bool:
    """Tell whether a node is an end; a service that only hands its file to a saver is none."""
    if not tracer.is_output(node_id):
        return False
    return is_saver_name(class_of(tracer.graph, node_id)) or not tracer.readers(node_id)


def output_kind(tracer: Tracer, node_id: str) -> OutputKind | None:
    """Return what an output node delivers, judged by what flows into it and, last, by its name."""
    inputs = tracer.inputs(node_id)
    types = {
        part
        for name in inputs
        if tracer.link(node_id, name) is not None
        for part in tracer.type_of(node_id, name).split(",")
    }
    name = class_of(tracer.graph, node_id).lower()
    if types & _NOTHING_TO_SHOW and not types & _KIND_BY_TYPE.keys():
        return None
    if "3d" in name or "glb" in name or "mesh" in name:
        return OutputKind.THREE_D
    if any(rate in inputs for rate in _FRAME_RATES):
        return OutputKind.VIDEO  # pictures joined into something that moves
    for kind, output in _KIND_BY_TYPE.items():
        if kind in types:
            return output
    return _kind_by_name(name) or (OutputKind.TEXT if types or inputs else None)


def _kind_by_name(name: str) -> OutputKind | None:
    for word, kind in (
        ("video", OutputKind.VIDEO),
        ("audio", OutputKind.AUDIO),
        ("image", OutputKind.IMAGE),
        ("mask", OutputKind.IMAGE),
    ):
        if word in name:
            return kind
    return None
