"""Making a workflow of a graph, what was discovered in it, and what its manifest says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.i18n import N_
from bot.workflows.discovery.describe import parameter_at
from bot.workflows.discovery.discover import discover
from bot.workflows.discovery.outputs import output_kind
from bot.workflows.graph.graph import Graph, named, node_title
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.library.manifest import ManifestFile, ManifestParameter
from bot.workflows.library.node_selectors import Pointer
from bot.workflows.model.approvals import Trust
from bot.workflows.model.parameter import AUTO, Choice, Parameter, ParameterType
from bot.workflows.model.problem import WorkflowProblem, caution, doubt, fault
from bot.workflows.model.roles import read_role
from bot.workflows.model.standard import standard_order
from bot.workflows.model.values import LocalText, english
from bot.workflows.model.workflow import LimitOverrides, OutputNode, Workflow
from bot.workflows.safety.judge import Judge


def assemble(
    name: str, graph: Graph, file: ManifestFile, info: ObjectInfo | None, trust: Trust | None = None
) -> Workflow:
    """Return the workflow; what does not fit together is among its problems, never raised."""
    return _Assembly(name, graph, file, info, trust or Trust()).workflow()


def _unbound_roles(file: ManifestFile) -> list[WorkflowProblem]:
    """Return a warning for each role that is given by its name alone: it could be any Discord server's."""
    return [
        caution(
            "{file}, line {line}: the role {role} is a name that any Discord server can give to a role, so it lets nobody in. "
            'Write its id, or the server\'s id before it: "123456789012345678:{role}".',
            file=file.file,
            line=file.line("roles"),
            role=str(role),
        )
        for role in file.manifest.roles
        if read_role(role) is None
    ]


class _Assembly:
    """One workflow being put together."""

    def __init__(
        self, name: str, graph: Graph, file: ManifestFile, info: ObjectInfo | None, trust: Trust
    ) -> None:
        self._name = name
        self._graph = graph
        self._trust = trust
        self._file = file
        self._tracer = Tracer(graph, info)
        self._found = discover(graph, info)
        self._judge = Judge(self._tracer, self._found.words, trust)
        self._problems: list[WorkflowProblem] = [*file.problems, *self._found.problems]
        self._problems += _unbound_roles(file)
        self._pointer = Pointer(self._tracer, file, self._problems)

    def workflow(self) -> Workflow:
        manifest = self._file.manifest
        return Workflow(
            name=self._name,
            title=manifest.title or english(self._name),
            description=manifest.description,
            graph=self._graph,
            parameters=self._parameters(),
            outputs=self._outputs(),
            output_title=manifest.outputs[0] if manifest.outputs else None,
            nsfw=manifest.nsfw,
            command=manifest.command,
            prompt_languages=tuple(manifest.prompt_languages),
            roles=tuple(manifest.roles),
            cost=manifest.cost,
            timeout=manifest.timeout,
            limits=LimitOverrides(manifest.limits.count, manifest.limits.pixels, manifest.limits.steps),
            trust=self._trust,
            words=self._found.words,
            problems=tuple(self._problems),
        )

    # --- outputs

    def _outputs(self) -> tuple[OutputNode, ...]:
        wanted = self._file.manifest.outputs
        if not wanted:
            return self._found.outputs
        chosen: list[OutputNode] = []
        for name in wanted:
            nodes = named(self._graph, name)
            if not nodes:
                self._problems.append(
                    fault(
                        "{file}, line {line}: no node has the title or class {name}; the graph's outputs are: {there}.",
                        file=self._file.file,
                        line=self._file.line("output"),
                        name=name,
                        there=", ".join(node_title(self._graph, each.node) for each in self._found.outputs)
                        or "–",
                    )
                )
            for node in nodes:
                kind = output_kind(self._tracer, node)
                if kind is not None and self._tracer.is_output(node):
                    chosen.append(OutputNode(node, kind))
                else:
                    self._problems.append(
                        fault(
                            "{file}, line {line}: the node {name} saves or shows nothing, so it cannot be the output.",
                            file=self._file.file,
                            line=self._file.line("output"),
                            name=name,
                        )
                    )
        return tuple(chosen)

    # --- parameters

    def _parameters(self) -> Mapping[str, Parameter]:
        merged = dict(self._found.parameters)
        for name, said in self._file.manifest.parameters.items():
            parameter = self._parameter(name, said, merged.get(name))
            if parameter is not None:
                merged[name] = parameter
        taken = {
            place
            for name in self._file.manifest.parameters
            if name in merged
            for place in merged[name].targets
        }
        own = set(self._file.manifest.parameters)
        kept = [
            found if found.name in own else _without(found, taken)
            for found in merged.values()
            if found.name in own or not found.targets or _without(found, taken).targets
        ]
        kept = [each for each in kept if self._may_be_filled(each)]
        kept.sort(key=lambda each: standard_order(each.name))
        return {each.name: each for each in kept}

    def _may_be_filled(self, parameter: Parameter) -> bool:
        """Leave out what would let members choose a path, an address or code on the server's machine."""
        if parameter.fixed is not None:
            return True
        unsafe = [place for place in parameter.targets if not self._judge.may_fill(place, parameter)]
        if unsafe and parameter.name in self._file.manifest.parameters:
            self._problems += [self._unsafe(parameter, place) for place in unsafe]
        return not unsafe

    def _unsafe(self, parameter: Parameter, place: Place) -> WorkflowProblem:
        return doubt(
            self._judge.typing(place),
            N_(
                "needs approval: {file}, line {line}: {name} would let members choose a path, an address or code on the"
                " server's machine. Take it out, give it a fixed value, or allow members to type there."
            ),
            file=self._file.file,
            line=self._file.line("parameters", parameter.name),
            name=parameter.name,
        )

    def _parameter(self, name: str, said: ManifestParameter, found: Parameter | None) -> Parameter | None:
        places = self._pointer.places(name, said)
        if places is None:
            return None
        if places:
            found = parameter_at(self._tracer, name, places)
        elif found is None:
            self._problems.append(
                fault(
                    "{file}, line {line}: {name} was not found in the graph; say where it is with node and input,"
                    " or use one of: {there}.",
                    file=self._file.file,
                    line=self._file.line("parameters", name),
                    name=name,
                    there=", ".join(self._found.parameters) or "–",
                )
            )
            return None
        merged = _said(found, said)
        return merged if self._fits(merged) else None

    def _fits(self, parameter: Parameter) -> bool:
        """Report a default or a fixed value that could never be bound, and bounds that leave nothing."""
        low, high = parameter.minimum, parameter.maximum
        if low is not None and high is not None and low > high:
            self._wrong(parameter, "maximum")
            return False
        for key, value in (("default", parameter.default), ("fixed", parameter.fixed)):
            if value is None or (parameter.type is ParameterType.MODEL and value == AUTO):
                continue
            numeric = isinstance(value, int | float) and not isinstance(value, bool)
            if parameter.type.is_numeric and not numeric:
                self._wrong(parameter, key)
                return False
            if parameter.closed and value not in {choice.value for choice in parameter.choices}:
                self._wrong(parameter, key)
                return False
        return True

    def _wrong(self, parameter: Parameter, key: str) -> None:
        self._problems.append(
            fault(
                "{file}, line {line}: {key} of {name} does not fit its type, range or choices: change one of them.",
                file=self._file.file,
                line=self._file.line("parameters", parameter.name, key),
                key=key,
                name=parameter.name,
            )
        )


def _without(parameter: Parameter, taken: set[Place]) -> Parameter:
    """Return a discovered parameter without the places that a manifest gave to another."""
    return replace(parameter, targets=tuple(place for place in parameter.targets if place not in taken))


def _said(found: Parameter, said: ManifestParameter) -> Parameter:
    """Return the parameter with what the manifest says of it."""
    simple = ("type", "title", "description", "default", "minimum", "maximum", "step", "hidden", "fixed", "required",
              "multiline", "group")  # fmt: skip
    changes: dict[str, Any] = {key: value for key in simple if (value := getattr(said, key)) is not None}
    if said.choices is not None:
        changes["choices"] = tuple(Choice(value, LocalText({"en": label})) for label, value in said.choices)
        changes["closed"] = True
        if found.type is ParameterType.TEXT and said.type is None:
            changes["type"] = ParameterType.CHOICE
        by_label = dict(said.choices)
        for key in ("default", "fixed"):
            if changes.get(key) in by_label:  # named by its label, as a person would
                changes[key] = by_label[changes[key]]
    if said.auto is not None:
        changes["auto"] = tuple(said.auto)
        changes.setdefault("default", AUTO)
    if said.default is not None and said.required is None:
        changes["required"] = False
    return replace(found, **changes)
