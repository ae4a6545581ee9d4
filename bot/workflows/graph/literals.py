"""Where the plain value of an input is written: in the node itself, or in a primitive at the end of its links."""

from bot.workflows.graph.graph import Link, is_link
from bot.workflows.graph.trace import Place, Tracer

_PRIMITIVE_INPUTS = frozenset(
    ["value", "source", "any", "input", "number", "int", "float", "string", "text", "boolean"]
)


def literal(tracer: Tracer, node_id: str, name: str) -> Place | None:
    """Return where a plain value of an input is written; None where there is none, or none can be told."""
    place, found, known = (node_id, name), None, tracer.literals
    passed: dict[Place, None] = {}
    while place not in known and place not in passed:
        passed[place] = None
        value = tracer.inputs(place[0]).get(place[1])
        if not is_link(value):
            found = place if isinstance(value, str | int | float) else None
            break
        link = tracer.link(*place)
        onward = _pass_through(tracer, link) if link is not None else None
        if onward is None:
            break
        place = onward
    else:
        found = known.get(place)  # found out before, or a circle, which holds no value
    known |= dict.fromkeys(passed, found)
    return found


def _pass_through(tracer: Tracer, link: Link) -> Place | None:
    """Return the input whose value comes out at a link's source unchanged, if one can be told."""
    source = link[0]
    inputs = tracer.inputs(source)
    if (branch := tracer.branch(source)) is not None:
        return source, branch
    wanted = tracer.output_name(link)
    if wanted and wanted in inputs:
        return source, wanted
    if len(inputs) == 1 and _same_type(tracer, link, only := next(iter(inputs))):
        return source, only
    if {"name", "input_id"} & inputs.keys():  # a parameter node of another tool
        return next(((source, name) for name in ("default", "default_value") if name in inputs), None)
    if "value" in inputs and not any(is_link(value) for key, value in inputs.items() if key != "value"):
        return source, "value"
    return None


def _same_type(tracer: Tracer, link: Link, name: str) -> bool:
    """Tell whether a node gives out what its one input takes; by the input's name where the class is unknown."""
    known, given = tracer.input(link[0], name), tracer.output_type(link)
    if known is None or given is None:
        return name in _PRIMITIVE_INPUTS
    return known.type == given or "*" in {known.type, given}
