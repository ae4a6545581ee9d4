"""What is said to somebody who gave a workflow something it does not take, or not what it needs."""

from collections.abc import Mapping

from bot.errors import OptionName, UserError
from bot.workflows.graph.files import near_misses
from bot.workflows.graph.graph import Graph
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.options import TYPED
from bot.workflows.model.parameter import Parameter, ParameterType
from bot.workflows.model.places import escapes
from bot.workflows.model.values import Value
from bot.workflows.model.workflow import Workflow
from bot.workflows.safety.safety import dangers, is_file_name


def refuse_unknown(workflow: Workflow, given: Mapping[str, Value]) -> None:
    """Raise `UserError` for the first parameter a workflow does not take, with what can be typed for it."""
    for name in given:
        known = workflow.parameters.get(name)
        if workflow.takes(name) or (known is not None and known.fixed == given[name]):
            continue
        near = near_misses(name, workflow.accepted, limit=1)
        arguments = {"workflow": workflow.name, "name": OptionName(name), "accepted": _typeable(workflow)}
        if near and near[0] != name:
            raise UserError(
                "{workflow} does not take {name}; did you mean {near}? It takes: {accepted}.",
                near=OptionName(near[0]) if near[0] in TYPED else near[0],
                **arguments,
            ).about("workflow")
        raise UserError("{workflow} does not take {name}. It takes: {accepted}.", **arguments).about(
            "workflow"
        )


def _typeable(workflow: Workflow) -> UserError | OptionName:
    """Return the options that people can type for a workflow, and what it takes besides by `extra`, as they type it."""
    options = OptionName(", ".join(name for name in workflow.accepted if name in TYPED))
    # How many comes by an option of its own.
    further = ", ".join(name for name in workflow.accepted if name not in TYPED and name != "batch")
    if not further:
        return options or OptionName("–")
    extra = OptionName("extra")
    if not options:
        return UserError("{further} (under {extra})", further=further, extra=extra)
    return UserError("{options}; under {extra}: {further}", options=options, extra=extra, further=further)


def refuse_dangers(
    workflow: Workflow, graph: Graph, values: Mapping[str, Value], info: ObjectInfo | None
) -> None:
    """Raise `UserError` for a graph that is not to be sent, whatever was found before: lint may have known less."""
    tracer = Tracer(graph, info)
    for parameter in workflow.parameters.values():
        value = values.get(parameter.name)
        if isinstance(value, str) and parameter.fixed is None and _misnames(tracer, parameter, value):
            raise UserError(
                "{name} can only be a plain name, without a path or an address.",
                name=OptionName(parameter.name),
            )
    if next(dangers(workflow, graph, info), None) is not None:
        # What it is about is for operators: `/workflows show` has it.
        raise UserError(
            "“{workflow}” needs approval before it can be used. Please tell whoever runs the bot.",
            workflow=workflow.name,
        ).about("workflow")


def _misnames(tracer: Tracer, parameter: Parameter, value: str) -> bool:
    chosen = parameter.type in {ParameterType.CHOICE, ParameterType.MODEL} and not parameter.closed
    named = any(is_file_name(tracer, *place) for place in parameter.targets if place[0] in tracer.graph)
    names = value.split(",") if parameter.name == "lora" else [value]
    return (chosen or named) and any(escapes(name) for name in names)


def missing(workflow: Workflow, parameter: Parameter) -> UserError:
    """Return what asks for a parameter that nobody gave."""
    names = {"workflow": workflow.name, "name": OptionName(parameter.name)}
    match parameter.type:
        case ParameterType.IMAGE:
            return UserError("{workflow} needs a picture: attach one as {name}.", **names)
        case ParameterType.MASK:
            return UserError(
                "{workflow} needs a mask, white where the picture is to change: attach one as {name}.",
                **names,
            )
        case ParameterType.VIDEO:
            return UserError("{workflow} needs a video: attach one as {name}.", **names)
        case ParameterType.AUDIO:
            return UserError("{workflow} needs a sound file: attach one as {name}.", **names)
        case _:
            return UserError("{workflow} needs {name}: please give it.", **names)
