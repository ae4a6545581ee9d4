"""Checks a graph before it is queued and words the problems exactly as the server does."""

from collections.abc import Callable
from typing import Any, TypeGuard

from bot.demo.comfyui.folders import Folders, OutsideError
from bot.demo.comfyui.nodes import NODES
from bot.demo.comfyui.nodes.spec import Input, Node
from bot.demo.comfyui.problems import Checked, Problem, Verdict, problem
from bot.demo.comfyui.values import is_object

Graph = dict[str, Any]
LONGEST_LIST = 20
CONVERSIONS: dict[str, Callable[[Any], Any]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}


def validate(graph: Graph, folders: Folders, targets: list[str] | None, *, newest: bool) -> Verdict:
    """Check a whole graph; raises TypeError and the like where the server answers 500."""
    outputs: list[str] = []
    for node_id in graph:
        if (refused := bad_class(graph, node_id, newest=newest)) is not None:
            return Verdict(refused)
        node = NODES[graph[node_id]["class_type"]]
        if node.output_node and (targets is None or node_id in targets):
            outputs.append(node_id)
    if not outputs:
        return Verdict(problem("prompt_no_outputs", "Prompt has no outputs", ""))
    return Check(graph, folders, newest=newest).verdict(outputs)


def bad_class(graph: Graph, node_id: str, *, newest: bool) -> Problem | None:
    """Return why the node's class cannot be run, or None."""
    given = graph[node_id]
    if "class_type" not in given:
        message, name = "Cannot execute because a node is missing the class_type property.", None
    elif (name := given["class_type"]) not in NODES:
        message = f"Cannot execute because node {name} does not exist."
    else:
        return None
    if not newest:
        return problem("invalid_prompt", message, f"Node ID '#{node_id}'")
    meta: Any = given.get("_meta") if is_object(given) else None
    title: Any = meta.get("title") if is_object(meta) else None
    return problem(
        "missing_node_type",
        message,
        f"Node ID '#{node_id}'",
        node_id=node_id,
        class_type=name,
        node_title=title,
    )


def is_link(value: Any) -> TypeGuard[list[Any]]:
    """Tell whether the value is read as a link: any list is."""
    return isinstance(value, list)


class Check:
    """One pass over a graph; every node is looked at once."""

    def __init__(self, graph: Graph, folders: Folders, *, newest: bool) -> None:
        self.graph, self.folders, self.newest = graph, folders, newest
        self.done: dict[str, Checked] = {}
        self.path: list[str] = []

    def verdict(self, outputs: list[str]) -> Verdict:
        """Check every output's branch; one good output is enough to run."""
        good: list[str] = []
        own: list[str] = []
        node_errors: dict[str, Any] = {}
        for output in outputs:
            checked = self.output(output)
            if checked.fine:
                good.append(output)
                continue
            own.extend(f"{found['message']}: {found['details']}" for found in checked.problems)
            for node_id, result in self.done.items():
                if result.fine or not result.problems:
                    continue
                entry = node_errors.setdefault(
                    node_id,
                    {
                        "errors": result.problems,
                        "dependent_outputs": [],
                        "class_type": self.graph[node_id]["class_type"],
                    },
                )
                entry["dependent_outputs"].append(output)
        if good:
            return Verdict(None, good, node_errors)
        details = "\n".join(own)
        error = problem("prompt_outputs_failed_validation", "Prompt outputs failed validation", details)
        return Verdict(error, [], node_errors)

    def output(self, node_id: str) -> Checked:
        """Check one output; what breaks on the way is a problem of the output itself."""
        try:
            return self.node(node_id)
        except (LookupError, TypeError, ValueError, AttributeError) as broken:
            self.path.clear()
            found = problem(
                "exception_during_validation",
                "Exception when validating node",
                str(broken),
                exception_type=type(broken).__name__,
                traceback=['  File "/srv/ComfyUI/execution.py", in validate_prompt\n'],
            )
            self.done[node_id] = Checked(False, [found])
            return self.done[node_id]

    def node(self, node_id: str) -> Checked:
        """Check one node and all before it."""
        if node_id in self.done:
            return self.done[node_id]
        if node_id in self.path:
            return self.cycle(node_id)
        self.path.append(node_id)
        inputs: dict[str, Any] = self.graph[node_id]["inputs"]
        node = NODES[self.graph[node_id]["class_type"]]
        problems: list[Problem] = []
        fine = True
        for name, spec in (node.required | node.optional).items():
            if name not in inputs:
                if name in node.required:
                    missing = problem(
                        "required_input_missing", "Required input is missing", name, input_name=name
                    )
                    problems.append(missing)
                continue
            if is_link(inputs[name]):
                found, below = self.link(name, inputs[name], spec)
                fine = fine and below
            else:
                found = self.value(node, inputs, name, spec)
            problems.extend([found] if found else [])
        self.path.remove(node_id)
        self.done.setdefault(node_id, Checked(fine and not problems, problems))
        return self.done[node_id]

    def cycle(self, node_id: str) -> Checked:
        """Return the result for a node that depends on itself: older servers give no reason at all."""
        if not self.newest:
            return Checked(False, [])
        around = [*self.path[self.path.index(node_id) :], node_id]
        way = " -> ".join(around)
        found = problem(
            "dependency_cycle", "Dependency cycle detected", way, node_id=node_id, cycle_nodes=around
        )
        self.done[node_id] = Checked(False, [found])
        return self.done[node_id]

    def link(self, name: str, value: list[Any], spec: Input) -> tuple[Problem | None, bool]:
        """Check a link and the node it comes from; the second value tells whether all before is fine."""
        config = spec.info(self.folders)
        facts: dict[str, Any] = {"input_name": name, "input_config": config}
        if len(value) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            return problem("bad_linked_input", message, name, **facts, received_value=value), True
        source: str = value[0]
        slot: int = value[1]
        received: str = NODES[self.graph[source]["class_type"]].outputs[slot]
        if not matches(received, config[0]):
            details = f"{name}, received_type({received}) mismatch input_type({config[0]})"
            message = "Return type mismatch between linked nodes"
            return problem(
                "return_type_mismatch", message, details, **facts, received_type=received, linked_node=value
            ), True
        depth = len(self.path)
        try:
            return None, self.node(source).fine
        except (LookupError, TypeError, ValueError, AttributeError) as broken:
            del self.path[depth:]
            found = problem(
                "exception_during_inner_validation",
                "Exception when validating inner node",
                str(broken),
                **facts,
                exception_message=str(broken),
                exception_type=type(broken).__name__,
                traceback=['  File "/srv/ComfyUI/execution.py", in validate_inputs\n'],
                linked_node=value,
            )
            self.done[source] = Checked(False, [found])
            return None, False

    def value(self, node: Node, inputs: dict[str, Any], name: str, spec: Input) -> Problem | None:
        """Check and convert a plain value, in place."""
        given: Any = inputs[name]
        if is_object(given) and "__value__" in given:
            given = inputs[name] = given["__value__"]
        facts: dict[str, Any] = {"input_name": name, "input_config": spec.info(self.folders)}
        if not spec.is_choice and spec.type in CONVERSIONS:
            try:
                given = inputs[name] = CONVERSIONS[spec.type](given)
            except (TypeError, ValueError, OverflowError) as broken:
                message = f"Failed to convert an input value to a {spec.type} value"
                details = f"{name}, {given}, {broken}"
                return problem(
                    "invalid_input_type", message, details, **facts, received_value=given,
                    exception_message=str(broken),
                )  # fmt: skip
        if name in node.files:
            return self.file(name, given)
        facts["received_value"] = given
        low, high = spec.options.get("min"), spec.options.get("max")
        if low is not None and given < low:
            return problem(
                "value_smaller_than_min", f"Value {given} smaller than min of {low}", name, **facts
            )
        if high is not None and given > high:
            return problem("value_bigger_than_max", f"Value {given} bigger than max of {high}", name, **facts)
        return self.one_of(name, given, spec, facts) if spec.is_choice else None

    def one_of(self, name: str, given: Any, spec: Input, facts: dict[str, Any]) -> Problem | None:
        """Check a value that must be one of a list; long lists are not repeated."""
        allowed = spec.allowed(self.folders)
        if given in allowed:
            return None
        listed = str(allowed)
        if len(allowed) > LONGEST_LIST:
            listed = f"(list of length {len(allowed)})"
            facts = facts | {"input_config": None}
        return problem(
            "value_not_in_list", "Value not in list", f"{name}: '{given}' not in {listed}", **facts
        )

    def file(self, name: str, given: Any) -> Problem | None:
        """Check that a picture to load is there; its content is not looked at."""
        try:
            if isinstance(given, str) and self.folders.annotated(given).is_file():
                return None
        except (OutsideError, OSError, ValueError):
            pass  # a path that cannot be is as good as a missing one
        details = f"{name} - Invalid image file: {given}"
        return problem(
            "custom_validation_failed", "Custom validation failed for node", details, input_name=name
        )


def matches(received: str, wanted: Any) -> bool:
    """Tell whether an output may feed an input."""
    return received == wanted or "*" in (received, wanted)
