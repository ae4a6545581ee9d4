"""Which file of weights a graph gets when nobody named one."""

from bot.errors import OptionName, UserError
from bot.workflows.graph.files import match_file, near_misses, offered_files, suitable_file
from bot.workflows.graph.schema import ObjectInfo, looks_like_model_file
from bot.workflows.model.parameter import Parameter
from bot.workflows.model.workflow import Workflow, WorkflowKind


def resolve_model(
    workflow: Workflow, parameter: Parameter, info: ObjectInfo | None, *, auto: bool
) -> str | None:
    """Return the file `auto` stands for, or the workflow's own, which must be there; raises `UserError`.

    Without the server's word the file stays the one in the graph; `None` where there is none.
    """
    own = next((workflow.graph[node]["inputs"].get(name) for node, name in parameter.targets), None)
    offered = offered_files(parameter, workflow, info)
    wanted = own if auto or parameter.default is None else parameter.default
    if offered is None or (not auto and not looks_like_model_file(wanted)):
        return wanted if isinstance(wanted, str) else None
    if auto:
        file = suitable_file(parameter, offered, own, inpaint=workflow.kind is WorkflowKind.INPAINT)
    else:
        file = match_file(str(wanted), offered)
    if file is None:
        raise _no_model(workflow, parameter, str(wanted), offered, auto=auto)
    return file


def _no_model(
    workflow: Workflow, parameter: Parameter, wanted: str, offered: tuple[str, ...], *, auto: bool
) -> UserError:
    names = {"workflow": workflow.name, "name": OptionName(parameter.name)}
    if not offered:
        return UserError("{workflow} needs a file for {name}, and the server has none.", **names)
    if auto and parameter.auto:
        return UserError(
            "{workflow} needs a file for {name} like {patterns}, and none of the server's {count} is like that.",
            patterns=", ".join(parameter.auto),
            count=len(offered),
            **names,
        )
    return UserError(
        "{workflow} needs {file}, which the server does not have. For {name} it has {count} others, such as: {some}.",
        file=wanted,
        count=len(offered),
        some=", ".join(near_misses(wanted, offered) or offered[:3]),
        **names,
    )
