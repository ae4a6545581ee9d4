"""Values nobody sets that must follow ones somebody did: a second size, the step at which one sampler hands over."""

from collections.abc import Collection

from bot.workflows.graph.graph import Graph
from bot.workflows.graph.literals import literal
from bot.workflows.graph.trace import Place, Tracer

_HANDOVERS = ("start_at_step", "end_at_step")


def follow_steps(graph: Graph, tracer: Tracer, targets: Collection[Place], old: int, new: int) -> None:
    """Move the steps at which samplers take over from each other, in proportion."""
    if old <= 0 or old == new:
        return
    places = {
        place
        for node_id in graph
        if literal(tracer, node_id, "steps") in targets
        for name in _HANDOVERS
        if (place := literal(tracer, node_id, name)) is not None
    }
    for node_id, name in places:
        value = graph[node_id]["inputs"][name]
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < old:
            graph[node_id]["inputs"][name] = max(1, min(round(value * new / old), new))


def follow_size(
    graph: Graph, tracer: Tracer, old: tuple[int, int], new: tuple[int, int], taken: Collection[Place]
) -> None:
    """Scale the sizes that a latent is later brought to, so that its shape stays what was asked for."""
    if old == new or min(old) <= 0:
        return
    for node_id in tracer.live:
        if not any(True for _ in tracer.links_of(node_id, "LATENT")):
            continue
        for name, before, after in (("width", old[0], new[0]), ("height", old[1], new[1])):
            value = graph[node_id]["inputs"].get(name)
            if (
                isinstance(value, int)
                and not isinstance(value, bool)
                and value > 0
                and (node_id, name) not in taken
            ):
                graph[node_id]["inputs"][name] = max(8, round(value * after / before / 8) * 8)
