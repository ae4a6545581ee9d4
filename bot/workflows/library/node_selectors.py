"""Finding the inputs that a manifest points at by the title or class of their node."""

from typing import Any

from bot.workflows.graph.graph import is_link, named
from bot.workflows.graph.trace import Place, Tracer
from bot.workflows.library.manifest import ManifestFile, ManifestParameter
from bot.workflows.model.problem import WorkflowProblem, fault


class Pointer:
    """Turns what one manifest names into places; what is not there is added to the problems."""

    def __init__(self, tracer: Tracer, file: ManifestFile, problems: list[WorkflowProblem]) -> None:
        self._tracer = tracer
        self._file = file
        self._problems = problems

    def places(self, name: str, said: ManifestParameter) -> tuple[Place, ...] | None:
        """Return the places a manifest names; empty when it names none, `None` when they are wrong."""
        wanted = [tuple(pair) for pair in said.nodes or []]
        if said.node is not None:
            wanted.append((said.node, said.input or ""))
        places: list[Place] = []
        for node_name, input_ in wanted:
            place = self._place(name, node_name, input_)
            if place is None:
                return None
            places.append(place)
        return tuple(places)

    def _place(self, name: str, node_name: str, input_: str) -> Place | None:
        nodes = named(self._tracer.graph, node_name)
        at: dict[str, Any] = {
            "file": self._file.file,
            "line": self._file.line("parameters", name, "node"),
            "name": name,
            "node": node_name,
        }
        if not nodes:
            self._problems.append(
                fault("{file}, line {line}: {name}: no node has the title or class {node}; give the node that"
                      " title in ComfyUI and export again.", **at)
            )  # fmt: skip
            return None
        if len(nodes) > 1:
            self._problems.append(
                fault("{file}, line {line}: {name}: {count} nodes are called {node}; give the one you mean a title"
                      " of its own in ComfyUI and export again.", count=len(nodes), **at)
            )  # fmt: skip
            return None
        return self._input(nodes[0], input_, at)

    def _input(self, node: str, input_: str, at: dict[str, Any]) -> Place | None:
        inputs = self._tracer.graph[node]["inputs"]
        known = self._tracer.input(node, input_)
        there = [key for key, value in inputs.items() if not is_link(value)]
        if not input_ and len(there) == 1:
            return node, there[0]
        if input_ in inputs and is_link(inputs[input_]):
            self._problems.append(
                fault("{file}, line {line}: {name}: the input {input} of {node} is linked to another node; name that"
                      " node instead.", at=node, input=input_, **at)
            )  # fmt: skip
            return None
        if input_ in inputs or (known is not None and known.widget):
            return node, input_
        self._problems.append(
            fault("{file}, line {line}: {name}: {node} has no input {input}; it has: {there}.",
                  at=node, input=input_ or "–", there=", ".join(there) or "–", **at)
        )  # fmt: skip
        return None
