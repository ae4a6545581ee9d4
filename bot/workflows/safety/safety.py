"""What a workflow file from a stranger may not do: run code, leave ComfyUI's folders, call services that cost money."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from bot.i18n import N_
from bot.workflows.graph.graph import Graph, class_of, is_link
from bot.workflows.graph.literals import literal
from bot.workflows.graph.schema import InputSchema, ObjectInfo
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.model.approvals import Approval, Question, Use
from bot.workflows.model.parameter import AUTO, Parameter, ParameterType
from bot.workflows.model.places import escapes
from bot.workflows.model.problem import WorkflowProblem, doubt, fault, lack
from bot.workflows.model.standard import split_name
from bot.workflows.model.workflow import Workflow
from bot.workflows.safety.judge import Judge
from bot.workflows.safety.known import pack_of
from bot.workflows.safety.uses import words_of

SETTING = "WORKFLOWS_ALLOW_NODES"
_FILE_NAMES = frozenset({"filename_prefix", "filename", "file_name", "prefix", "save_prefix", "subfolder",
                         "sub_directory", "output_name", "output_filename"})  # fmt: skip
_PROSE = frozenset({"prompt", "negative_prompt", "lyrics", "tags"})
_FILE_CLASSES = frozenset({"load", "save", "file", "read", "write"})
_SHOWN = 80
_MOST_QUESTIONS = 200
"""More than anybody reads; what is left is asked once these are answered."""

_SAID: Mapping[Use, str] = {
    Use.CODE: N_(
        "needs approval: {node} runs code that stands in the workflow: {value}. If you trust it, allow it with"
        " /workflows show, or add {name} to {setting}."
    ),
    Use.PATH: N_(
        "needs approval: {node} reads or writes {value}, which may be outside ComfyUI's input and output folders."
        " If you trust it, allow it with /workflows show, or add {name} to {setting}."
    ),
    Use.ADDRESS: N_(
        "needs approval: {node} calls an address on the network, {value}. If you trust it, allow it with"
        " /workflows show, or add {name} to {setting}."
    ),
    Use.KEY: N_(
        "needs approval: {node} takes a key for a service outside ComfyUI. If that is meant, allow it with"
        " /workflows show, or add {name} to {setting}."
    ),
    Use.MONEY: N_(
        "needs approval: {node} calls a service that costs money. If that is meant, allow it with"
        " /workflows show, or add {name} to {setting}."
    ),
    Use.TEXT: N_(
        "needs approval: {node} of the pack {pack} gets {value} as {input}, and nobody has checked what it does with"
        " that. If you trust it, allow it with /workflows show, or add {name} to {setting}."
    ),
}
_TYPED = N_(
    "needs approval: {node} of the pack {pack} gets what members type as {input}, and nobody has checked what it does"
    " with that. If you trust it, allow it with /workflows show, or add members:{name}.{input} to {setting}."
)


def dangers(
    workflow: Workflow, graph: Graph | Mapping[str, Mapping[str, Any]], info: ObjectInfo | None
) -> Iterator[WorkflowProblem]:
    """Yield why a graph of a workflow, as it is or filled in, is refused: what is to be asked, and what is wrong."""
    tracer = Tracer(graph, info)
    judge = Judge(tracer, workflow.words, workflow.trust)
    for question in islice(judge.questions(filled=typed_places(workflow)), _MOST_QUESTIONS):
        yield asked(question, tracer)
    words = prose(workflow)
    for node in tracer.live:
        class_type = class_of(tracer.graph, node)
        if not workflow.trust.allows_class(pack_of(class_type, tracer.schema(node)), class_type):
            yield from _leading_out(tracer, node, words)


def unanswered(workflow: Workflow, infos: Iterable[ObjectInfo]) -> tuple[Question, ...]:
    """Return what an operator can decide about a workflow, on any of these servers, each thing once."""
    graph, filled = settled(workflow), typed_places(workflow)
    found = [each for each in workflow.questions if each.known]
    for info in infos:
        judge = Judge(Tracer(graph, info), workflow.words, workflow.trust)
        found += [each for each in islice(judge.questions(filled=filled), _MOST_QUESTIONS) if each.known]
    return tuple(dict.fromkeys(found))


def decided(
    workflow: Workflow, approved: Collection[Approval], infos: Iterable[ObjectInfo]
) -> tuple[Approval, ...]:
    """Return the decisions that are about node classes of a workflow, on any of these servers."""
    classes = {class_of(workflow.graph, node) for node in workflow.graph}
    packs = {(info.server, pack_of(each, info.node(each)), each) for info in infos for each in classes}
    found = [each for each in approved if (each.server, each.pack, each.class_type) in packs]
    return tuple(sorted(found, key=str))


def asked(question: Question, tracer: Tracer) -> WorkflowProblem:
    """Return a question as what it is to a workflow: an error that an operator can lift."""
    arguments = {
        "node": tracer.title(question.node),
        "name": question.class_type,
        "pack": question.pack,
        "input": question.input,
        "value": question.shown or question.input,
        "setting": SETTING,
    }
    if not question.known and question.use is Use.TEXT:
        return lack(
            "needs approval, which can be given once an image server has told where the node class {name} comes from.",
            at=question.node,
            name=question.class_type,
        )
    return doubt(question, _TYPED if question.typed else _SAID[question.use], **arguments)


def settled(workflow: Workflow) -> Mapping[str, Mapping[str, Any]]:
    """Return a workflow's graph with the values its manifest fixes in place of those in the file."""
    changed = dict(workflow.graph)
    for parameter in workflow.parameters.values():
        if parameter.fixed is None or parameter.fixed == AUTO:
            continue
        for node, name in parameter.targets:
            changed[node] = {**changed[node], "inputs": {**changed[node]["inputs"], name: parameter.fixed}}
    return changed


def typed_places(workflow: Workflow) -> frozenset[Place]:
    """Return the places that hold whatever members type, or one of the texts that a manifest lists."""
    return frozenset(
        place for each in workflow.parameters.values() if _takes_words(each) for place in each.targets
    )


def prose(workflow: Workflow) -> frozenset[Place]:
    """Return the places whose text is no name: words for a model, and addresses of pictures always attached anew."""
    found: set[Place] = set()
    for each in workflow.parameters.values():
        words = each.type is ParameterType.TEXT and (each.multiline or split_name(each.name)[0] in _PROSE)
        attached = each.type.is_file and each.required and each.fixed is None
        for node, name in each.targets:
            address = str(workflow.graph[node]["inputs"].get(name)).startswith(("https://", "http://"))
            if words or (attached and address):
                found.add((node, name))
    return frozenset(found)


def is_file_name(tracer: Tracer, node: str, name: str) -> bool:
    """Tell whether an input names a file or folder below one that ComfyUI chooses."""
    return name.rsplit(".", 1)[-1] in _FILE_NAMES and _takes_text(
        tracer, node, name, tracer.input(node, name)
    )


def _takes_words(parameter: Parameter) -> bool:
    return parameter.fixed is None and (parameter.type is ParameterType.TEXT or parameter.closed)


def _takes_text(tracer: Tracer, node: str, name: str, known: InputSchema | None) -> bool:
    if known is not None:
        return known.choices is None and known.upload is None and known.type in {"STRING", "*"}
    return isinstance(tracer.inputs(node).get(name), str)


def _leading_out(tracer: Tracer, node: str, words: Collection[Place]) -> Iterator[WorkflowProblem]:
    """Yield the names of files that lead out of the folder they are put below: nothing an operator should let in."""
    title = tracer.title(node)
    for name in tracer.inputs(node):
        value = _value(tracer, node, name)
        if value is None:
            continue
        if is_file_name(tracer, node, name):
            if escapes(value):
                yield fault(
                    "{node}: the file name prefix leads out of ComfyUI's output folder: choose a plain name.",
                    at=node, node=title,
                )  # fmt: skip
        elif _escapes(tracer, (node, name), value, words):
            yield fault(
                "{node} names {value}, which leads out of ComfyUI's folders: choose a plain name.",
                at=node, node=title, value=value[:_SHOWN],
            )  # fmt: skip


def _value(tracer: Tracer, node: str, name: str) -> str | None:
    """Return the text an input has in the end, `None` for what is no text or only made while the graph runs."""
    value = tracer.inputs(node).get(name)
    if is_link(value):
        place = literal(tracer, node, name)
        value = tracer.value(place) if place is not None else None
    return value if isinstance(value, str) else None


def _escapes(tracer: Tracer, place: Place, value: str, words: Collection[Place]) -> bool:
    node, name = place
    if place in words or literal(tracer, node, name) in words or "\n" in value:
        return False
    known = tracer.input(node, name)
    if known is not None and (known.upload is not None or known.choices is not None):
        return value not in (known.choices or ()) and escapes(value)
    if known is not None and (known.type != "STRING" or known.multiline or known.dynamic_prompts):
        return False
    return bool(words_of(class_of(tracer.graph, node)) & _FILE_CLASSES) and escapes(value)
