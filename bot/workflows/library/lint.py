"""Everything that can be wrong with a workflow on a given server, found before anybody runs it."""

from collections.abc import Collection, Iterator

from bot.workflows.graph.files import match_file, near_misses, offered_files, suitable_file
from bot.workflows.graph.graph import class_of, is_link, node_title
from bot.workflows.graph.schema import NodeSchema, ObjectInfo, looks_like_model_file
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.parameter import AUTO, Parameter, ParameterType
from bot.workflows.model.problem import WorkflowProblem, caution, fault, lack, remark
from bot.workflows.model.workflow import Workflow, WorkflowKind
from bot.workflows.safety.safety import dangers, settled

_ANY = frozenset({"*", "COMFY_MATCHTYPE_V3", "COMFY_AUTOGROW_V3", "COMFY_DYNAMICCOMBO_V3"})
_MAXIMUM_PROBLEMS = 100


def lint(workflow: Workflow, info: ObjectInfo | None) -> tuple[WorkflowProblem, ...]:
    """Return the problems of a workflow's graph and parameters, errors first; without a server's word, fewer."""
    if not workflow.graph:
        return ()
    tracer = Tracer(workflow.graph, info)
    found = [
        *_outputs(workflow),
        *_links(tracer),
        *_cycle(tracer),
        *_seed(workflow, tracer),
        *dangers(workflow, settled(workflow), info),
    ]
    if info is not None:
        asking = {
            each.question.node for each in found if each.question is not None and not each.question.input
        }
        found += [*_classes(tracer, info), *_inputs(tracer, asking), *_files(workflow, tracer, info)]
    order = {"error": 0, "warning": 1, "note": 2}
    unique = {(each.severity, each.text): each for each in found}
    return tuple(sorted(unique.values(), key=lambda each: order[each.severity]))[:_MAXIMUM_PROBLEMS]


def _outputs(workflow: Workflow) -> Iterator[WorkflowProblem]:
    if not workflow.outputs:
        yield fault(
            "No node saves or shows anything: add one such as Save Image in ComfyUI and export again."
        )


def _links(tracer: Tracer) -> Iterator[WorkflowProblem]:
    for node in tracer.live:
        for name, value in tracer.inputs(node).items():
            if not is_link(value):
                continue
            source, slot = str(value[0]), int(value[1])
            if source not in tracer.graph:
                yield fault(
                    "{node}: the input {input} is linked to a node that is not in the file: export it again.",
                    at=node, node=tracer.title(node), input=name,
                )  # fmt: skip
            elif (schema := tracer.schema(source)) is not None and not 0 <= slot < len(schema.outputs):
                yield fault(
                    "{node}: the input {input} reads an output that {source} does not have: export it again.",
                    at=node, node=tracer.title(node), input=name, source=tracer.title(source),
                )  # fmt: skip
            elif _clash(tracer, node, name, (source, slot)):
                yield caution(
                    "{node}: the input {input} takes another type than {source} gives.",
                    at=node, node=tracer.title(node), input=name, source=tracer.title(source),
                )  # fmt: skip


def _clash(tracer: Tracer, node: str, name: str, link: tuple[str, int]) -> bool:
    known, given = tracer.input(node, name), tracer.output_type(link)
    if known is None or given is None or tracer.schema(link[0]) is None:
        return False
    takes, gives = set(known.type.split(",")), set(given.split(","))
    if takes & _ANY or gives & _ANY or "COMBO" in takes | gives:
        return False
    return not takes & gives and not (takes | gives) <= {"INT", "FLOAT", "STRING", "BOOLEAN"}


def _cycle(tracer: Tracer) -> Iterator[WorkflowProblem]:
    done: set[str] = set()
    for start in tracer.live:
        if start in done:
            continue
        path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                path.discard(node)
                done.add(node)
            elif node in path:
                yield fault(
                    "{node} feeds itself in a circle: ComfyUI cannot run that.",
                    at=node,
                    node=tracer.title(node),
                )
                return
            elif node not in done:
                path.add(node)
                stack.append((node, True))
                stack.extend((source, False) for source in _sources(tracer, node) if source not in done)


def _sources(tracer: Tracer, node: str) -> Iterator[str]:
    for value in tracer.inputs(node).values():
        if is_link(value) and str(value[0]) in tracer.graph:
            yield str(value[0])


def _seed(workflow: Workflow, tracer: Tracer) -> Iterator[WorkflowProblem]:
    if not workflow.graph or any(name.startswith("seed") for name in workflow.parameters):
        return
    if "steps" in workflow.parameters:
        yield caution("No seed was found, so every run of the same prompt gives the same result.")


def _classes(tracer: Tracer, info: ObjectInfo) -> Iterator[WorkflowProblem]:
    missing: dict[str, list[str]] = {}
    for node in tracer.live:
        if class_of(tracer.graph, node) not in info:
            missing.setdefault(class_of(tracer.graph, node), []).append(node)
    for class_type, nodes in missing.items():
        yield lack(
            "The server does not know the node class {name} ({nodes}): install the custom nodes it belongs to"
            " or update ComfyUI.",
            at=nodes[0],
            name=class_type,
            nodes=", ".join(dict.fromkeys(node_title(tracer.graph, node) for node in nodes[:5])),
        )


def _inputs(tracer: Tracer, asking: Collection[str]) -> Iterator[WorkflowProblem]:
    for node in tracer.live:
        schema = tracer.schema(node)
        if schema is None:
            continue
        if schema.paid and node not in asking:
            yield remark("{node} calls a service that costs money.", at=node, node=tracer.title(node))
        for name in _lacking(tracer, node, schema):
            yield caution(
                "{node} has nothing at its input {input}, which the server wants: open the workflow in ComfyUI"
                " and export it again.",
                at=node, node=tracer.title(node), input=name,
            )  # fmt: skip


def _lacking(tracer: Tracer, node: str, schema: NodeSchema) -> Iterator[str]:
    inputs = tracer.inputs(node)
    for name, known in schema.inputs.items():
        dotted = any(key.startswith(f"{name}.") for key in inputs)
        if known.required and name not in inputs and not dotted and known.type not in _ANY:
            yield name


def _files(workflow: Workflow, tracer: Tracer, info: ObjectInfo) -> Iterator[WorkflowProblem]:
    owners = {place: parameter for parameter in workflow.parameters.values() for place in parameter.targets}
    for parameter in workflow.parameters.values():
        if _is_auto(parameter):
            yield from _auto(workflow, parameter, info)
    for node in tracer.live:
        for name, value in tracer.inputs(node).items():
            known = tracer.input(node, name)
            if known is None or known.choices is None or not isinstance(value, str):
                continue
            yield from _value(tracer, (node, name), value, known.choices, owners.get((node, name)))


def _is_auto(parameter: Parameter) -> bool:
    return parameter.type is ParameterType.MODEL and AUTO in {parameter.default, parameter.fixed}


def _auto(workflow: Workflow, parameter: Parameter, info: ObjectInfo) -> Iterator[WorkflowProblem]:
    offered = offered_files(parameter, workflow, info)
    if offered is None:
        return
    node, name = parameter.targets[0] if parameter.targets else ("", "")
    own = workflow.graph[node]["inputs"].get(name) if node else None
    if suitable_file(parameter, offered, own, inpaint=workflow.kind is WorkflowKind.INPAINT) is not None:
        return
    if parameter.auto:
        yield lack(
            "{node} needs a file like {patterns} for {name}, and the server has none: put one into ComfyUI's models"
            " folder.",
            at=node or None,
            node=node_title(workflow.graph, node),
            patterns=", ".join(parameter.auto),
            name=parameter.name,
        )
    else:
        yield lack(
            "{node} needs a file for {name}, and the server has none: put one into ComfyUI's models folder.",
            at=node or None,
            node=node_title(workflow.graph, node),
            name=parameter.name,
        )


def _value(
    tracer: Tracer, place: Place, value: str, offered: tuple[str, ...], owner: Parameter | None
) -> Iterator[WorkflowProblem]:
    """Report a combo's value that the server does not offer; it is kept, never replaced."""
    node, name = place
    if match_file(value, offered) is not None or (owner is not None and _is_settled(owner)):
        return
    near = near_misses(value, offered)
    at = {"node": tracer.title(node), "value": value or "–", "input": name, "near": ", ".join(near) or "–"}
    if owner is not None and owner.name == "lora":
        yield caution("{node}: the server does not have {value}; it is left out unless somebody picks another.",
                      at=node, **at)  # fmt: skip
    elif looks_like_model_file(value):
        yield lack(
            "{node} needs {value}, which the server does not have: put it into ComfyUI's models folder, or choose"
            " another in the manifest. Similar: {near}.",
            at=node,
            **at,
        )
    else:
        yield caution(
            "{node}: the server does not offer {value} for {input}. Similar: {near}.", at=node, **at
        )


def _is_settled(owner: Parameter) -> bool:
    """Tell whether the value in the file is never used as it is: attached by people, or put there by the manifest."""
    return owner.type.is_file or _is_auto(owner) or owner.fixed is not None or owner.closed
