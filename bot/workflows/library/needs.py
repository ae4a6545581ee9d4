"""What a workflow needs of a server, and which servers have it: node classes and model files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.workflows.graph.files import match_file, offered_files, suitable_file
from bot.workflows.graph.graph import class_of, is_link, upstream
from bot.workflows.graph.schema import ObjectInfo, looks_like_model_file
from bot.workflows.model.parameter import AUTO, Parameter, ParameterType
from bot.workflows.model.workflow import Workflow, WorkflowKind


@dataclass(frozen=True, slots=True)
class Need:
    """A model file or node class, and how many of the servers that told their classes have it."""

    name: str
    """The file or class; of a model parameter for which no server has any file, its name."""
    having: int
    servers: int
    is_class: bool = False
    any_file: bool = False
    """Whether another file would do: the workflow takes what there is."""

    @property
    def met(self) -> bool:
        """Whether every server has it, as far as is known."""
        return self.having == self.servers


def needs_of(workflow: Workflow, infos: Sequence[ObjectInfo]) -> tuple[Need, ...]:
    """Return the model files a workflow uses unless told otherwise, and the classes a server lacks; missing ones first.

    A LoRA is left out unless somebody picks one the server has, so it is not needed.
    """
    found = [*_files(workflow, infos), *_classes(workflow, infos)]
    unique = {(each.name, each.is_class): each for each in sorted(found, key=lambda each: -each.having)}
    return tuple(sorted(unique.values(), key=lambda each: (each.met, each.is_class)))


def _files(workflow: Workflow, infos: Sequence[ObjectInfo]) -> Iterator[Need]:
    owners = {place: owner for owner in workflow.parameters.values() for place in owner.targets}
    told: set[str] = set()
    for node in _used(workflow):
        for name, value in workflow.graph[node]["inputs"].items():
            owner = owners.get((node, name))
            if owner is None:
                if looks_like_model_file(value) and not is_link(value):
                    yield _file(workflow, (node, name), str(value), infos)
            elif (
                owner.type is ParameterType.MODEL
                and not owner.name.startswith("lora")
                and owner.name not in told
            ):
                told.add(owner.name)
                yield _of_parameter(workflow, owner, (node, name), value, infos)


def _of_parameter(
    workflow: Workflow, owner: Parameter, place: tuple[str, str], value: object, infos: Sequence[ObjectInfo]
) -> Need:
    wanted = owner.fixed if owner.fixed is not None else owner.default
    if wanted != AUTO:
        return _file(workflow, place, str(wanted if wanted is not None else value), infos)
    inpaint = workflow.kind is WorkflowKind.INPAINT
    offers = [offered_files(owner, workflow, info) for info in infos]
    picks = [suitable_file(owner, offer or (), value, inpaint=inpaint) for offer in offers]
    having = [pick for pick in picks if pick is not None]
    return Need(having[0] if having else owner.name, len(having), len(infos), any_file=True)


def _file(workflow: Workflow, place: tuple[str, str], value: str, infos: Sequence[ObjectInfo]) -> Need:
    class_type = class_of(workflow.graph, place[0])
    offers = [info.choices(class_type, place[1]) for info in infos]
    return Need(
        value, sum(offer is not None and match_file(value, offer) is not None for offer in offers), len(infos)
    )


def _classes(workflow: Workflow, infos: Sequence[ObjectInfo]) -> Iterator[Need]:
    for class_type in dict.fromkeys(class_of(workflow.graph, node) for node in _used(workflow)):
        having = sum(class_type in info for info in infos)
        if having < len(infos):
            yield Need(class_type, having, len(infos), is_class=True)


def _used(workflow: Workflow) -> list[str]:
    """Return the nodes that are run for what is delivered; all of them where nothing is known to be."""
    return upstream(workflow.graph, [output.node for output in workflow.outputs]) or list(workflow.graph)
