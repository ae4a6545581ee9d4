"""What is known of one workflow file, as the JSON object of `check --explain`, and a manifest to start from."""

import json
from pathlib import Path
from typing import Any

from bot.workflows.graph.graph import node_title
from bot.workflows.graph.schema import ObjectInfo
from bot.workflows.library.library import build
from bot.workflows.library.sources import read_source
from bot.workflows.model.approvals import Trust
from bot.workflows.model.parameter import Parameter
from bot.workflows.model.problem import WorkflowProblem
from bot.workflows.model.workflow import Workflow


def explain(path: Path, info: ObjectInfo | None, trust: Trust | None = None) -> dict[str, Any]:
    """Return format, graph, parameters, outputs and problems of a workflow file; blocks, never raises for content."""
    return explain_with_manifest(path, info, trust)[0]


def explain_with_manifest(
    path: Path, info: ObjectInfo | None, trust: Trust | None = None
) -> tuple[dict[str, Any], str]:
    """Return the same, and the text of a manifest to start from; blocks like the above."""
    source = read_source(path)
    workflow = build(source, info, trust)
    return _object(source.format, workflow), starting_manifest(workflow)


def explain_workflow(workflow: Workflow) -> dict[str, Any]:
    """Return the same object for a workflow that was loaded."""
    return _object("api", workflow)


def _object(format_: str, workflow: Workflow) -> dict[str, Any]:
    return {
        "format": format_,
        "graph": dict(workflow.graph),
        "parameters": [_parameter(each) for each in workflow.parameters.values()],
        "outputs": [{"node": each.node, "kind": each.kind.value} for each in workflow.outputs],
        "problems": [_problem(each) for each in workflow.problems],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "targets": [list(target) for target in parameter.targets],
        "type": parameter.type.value,
        "default": parameter.default,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "choices": [choice.value for choice in parameter.choices],
        "required": parameter.required,
        "why": parameter.reason,
    }


def _problem(problem: WorkflowProblem) -> dict[str, Any]:
    return {"severity": problem.severity.value, "text": problem.text, "node": problem.node}


def starting_manifest(workflow: Workflow) -> str:
    """Return a TOML manifest that says what was discovered, to be changed by hand; it is valid as it stands."""
    lines = [f"title = {{ en = {_quoted(str(workflow.title))} }}", "nsfw = false"]
    titles = dict.fromkeys(node_title(workflow.graph, each.node) for each in workflow.outputs)
    if len(titles) > 1:
        lines.append(f"# output = {_quoted(next(iter(titles)))}  # or: {_comment(', '.join(titles))}")
    for parameter in workflow.parameters.values():
        lines += [
            "",
            f"[parameters.{parameter.name}]",
            f"# {parameter.type.value}, found at: {_comment(parameter.reason) or '–'}",
        ]
        if parameter.default is not None:
            lines.append(f"# default = {_quoted(parameter.default)}")
        lines += [
            f"# {key} = {value}"
            for key, value in (("minimum", parameter.minimum), ("maximum", parameter.maximum))
            if value is not None
        ]
    return "\n".join([*lines, ""])


def _quoted(value: object) -> str:
    """Return a value as TOML writes it, on one line."""
    written = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return written.encode(errors="replace").decode()


def _comment(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
