"""What the converter has to say to people: why it refuses a document, and what it left out or doubts."""

from bot.workflows.convert.document import Node
from bot.workflows.convert.virtual import variable
from bot.workflows.model.problem import WorkflowProblem, caution, fault, lack, remark

_SHOWN = 5
_LONGEST = 60


def old_groups(nodes: list[Node]) -> WorkflowProblem:
    """Refuse group nodes that newer frontends no longer have."""
    return fault(
        "The workflow holds group nodes of an old kind ({nodes}): convert them to subgraphs in ComfyUI,"
        " or choose Workflow → Export (API) there and use that file.",
        at=nodes[0].id,
        nodes=_names(nodes),
    )


def hidden_wiring(nodes: list[Node]) -> WorkflowProblem:
    """Refuse what is wired by a script in the page, without a link in the file."""
    return fault(
        "{nodes} hands its inputs on without links, which only ComfyUI's page can follow: choose"
        " Workflow → Export (API) there and use that file.",
        at=nodes[0].id,
        nodes=_names(nodes),
    )


def nothing_kept(nodes: list[Node]) -> WorkflowProblem:
    """Say which classes are needed where only nodes of unknown ones could have kept a result."""
    return lack(
        "The server does not know {classes}, and without it nothing is saved or shown: install the custom"
        " nodes it belongs to.",
        classes=_types(nodes),
    )


def left_out(nodes: list[Node]) -> WorkflowProblem:
    return remark(
        "{nodes} is left out: the server does not know {classes}, and nothing reads from it.",
        nodes=_names(nodes),
        classes=_types(nodes),
    )


def page_only(nodes: list[Node]) -> WorkflowProblem:
    return remark("{nodes} is left out: it does nothing outside ComfyUI's page.", nodes=_names(nodes))


def misfit(id_: str, node: Node, name: str, value: object) -> WorkflowProblem:
    """Warn of a value that can only have been saved for another widget."""
    return caution(
        "{node} was saved by another version of its class: {input} would be {value}. Put it right in ComfyUI"
        " and save the workflow again.",
        at=id_,
        node=node.title or node.type,
        input=name,
        value=str(value)[:_LONGEST],
    )


def unread(id_: str, node: Node) -> WorkflowProblem:
    """Warn of settings that are lost, because no class says where they belong."""
    return caution(
        "{node} keeps settings that only ComfyUI's page can read, and they are lost here: choose"
        " Workflow → Export (API) there and use that file.",
        at=id_,
        node=node.title or node.type,
    )


def never_set(getter: Node) -> WorkflowProblem:
    return caution(
        "{node} takes {name}, which nothing in the workflow sets.",
        node=getter.title or getter.type,
        name=variable(getter),
    )


def _names(nodes: list[Node]) -> str:
    return ", ".join(dict.fromkeys(each.title or each.type for each in nodes[:_SHOWN]))


def _types(nodes: list[Node]) -> str:
    return ", ".join(dict.fromkeys(each.type for each in nodes[:_SHOWN]))
